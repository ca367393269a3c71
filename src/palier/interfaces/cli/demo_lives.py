"""What the people of the demonstration have done so far, by the flows that screens call. Needs ``django.setup()``."""

from datetime import datetime, timedelta
from typing import Final

import httpx
from django.conf import settings

from palier.apps.accounts.models import Account, Member
from palier.apps.catalogue import current
from palier.apps.orders.models import Quote
from palier.flows import card, details, order, quote, seats, travel, usage
from palier.flows.change import Choice
from palier.flows.order import Evidence

GOOD_CARD: Final = "4242 4242 4242 4242"
POOR_CARD: Final = "4000 0000 0000 9995"
NEW_CARD: Final = "5555 5555 5555 4444"
MONTH: Final = timedelta(days=31)


class Customer:
    """An owner at work. ``present`` is when their account began to live; its clock says what time it is for them."""

    def __init__(self, member_id: int, *, present: datetime) -> None:
        self.owner = Member.objects.select_related("account", "user").get(pk=member_id)
        self.present = present

    @property
    def account(self) -> Account:
        return Account.objects.get(pk=self.owner.account_id)

    @property
    def now(self) -> datetime:
        return self.present + self.account.clock_ahead

    @property
    def has_bought(self) -> bool:
        """At an earlier start."""
        return self.account.subscriptions.exists()

    def says_who_pays(self, billing: dict[str, str]) -> None:
        details.save(self.account, self.owner, billing, now=self.now)

    def buys(self, plan: str, users: int, *, with_card: str = "") -> None:
        """Monthly: quoted, accepted, paid with a card that is typed or the one on file."""
        promise = quote.make(self.account, self.owner, Choice(plan, "month", users), now=self.now)
        if with_card:
            _type(with_card, order.card_reference(promise, self.owner))
        self._accepts(promise, "new" if with_card else "saved")

    def replaces_card(self, number: str) -> None:
        _type(number, card.reference(self.owner))
        card.replace(self.account, self.owner, now=self.now)
        travel.settle(self.account, now=self.now)

    def reduces_to(self, users: int) -> None:
        seats.reduce(self.account, self.owner, users, interval="month", now=self.now)

    def uses(self, **used: int) -> None:
        """What the host product reports, by the key of each limit."""
        for key, number in used.items():
            usage.report(self.account, key, number, now=self.now)

    def lives_on(self, time: timedelta) -> None:
        """Everything due on the way happens."""
        journey = travel.travel(self.account, self.now + time, now=self.present)
        if journey.state != "arrived":
            raise RuntimeError(f"{self.account} did not arrive: {journey.stopped_by}")

    def _accepts(self, promise: Quote, how: str) -> None:
        terms, language = current().terms, self.owner.user.language
        evidence = Evidence(
            terms_version=terms.version,
            terms_sha256=terms.sha256(language),
            button_text="Pay",
            language=language,
            address="192.0.2.14",
            browser="palier demo-data",
        )
        order.place(promise, member=self.owner, card=how, evidence=evidence, now=self.now)
        travel.settle(self.account, now=self.now)


def fourteen_months(customer: Customer) -> None:
    """Team, more users, Business, a card that fails and is replaced, fewer users from the next renewal on."""
    customer.buys("team", 4, with_card=GOOD_CARD)
    customer.lives_on(2 * MONTH)
    customer.buys("team", 6)
    customer.lives_on(2 * MONTH)
    customer.buys("business", 6)
    customer.lives_on(3 * MONTH)
    customer.replaces_card(POOR_CARD)
    customer.lives_on(MONTH)
    customer.replaces_card(NEW_CARD)
    customer.lives_on(3 * MONTH)
    customer.buys("business", 8)
    customer.uses(records=141_800, custom_fields=38, sequences=6, teams=2, roles=1)
    customer.lives_on(3 * MONTH)
    customer.uses(records=163_400, custom_fields=42, sequences=7, teams=3, roles=2)
    customer.reduces_to(5)


def _type(number: str, reference: str) -> None:
    """Fill in and send the payment service's own form, as a browser without scripts does."""
    url = card.fields_url(reference, language="en", parent_origin=settings.BASE_URL)
    typed = {"number": number, "expiry": "12 / 34", "code": "123"}
    answer = httpx.post(url, data=typed, follow_redirects=False, trust_env=False, timeout=10)
    if not answer.is_redirect:
        raise RuntimeError(f"the card fields answered {answer.status_code}")
