"""Many accounts that are one click away from paying: copies of one that was made by the product's own flows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Model

from palier.apps.accounts.models import BillingProfile, Member, User
from palier.apps.orders.models import Quote
from palier.apps.payments.models import PaymentMethod
from palier.kit import ids
from tests import world

APART = 10_000_000
"""Between the identities of one table's rows and the next one's."""


@dataclass(slots=True)
class Buyers:
    """Rows n of every table belong together: identity = first + n. Every buyer is handed out once."""

    count: int
    users: int
    accounts: int
    members: int
    cards: int
    quotes: int
    taken: int = 0

    def next(self, count: int) -> range:
        """The places of some that were not handed out yet."""
        if self.taken + count > self.count:
            raise ValueError("too few buyers were seeded")
        self.taken += count
        return range(self.taken - count, self.taken)

    def next_quotes(self, count: int) -> range:
        """The same by their quotes."""
        places = self.next(count)
        return range(self.quotes + places.start, self.quotes + places.stop)

    def identities(self, place: int) -> set[int]:
        """Of the rows of one of them."""
        return {first + place for first in (self.accounts, self.members, self.cards, self.quotes)}


def cast(now: datetime) -> world.Cast:
    """A published catalogue, and the account that all others are copies of."""
    world.publish(now=now)
    people = world.cast(now=now)
    world.quoted(people.owner, "team", "month", 8, now=now)
    PaymentMethod.objects.create(
        account=people.account,
        gateway="sandbox",
        token="card_of_the_bench",  # noqa: S106 - names a card, opens nothing
        brand="visa",
        last4="4242",
        expiry_month=12,
        expiry_year=2034,
        is_default=True,
        added_at=now,
    )
    return people


def buyers(people: world.Cast, count: int) -> Buyers:
    """So many free accounts, each with an owner, billing details, a card and an open quote."""
    first = ids.new_id()
    last_user = User.objects.order_by("id").last()
    users = (last_user.id if last_user else 0) + 1
    made = Buyers(count, users, *(first + place * APART for place in range(4)))
    _copy(people.owner.user, count, lambda n: {"id": made.users + n, "email": f"buyer{n}-{first}@lumiere.example"})
    _copy(people.account, count, lambda n: {"id": made.accounts + n})
    _copy(
        people.owner,
        count,
        lambda n: {"id": made.members + n, "account_id": made.accounts + n, "user_id": made.users + n},
    )
    _copy(BillingProfile.objects.get(account=people.account), count, lambda n: {"account_id": made.accounts + n})
    card = PaymentMethod.objects.get(account=people.account)
    _copy(card, count, lambda n: {"id": made.cards + n, "account_id": made.accounts + n})
    quote = Quote.objects.get(account=people.account)
    _copy(
        quote,
        count,
        lambda n: {"id": made.quotes + n, "account_id": made.accounts + n, "member_id": made.members + n},
    )
    with connection.cursor() as cursor:  # whom the product makes from now on comes after them
        cursor.execute("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), max(id)) FROM accounts_user")
    return made


def member(made: Buyers, place: int) -> Member:
    """The owner of one of them."""
    return Member.objects.select_related("account", "user").get(pk=made.members + place)


def _copy(row: Model, count: int, changes: Callable[[int], dict[str, object]]) -> None:
    kind = type(row)
    values = {field.attname: getattr(row, field.attname) for field in kind._meta.concrete_fields}
    kind._default_manager.bulk_create((kind(**values | changes(n)) for n in range(count)), batch_size=1000)
