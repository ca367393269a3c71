"""The two web pages of the mail catcher. Everything that came in by mail is escaped."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d9d9d2, #3a3d40); --ink: light-dark(#1d2426, #e8e8e2);
  --soft: light-dark(#5d6669, #a3aaac); --paper: light-dark(#fbfbf8, #16191a); --accent: light-dark(#0b5c5c, #7fc8c4); }
body { margin: 0 auto; padding: 24px; max-width: 60rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
a { color: var(--accent); } h1 { font-size: 25px; font-weight: 600; }
ul { list-style: none; padding: 0; border-top: 1px solid var(--line); }
li { padding: 12px 0; border-bottom: 1px solid var(--line); } .soft { color: var(--soft); font-size: 14px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 8px;
  padding: 16px; }
iframe { width: 100%; height: 60vh; border: 1px solid var(--line); border-radius: 8px; background: white; }
"""


def inbox(rows: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """All mails, the newest first."""
    items = "".join(
        f'<li><a href="/mails/{name}">{escape(mail["subject"]) or "(no subject)"}</a>'
        f'<div class="soft">{escape(", ".join(mail["to"]))} · {arrival(name)}</div></li>'
        for name, mail in rows
    )
    empty = "<p>No mail yet. What Palier sends appears here; nothing leaves this machine.</p>"
    return _page("Mails", f"<h1>Mails</h1>{f'<ul>{items}</ul>' if items else empty}")


def mail(mail: dict[str, Any]) -> str:
    """One mail: its page in a locked frame, its text, its attachments."""
    name = mail["id"]
    attachments = "".join(
        f'<li><a href="/mails/{name}/attachments/{place}">{escape(title) or "attachment"}</a></li>'
        for place, title in enumerate(mail["attachments"])
    )
    return _page(
        mail["subject"],
        f'<p><a href="/">All mails</a></p><h1>{escape(mail["subject"])}</h1>'
        f'<p class="soft">{escape(mail["from"])} → {escape(", ".join(mail["to"]))} · {arrival(name)}</p>'
        + (
            f'<iframe title="The mail" sandbox="allow-popups" src="/mails/{name}/html"></iframe>'
            if mail["html"]
            else ""
        )
        + (f"<ul>{attachments}</ul>" if attachments else "")
        + f"<h2>Text</h2><pre>{escape(mail['text'])}</pre>",
    )


def arrival(name: str) -> str:
    """When a mail came in, from its name."""
    return datetime.fromtimestamp(int(name.split("-")[0]) / 1_000_000_000, UTC).strftime("%d %b %Y %H:%M:%S UTC")


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{content}</main></body></html>"
    )
