"""Which programs make up Palier on one machine, and what each is told."""

import os
import secrets
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from palier_stack import ports
from palier_stack.processes import Program

SECRET_NAMES = (
    "PALIER_SECRET_KEY",
    "PALIER_SANDBOX_SECRET_KEY",
    "PALIER_SANDBOX_WEBHOOK_SECRET",
    "PALIER_API_KEY",
    "PALIER_SNAPSHOT_KEY",
)
WEB, SANDBOX, SMTP, MAIL = 8000, 8010, 1025, 8025


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ports of one stack on 127.0.0.1."""

    web_port: int
    sandbox_port: int
    smtp_port: int
    mail_port: int

    @classmethod
    def free(cls, preferred: Collection[int] = (WEB, SANDBOX, SMTP, MAIL)) -> "Addresses":
        """The preferred ports, or for each the next one that is free."""
        chosen: list[int] = []
        for port in preferred:
            chosen.append(ports.next_free(port, taken=chosen))
        return cls(*chosen)

    @classmethod
    def anywhere(cls) -> "Addresses":
        """Four ports that nobody uses, for tests that run beside a demonstration."""
        chosen: list[int] = []
        while len(chosen) < 4:
            port = ports.any_free()
            if port not in chosen:
                chosen.append(port)
        return cls(*chosen)

    @property
    def web(self) -> str:
        """What to open."""
        return f"http://{ports.LOOPBACK}:{self.web_port}"

    @property
    def sandbox(self) -> str:
        """The payment service."""
        return f"http://{ports.LOOPBACK}:{self.sandbox_port}"

    @property
    def mail(self) -> str:
        """The mails that were caught."""
        return f"http://{ports.LOOPBACK}:{self.mail_port}"


def environment(addresses: Addresses, *, database_url: str, secrets_file: Path) -> dict[str, str]:
    """The settings of the product for one stack. Secrets are made once and kept, readable by us alone."""
    keys = _secrets(secrets_file)
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        **keys,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "palier.config.settings",
        "PALIER_BASE_URL": addresses.web,
        "PALIER_SMTP_URL": f"smtp://{ports.LOOPBACK}:{addresses.smtp_port}",
        "PALIER_GATEWAY": "sandbox",
        "PALIER_SANDBOX_URL": addresses.sandbox,
        "PALIER_SANDBOX_PUBLIC_URL": addresses.sandbox,
        "PYTHONUNBUFFERED": "1",
    }


def programs(addresses: Addresses, settings: Mapping[str, str], folder: Path) -> dict[str, Program]:
    """The four programs by name, in the order of their start; logs and data go under `folder`."""
    logs = folder / "logs"

    def program(name: str, arguments: list[str], ready: Callable[[], bool]) -> Program:
        return Program(
            name, [sys.executable, "-m", *arguments], settings, logs / f"{name.replace(' ', '-')}.log", ready
        )

    mail = ["--smtp-port", str(addresses.smtp_port), "--web-port", str(addresses.mail_port)]
    mail += ["--folder", str(folder / "mails")]
    sandbox = ["--port", str(addresses.sandbox_port), "--data", str(folder / "sandbox")]
    sandbox += ["--public-url", addresses.sandbox, "--webhook-url", f"{addresses.web}/hooks/sandbox/"]
    # One argument each: a secret may begin with a hyphen.
    sandbox += [f"--secret-key={settings['PALIER_SANDBOX_SECRET_KEY']}"]
    sandbox += [f"--webhook-secret={settings['PALIER_SANDBOX_WEBHOOK_SECRET']}"]
    sandbox += [f"--merchant={settings.get('PALIER_HOST_NAME', 'Talentea')}"]
    together = [
        program("mail catcher", ["palier_stack.mailcatcher", *mail], lambda: _answers(f"{addresses.mail}/api/mails")),
        program("payment service", ["palier_sandbox", *sandbox], lambda: ports.accepts(addresses.sandbox_port)),
        program(
            "web server",
            ["palier", "serve", "--port", str(addresses.web_port), "--workers", "1", "--threads", "8"],
            lambda: _answers(f"{addresses.web}/healthz"),
        ),
        # Jobs wait in the database: nobody has to wait for the worker.
        program("worker", ["palier", "worker"], lambda: True),
    ]
    return dict(zip(("mail", "sandbox", "web", "worker"), together, strict=True))


def palier(*arguments: str) -> list[str]:
    """The command line of one `palier` command."""
    return [sys.executable, "-m", "palier", *arguments]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _secrets(file: Path) -> dict[str, str]:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text("".join(f"{name}={secrets.token_urlsafe(32)}\n" for name in SECRET_NAMES))
    pairs = (line.partition("=") for line in file.read_text().splitlines())
    return {name: value for name, _, value in pairs}
