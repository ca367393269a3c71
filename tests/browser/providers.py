"""A stand-in for each provider of a chat: a script that behaves towards the page as the real one does, at its address.

What the page says to it is kept in ``window.heard``. Nothing leaves this machine: whatever a page asks of another host
is answered here, after the browser's own policy has let it go.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, Route

from tests.live_stack import until

ELSEWHERE: Final = "https://elsewhere.example"
"""A host that no policy names."""

CHATWOOT: Final = """
window.heard = []
const note = (name) => (...words) => window.heard.push([name, ...words])
window.chatwootSDK = { run({ websiteToken, baseUrl }) {
  const sheet = document.createElement("style")
  sheet.textContent = ".woot-widget-bubble { position: fixed; right: 20px }"
  document.body.append(sheet)
  const frame = document.createElement("iframe")
  frame.id = "chatwoot_live_chat_widget"
  frame.title = "Chatwoot"
  frame.src = `${baseUrl}/widget?website_token=${websiteToken}`
  frame.setAttribute("style", "height: 100% !important")
  window.$chatwoot = { setUser: note("setUser"), setCustomAttributes: note("setCustomAttributes"),
    toggle: note("toggle"), reset: note("reset") }
  frame.addEventListener("load", () => {
    fetch(`${baseUrl}/audio/widget/ding.mp3`, { mode: "no-cors" })
    window.dispatchEvent(new Event("chatwoot:ready"))
    window.ready = true
  })
  document.body.append(frame)
} }
"""
CRISP: Final = """
window.heard = window.$crisp.slice()
window.heard.push(["token", window.CRISP_TOKEN_ID || ""], ["site", window.CRISP_WEBSITE_ID])
window.$crisp = { push: (words) => window.heard.push(words) }
const sheet = document.createElement("style")
sheet.textContent = ".crisp-client { position: fixed }"
document.head.append(sheet)
const linked = Object.assign(document.createElement("link"), { rel: "stylesheet" })
linked.href = "https://client.crisp.chat/static/stylesheets/client.css"
linked.addEventListener("load", () => { window.ready = true })
document.head.append(linked)
"""
INTERCOM: Final = """
window.heard = window.Intercom.q.slice()
window.Intercom = (...words) => window.heard.push(words)
const sheet = document.createElement("style")
sheet.textContent = ".intercom-lightweight-app { position: fixed }"
document.head.append(sheet)
const rest = document.createElement("script")
rest.src = "https://js.intercomcdn.com/frame-modern.js"
rest.addEventListener("load", () => { window.ready = true })
document.head.append(rest)
"""
SCRIPTS: Final = {
    "/packs/js/sdk.js": CHATWOOT,
    "/l.js": CRISP,
    "/widget/abc12345": INTERCOM,
}
KINDS: Final = {"script": "text/javascript", "stylesheet": "text/css", "document": "text/html"}

WATCH: Final = """
window.violations = []
addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`))
"""
ASK: Final = """
async ([directive, source]) => {
  const put = (tag, values) => document.body.append(Object.assign(document.createElement(tag), values))
  const asks = {
    "script-src": () => put("script", { src: source + "/probe.js" }),
    "style-src": () => source === "'unsafe-inline'"
      ? put("style", { textContent: "#content { --probed: 1 }" })
      : put("link", { rel: "stylesheet", href: source + "/probe.css" }),
    "font-src": () => new FontFace("probe", `url(${source}/probe.woff2)`).load().catch(() => {}),
    "img-src": () => put("img", { alt: "", src: source === "blob:"
      ? URL.createObjectURL(new Blob(["<svg/>"], { type: "image/svg+xml" })) : source + "/probe.png" }),
    "media-src": () => put("audio", { preload: "auto", src: source + "/probe.mp3" }),
    "frame-src": () => put("iframe", { title: "probe", src: source + "/probe" }),
    "worker-src": () => source === "blob:"
      ? new Worker(URL.createObjectURL(new Blob(["postMessage(1)"]))) : new Worker(source + "/probe.js"),
    "connect-src": () => source.startsWith("wss:")
      ? new WebSocket(source + "/probe") : fetch(source + "/probe", { mode: "no-cors" }).catch(() => {}),
  }
  try { asks[directive]() } catch {}
}
"""
ASKED: Final = frozenset(
    {"script-src", "style-src", "font-src", "img-src", "media-src", "frame-src", "worker-src", "connect-src"}
)
"""The directives that a page can be made to try without leaving it."""


@dataclass
class Hosts:
    """Every host of the world, as one browser context finds them. ``seen``: the origin and path of each request."""

    context: BrowserContext
    reachable: bool = True
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(WATCH)
        self.context.route(lambda url: urlsplit(url).hostname != "127.0.0.1", self._answer)

    def _answer(self, route: Route, request: Request) -> None:
        address = urlsplit(request.url)
        self.seen.append(f"{address.scheme}://{address.netloc}{address.path}")
        if not self.reachable:
            return route.abort()
        kind = KINDS.get(request.resource_type, "application/octet-stream")
        return route.fulfill(
            status=200,
            body=SCRIPTS.get(address.path, "") if request.resource_type == "script" else "",
            content_type=kind,
            headers={"Access-Control-Allow-Origin": "*"},
        )

    def asked(self, origin: str) -> bool:
        """Whether any request went to an origin."""
        return any(each.startswith(f"{origin}/") for each in self.seen)


def soon(page: Page, met: Callable[[], Any], what: str) -> None:
    """Waits for a condition while the page's requests are answered; the page's policy forbids to wait inside it."""
    until(lambda: page.evaluate("1") and met(), what)


def violations(page: Page) -> set[str]:
    """What the page's policy held back: the directive and the origin, or the kind of thing."""
    found: list[str] = page.evaluate("window.violations")
    return set(found)


def heard(page: Page) -> list[Any]:
    """What the page said to the provider's script."""
    soon(page, lambda: page.evaluate("window.ready === true"), "the provider's script")
    said: list[Any] = json.loads(page.evaluate("JSON.stringify(window.heard)"))
    return said
