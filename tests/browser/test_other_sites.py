"""A page of another origin that a customer opens while logged in: it cannot frame our pages, nor press our buttons.

It stands at another port of the same address, so that browsers send it our cookie: nothing but our answers protects.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Registrar


class EvilSite:
    """Serves one page."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.server = server
        self.page = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def evil() -> Iterator[EvilSite]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site.page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = EvilSite(server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_page_with_pay_is_not_shown_in_a_frame_of_another_site(
    visit: Visit, registrar: Registrar, evil: EvilSite
) -> None:
    visitor = visit(registrar.open(details=True).owner)
    visitor.checkout()
    checkout = visitor.page.url
    evil.page = f'<h1>Win a prize</h1><iframe src="{checkout}" title="prize"></iframe>'
    visitor.page.goto(evil.url)
    expect(visitor.heading("Win a prize")).to_be_visible()
    framed = visitor.page.frame_locator("iframe")
    expect(framed.get_by_text(visitor.words.checkout)).to_have_count(0)
    frame = visitor.page.frames[1]
    frame.wait_for_load_state()
    assert not frame.url.startswith(checkout), "the browser has shown an error of its own instead"
    assert any("frame" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def test_a_form_of_another_site_presses_nothing(visit: Visit, registrar: Registrar, evil: EvilSite) -> None:
    visitor = visit(registrar.open(details=True).owner)
    visitor.checkout()
    checkout = visitor.page.url
    evil.page = (
        f'<form method="post" action="{checkout}"><input name="terms" value="on"><input name="card" value="new">'
        "<button>Win a prize</button></form>"
    )
    visitor.page.goto(evil.url)
    with visitor.page.expect_navigation() as navigated:
        visitor.button("Win a prize").click()
    assert navigated.value.status == 403
    visitor.page.goto(checkout)
    expect(visitor.heading(visitor.words.checkout)).to_be_visible()
    assert visitor.sum_to_pay, "the order waits as before: nothing was bought"
