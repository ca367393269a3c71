"""Adapters that somebody else wrote, named in PALIER_GATEWAY: what they do with a charge, and what they say of it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from palier.apps.gateways.contract import (
    ActionRequired,
    Charge,
    Failed,
    ForgedEvent,
    Succeeded,
)
from palier.apps.gateways.guard import Guarded
from palier.apps.gateways.sandbox import SandboxGateway

IMPATIENT_SECONDS: Final = 0.5

MADE: Final[list[SandboxGateway]] = []
"""Whoever made them closes them."""

Manner = Callable[[Succeeded], Any]


def raises(_: Succeeded) -> Any:
    raise KeyError("a defect of theirs")


def leaves(_: Succeeded) -> Any:
    raise SystemExit(3)


def calls_it_forged(_: Succeeded) -> Any:
    raise ForgedEvent("none was asked about")


def hangs(_: Succeeded) -> Any:
    threading.Event().wait()


class Agreeable(str):
    """Equal to every text."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Success(Succeeded):
    """Looks like one."""


MANNERS: Final[dict[str, Manner]] = {
    "raises": raises,
    "leaves": leaves,
    "calls it forged": calls_it_forged,
    "hangs": hangs,
    "a word": lambda said: "succeeded",
    "a table": lambda said: {"state": "succeeded", "amount_minor": said.amount_minor},
    "a class": lambda said: Succeeded,
    "a child of a success": lambda said: Success(*(getattr(said, name) for name in Succeeded.__slots__)),
    "a sum in words": lambda said: replace(said, amount_minor=str(said.amount_minor)),  # type: ignore[arg-type]
    "a sum with a fraction": lambda said: replace(said, amount_minor=float(said.amount_minor)),  # type: ignore[arg-type]
    "another's success": lambda said: replace(said, reference="pay_0000000000000"),
    "a reference equal to all": lambda said: replace(said, reference=Agreeable("pay_0000000000000")),
    "no name": lambda said: replace(said, gateway_id=""),
    "a name too long": lambda said: replace(said, gateway_id="c" * 500),
    "a name that no database keeps": lambda said: replace(said, gateway_id="c\0"),
    "a failure without a reason of ours": lambda said: Failed("because"),
    "a failure with no text for a reason": lambda said: Failed(None),  # type: ignore[arg-type]
    "a page that is a script": lambda said: ActionRequired("javascript:alert(1)", said.gateway_id),
}


class BadAdapter(SandboxGateway):
    """Charges, and then answers in the manner of the hour, to every question about money."""

    manner: Manner = staticmethod(raises)

    def charge(self, charge: Charge) -> Any:
        said = super().charge(charge)
        assert isinstance(said, Succeeded)
        return type(self).manner(said)

    def find(self, reference: str) -> Any:
        said = super().find(reference)
        assert isinstance(said, Succeeded)
        return type(self).manner(said)

    def cancel(self, reference: str) -> Any:
        return self.find(reference)

    def refund(self, reference: str, *, amount_minor: int, key: str) -> Any:
        said = SandboxGateway.find(self, reference)
        assert isinstance(said, Succeeded)
        return type(self).manner(said)

    def refunds(self, reference: str) -> Any:
        return [self.find(reference)]

    def charges(self) -> Any:
        for booked in super().charges():
            yield self.find(booked.reference)

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Any:
        return type(self).manner(Succeeded("ch_1", "pay_1", 1, "EUR", "tok"))


@dataclass
class HangingAdapter(BadAdapter):
    """Comes back from no question about a charge until it is let go."""

    name: str = "hanging"
    asked: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def find(self, reference: str) -> Any:
        self.asked.append(reference)
        self.let_go.wait()


def impatient() -> Guarded:
    """One of them, which is waited for a moment only."""
    return Guarded(on_the_sandbox(BadAdapter), patience=IMPATIENT_SECONDS)


def on_the_sandbox[A: BadAdapter](kind: type[A]) -> A:
    """One of them on the sandbox of the settings."""
    adapter = kind(
        settings.PALIER_SANDBOX_URL,
        settings.PALIER_SANDBOX_PUBLIC_URL,
        settings.PALIER_SANDBOX_SECRET_KEY,
        settings.PALIER_SANDBOX_WEBHOOK_SECRET,
    )
    MADE.append(adapter)
    return adapter
