"""Saving who is invoiced: a fact where something changed, and none where the same was sent again."""

from datetime import timedelta

from palier.apps.accounts.models import BillingProfile
from palier.apps.events.models import Event
from palier.flows import details
from tests import world
from tests.world import NOON, Cast

LATER = NOON + timedelta(hours=1)


def saved(cast: Cast) -> int:
    return Event.objects.filter(account_id=cast.account.id, kind="billing_details.saved").count()


def test_the_same_details_sent_again_are_no_fact(cast: Cast) -> None:
    details.save(cast.account, cast.owner, world.DETAILS, now=NOON)
    kept = details.save(cast.account, cast.billing_admin, world.DETAILS, now=LATER)
    assert (saved(cast), kept.saved_at) == (1, NOON)
    assert BillingProfile.objects.get() == kept


def test_other_details_are_kept_with_a_fact_of_theirs(cast: Cast) -> None:
    details.save(cast.account, cast.owner, world.DETAILS, now=NOON)
    details.save(cast.account, cast.owner, {**world.DETAILS, "po_number": "7"}, now=LATER)
    profile = BillingProfile.objects.get()
    assert (saved(cast), profile.po_number, profile.saved_at) == (2, "7", LATER)
