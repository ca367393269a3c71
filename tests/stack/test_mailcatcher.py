"""The mail catcher keeps what it is sent and shows it, without running anything that came by mail."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from palier_stack import ports
from palier_stack.mailcatcher import MailCatcher


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mails"


@pytest.fixture
def smtp_port() -> int:
    return ports.any_free()


@pytest.fixture
def web(folder: Path, smtp_port: int) -> Iterator[httpx.Client]:
    port = ports.any_free()
    catcher = MailCatcher(folder, smtp_port=smtp_port, web_port=port)
    catcher.start()
    with httpx.Client(base_url=f"http://{ports.LOOPBACK}:{port}", trust_env=False) as client:
        yield client
    catcher.stop()


def send(port: int, *, to: str = "claire@agence.example", subject: str = "Votre reçu", html: str = "") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "billing@palier.example", to, subject
    message.set_content("Merci. Votre plan Team est prêt.")
    if html:
        message.add_alternative(html, subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="F-2026-000001.pdf")
    with smtplib.SMTP(ports.LOOPBACK, port) as smtp:
        smtp.send_message(message, to_addrs=[to, "copie@agence.example"])


def test_a_mail_is_kept_as_it_was_sent(web: httpx.Client, smtp_port: int) -> None:
    send(smtp_port, html="<p>Merci</p>")
    (mail,) = web.get("/api/mails").json()["mails"]
    assert mail["subject"] == "Votre reçu"
    assert mail["to"] == ["claire@agence.example", "copie@agence.example"]
    assert "Votre plan Team est prêt." in mail["text"]
    assert "<p>Merci</p>" in mail["html"]
    assert mail["attachments"] == ["F-2026-000001.pdf"]


def test_mails_are_found_by_recipient_the_newest_first(web: httpx.Client, smtp_port: int) -> None:
    send(smtp_port, subject="One")
    send(smtp_port, to="other@agency.example", subject="Two")
    send(smtp_port, subject="Three")
    found = web.get("/api/mails", params={"to": "Claire@agence.example"}).json()["mails"]
    assert [mail["subject"] for mail in found] == ["Three", "One"]


def test_the_pages_show_the_mail_and_escape_it(web: httpx.Client, smtp_port: int) -> None:
    send(smtp_port, subject="<script>alert(1)</script>", html="<script>alert(2)</script><p>Bonjour</p>")
    inbox = web.get("/")
    assert "&lt;script&gt;alert(1)" in inbox.text
    assert "<script>" not in inbox.text
    (mail,) = web.get("/api/mails").json()["mails"]
    page = web.get(f"/mails/{mail['id']}")
    assert "Votre plan Team est prêt." in page.text
    assert "<script>" not in page.text
    foreign = web.get(f"/mails/{mail['id']}/html")
    assert "default-src 'none'" in foreign.headers["Content-Security-Policy"]
    assert "sandbox" in foreign.headers["Content-Security-Policy"]
    assert web.get(f"/mails/{mail['id']}/attachments/0").content == b"%PDF-1.7"


@pytest.mark.parametrize("path", ["/mails/1", "/mails/../../etc/passwd", "/mails/1/attachments/9", "/nothing"])
def test_what_is_not_there_is_not_found(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code == 404


def test_an_empty_inbox_says_what_will_be_here(web: httpx.Client) -> None:
    assert "No mail yet" in web.get("/").text


def test_mails_outlive_the_catcher_and_can_be_forgotten(web: httpx.Client, smtp_port: int, folder: Path) -> None:
    send(smtp_port)
    assert len(list(folder.glob("*.eml"))) == 1
    web.delete("/api/mails")
    assert web.get("/api/mails").json() == {"mails": []}
