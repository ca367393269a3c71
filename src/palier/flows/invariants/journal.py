"""What is so now is what the last fact about it says: nothing was changed around the journal.

Each question reads the facts of some kinds once, finds the newest about each thing, and compares.
"""

from typing import Final

from palier.apps.accounts.models import Account, Invitation, Member
from palier.apps.orders.models import Order
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import ScheduledChange, Subscription, Trial
from palier.flows.invariants.rule import all_of, rows
from palier.kit import ids


def _named(table: str, prefix: str) -> str:
    """A table with the public id of each row as ``public``."""
    return f"(SELECT *, {ids.in_sql(prefix, 'id')} AS public FROM {table})"  # noqa: S608 - put together from constants


def _newest(kinds: str, about: str) -> str:
    """The newest fact of some kinds about each thing, which ``about`` names."""
    return (
        f"(SELECT DISTINCT ON ({about}) {about} AS public, kind, author, payload, at FROM events_event "  # noqa: S608
        f"WHERE kind IN ({kinds}) ORDER BY {about}, id DESC)"
    )


ROLES_GIVEN: Final = """
SELECT id, payload->>'member' AS name, coalesce(payload->>'after', 'owner') AS role FROM events_event
WHERE kind IN ('account.opened', 'member.joined', 'member.role_changed', 'ownership.transferred')
UNION ALL SELECT id, author, 'admin' FROM events_event WHERE kind = 'ownership.transferred'
"""
"""Each fact that gave somebody a role. Who opens an account or gets it from its owner is its owner."""

_ROLES: Final = rows(f"""
SELECT member.account_id, '{Member.id_prefix}', member.id,
    'is ' || member.role || ', and the last fact about it says ' || coalesce(given.role, 'nothing')
FROM {_named("accounts_member", Member.id_prefix)} member
LEFT JOIN (SELECT DISTINCT ON (name) name AS public, role FROM ({ROLES_GIVEN}) told
    ORDER BY name, id DESC) given USING (public)
WHERE member.role IS DISTINCT FROM given.role
""")  # noqa: S608

_TURNED: Final = _newest("'member.deactivated', 'member.reactivated', 'member.removed'", "payload->>'member'")

_PLACES: Final = rows(f"""
SELECT member.account_id, '{Member.id_prefix}', member.id,
    CASE WHEN member.removed_at IS NOT NULL THEN 'is removed' WHEN member.deactivated_at IS NOT NULL
        THEN 'is deactivated' ELSE 'is active' END || ', and the last fact about it says '
    || coalesce(turned.kind, 'nothing')
FROM {_named("accounts_member", Member.id_prefix)} member
JOIN accounts_account account ON account.id = member.account_id
LEFT JOIN {_TURNED} turned USING (public)
WHERE (member.removed_at IS NOT NULL) <> coalesce(turned.kind = 'member.removed', false)
    OR (member.deactivated_at IS NOT NULL)
        <> (account.closed_at IS NOT NULL OR coalesce(turned.kind <> 'member.reactivated', false))
""")  # noqa: S608

_ACCOUNTS: Final = rows(f"""
SELECT account.id, '{Account.id_prefix}', account.id, 'was closed, or not, as no fact says'
FROM accounts_account account LEFT JOIN {_newest("'account.closed'", "account_id")} told ON told.public = account.id
WHERE account.closed_at IS DISTINCT FROM told.at
UNION ALL
SELECT account.id, '{Account.id_prefix}', account.id, 'was parked, or not, as no fact says'
FROM accounts_account account
LEFT JOIN {_newest("'account.parked', 'account.released'", "account_id")} told ON told.public = account.id
WHERE (account.parked_at IS NOT NULL) <> coalesce(told.kind = 'account.parked', false)
""")  # noqa: S608

_INVITATIONS: Final = rows(
    f"""
SELECT invitation.account_id, '{Invitation.id_prefix}', invitation.id,
    CASE WHEN sent.author IS DISTINCT FROM {ids.in_sql(Member.id_prefix, "invitation.invited_by_id")}
            OR sent.payload->>'after' <> invitation.role THEN 'was sent as no fact says'
        WHEN (invitation.accepted_at IS NULL) <> (joined.public IS NULL) THEN 'was accepted, or not, as no fact says'
        ELSE 'was taken back, or not, as no fact says' END
FROM {_named("accounts_invitation", Invitation.id_prefix)} invitation
JOIN accounts_account account ON account.id = invitation.account_id
LEFT JOIN {_newest("'member.invited'", "payload->>'invitation'")} sent USING (public)
LEFT JOIN {_newest("'member.joined'", "payload->>'invitation'")} joined USING (public)
LEFT JOIN {_newest("'invitation.resent', 'invitation.withdrawn'", "payload->>'invitation'")} ended USING (public)
WHERE sent.author IS DISTINCT FROM {ids.in_sql(Member.id_prefix, "invitation.invited_by_id")}
    OR sent.payload->>'after' <> invitation.role
    OR (invitation.accepted_at IS NULL) <> (joined.public IS NULL)
    OR invitation.expires_at
        <> coalesce(ended.at, least(account.closed_at, invitation.invited_at + %(lifetime)s::interval))
""",  # noqa: S608
    lifetime=Invitation.LIFETIME,
)

_DETAILS_AND_CARDS: Final = rows(f"""
SELECT profile.account_id, '{Account.id_prefix}', profile.account_id, 'has billing details that no fact says'
FROM accounts_billingprofile profile
LEFT JOIN {_newest("'billing_details.saved'", "account_id")} told ON told.public = profile.account_id
WHERE told.at IS DISTINCT FROM profile.saved_at
UNION ALL
SELECT coalesce(card.account_id, told.public), '{Account.id_prefix}', coalesce(card.account_id, told.public),
    'has ' || coalesce(card.public, 'no card') || ' on file, and the last fact says '
    || coalesce(told.payload->>'method', 'nothing')
FROM (SELECT * FROM {_named("payments_paymentmethod", PaymentMethod.id_prefix)} method WHERE is_default) card
FULL JOIN {_newest("'card.kept', 'card.replaced'", "account_id")} told ON told.public = card.account_id
WHERE told.payload->>'method' IS DISTINCT FROM card.public
""")  # noqa: S608

_ORDERS: Final = rows(f"""
SELECT wish.account_id, '{Order.id_prefix}', wish.id, 'was placed as no fact says'
FROM {_named("orders_order", Order.id_prefix)} wish
LEFT JOIN {_newest("'order.placed'", "payload->>'order'")} told USING (public)
WHERE told.author IS DISTINCT FROM {ids.in_sql(Member.id_prefix, "wish.member_id")}
UNION ALL
SELECT trial.account_id, '{Trial.id_prefix}', trial.id, 'was begun by nobody'
FROM {_named("subscriptions_trial", Trial.id_prefix)} trial
LEFT JOIN {_newest("'trial.started'", "payload->>'trial'")} told USING (public) WHERE told.public IS NULL
""")  # noqa: S608

_CHANGES: Final = rows(f"""
SELECT held.account_id, '{ScheduledChange.id_prefix}', change.id,
    CASE WHEN told.public IS NULL THEN 'waits, or waited, and nobody scheduled it'
        ELSE 'is ' || change.state || ', and no fact of that instant says why' END
FROM {_named("subscriptions_scheduledchange", ScheduledChange.id_prefix)} change
JOIN subscriptions_subscription held ON held.id = change.subscription_id
LEFT JOIN {_newest("'change.scheduled', 'cancellation.scheduled'", "payload->>'change'")} told USING (public)
WHERE told.public IS NULL OR change.state <> 'waiting' AND NOT EXISTS (SELECT FROM events_event fact
    WHERE fact.account_id = held.account_id AND (
        fact.kind IN ('change.withdrawn', 'change.scheduled', 'cancellation.scheduled', 'order.settled', 'seats.taken',
            'subscription.renewed') AND fact.at = change.ended_at
        OR fact.kind = 'subscription.ended'
            AND fact.payload->'after' ? {ids.in_sql(Subscription.id_prefix, "held.id")}))
""")  # noqa: S608

_HELD: Final = rows(f"""
WITH told AS (
    SELECT DISTINCT ON (public) public, holds
    FROM events_event, jsonb_each_text(payload->'after') AS each (public, holds)
    WHERE kind IN ('order.settled', 'seats.taken', 'subscription.renewed', 'subscription.ended') AND payload ? 'after'
    ORDER BY public, id DESC),
turned AS (
    SELECT DISTINCT ON (public) public, state
    FROM events_event, jsonb_each_text(payload->'after') AS each (public, state)
    WHERE kind IN ('subscription.past_due', 'subscription.suspended', 'invoice.paid') AND payload ? 'after'
    ORDER BY public, id DESC),
held AS (
    SELECT held.account_id, held.id, {ids.in_sql(Subscription.id_prefix, "held.id")} AS public, held.state,
        CASE WHEN held.state = 'ended' THEN '' ELSE string_agg(CASE item.kind
            WHEN 'plan' THEN item.key || ' ' || held.interval || ' ' || item.quantity
            ELSE ', ' || item.key || ' ' || item.quantity END, '' ORDER BY item.kind <> 'plan', item.key COLLATE "C")
        END AS holds
    FROM subscriptions_subscription held JOIN subscriptions_subscriptionitem item ON item.subscription_id = held.id
    GROUP BY held.id)
SELECT held.account_id, '{Subscription.id_prefix}', held.id, 'holds ' || coalesce(nullif(held.holds, ''), 'nothing')
    || ', and the last fact about it says ' || coalesce(nullif(told.holds, ''), 'nothing')
FROM held LEFT JOIN told USING (public) WHERE told.holds IS DISTINCT FROM held.holds
UNION ALL
SELECT held.account_id, '{Subscription.id_prefix}', held.id,
    'is ' || held.state || ', and the last fact about it says ' || coalesce(turned.state, 'active')
FROM held LEFT JOIN turned USING (public)
WHERE held.state <> 'ended' AND held.state <> coalesce(turned.state, 'active')
""")  # noqa: S608

AS_TOLD: Final = all_of(_ROLES, _PLACES, _ACCOUNTS, _INVITATIONS, _DETAILS_AND_CARDS, _ORDERS, _CHANGES, _HELD)
