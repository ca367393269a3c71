"""Letters: each leaves, and what a customer must be told is told in one letter, which tells of nothing else."""

from typing import Final

from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments.models import Collection, Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows.dun import WITHDRAWN
from palier.flows.invariants.rule import Invariant, all_of, rows
from palier.kit.ids import in_sql

_UNSENT = rows("""
SELECT NULL::bigint, 'mai', mail.id, mail.kind || ' is unsent since ' || mail.written_at
FROM notices_mail mail LEFT JOIN accounts_account account ON account.id = mail.account_id
WHERE mail.sent_at IS NULL AND mail.given_up_at IS NULL AND mail.dropped_at IS NULL
    AND mail.written_at < %(settled_before)s + coalesce(account.clock_ahead, interval '0')
""")

ORDER: Final = in_sql(Order.id_prefix, "id")
INVOICE: Final = in_sql(Invoice.id_prefix, "invoice.id")
PURSUED: Final = in_sql(Invoice.id_prefix, "pursuit.invoice_id")
PURSUIT: Final = in_sql(Collection.id_prefix, "pursuit.id")
PAYMENT: Final = in_sql(Payment.id_prefix, "payment.id")
SUBSCRIPTION: Final = in_sql(Subscription.id_prefix, "subscription.id")

_RECEIPTS = rows(f"""
WITH paid AS (SELECT account_id, 'receipt:' || {ORDER} AS key FROM orders_order WHERE state = 'settled'
    UNION ALL SELECT account_id, 'receipt:' || {INVOICE} FROM invoices_invoice invoice
    WHERE state = 'paid' AND payment_reference <> ''
        AND NOT EXISTS (SELECT FROM orders_order WHERE invoice_id = invoice.id)),
told AS (SELECT account_id, key, count(*) AS letters FROM notices_mail WHERE key LIKE 'receipt:%%' GROUP BY 1, 2)
SELECT account_id, '', split_part(key, ':', 2), CASE WHEN paid IS NULL THEN 'has a receipt and is not paid here'
    ELSE 'is paid and has ' || coalesce(letters, 0) || ' receipts' END
FROM paid FULL JOIN told USING (account_id, key) WHERE paid IS NULL OR letters IS DISTINCT FROM 1
""")  # noqa: S608 - put together from constants

_PURSUITS = rows(
    f"""
WITH steps AS (SELECT pursuit.account_id, 'payment_failed:' || {PAYMENT} AS key,
        pursuit.ended_at IS NULL OR payment.resolved_at < pursuit.ended_at AS must
    FROM payments_payment payment JOIN payments_collection pursuit USING (invoice_id)
    WHERE payment.state = 'failed' AND NOT payment.on_session AND payment.reason <> %(withdrawn)s
    UNION ALL SELECT account_id, 'payment_failed:' || {PURSUIT}, false FROM payments_collection pursuit
    UNION ALL SELECT account_id, 'suspended:' || {PURSUED}, state = 'suspended' FROM payments_collection pursuit
    WHERE state <> 'trying'
    UNION ALL SELECT account_id, 'ended_unpaid:' || {PURSUED}, state IN ('written_off', 'kept')
    FROM payments_collection pursuit WHERE state NOT IN ('trying', 'suspended')),
told AS (SELECT account_id, key, count(*) AS letters FROM notices_mail
    WHERE kind IN ('payment_failed', 'suspended', 'ended_unpaid') GROUP BY 1, 2)
SELECT account_id, '', split_part(key, ':', 2), CASE WHEN steps IS NULL THEN 'was no step of a pursuit, and is told as '
    ELSE 'is told by ' || coalesce(letters, 0) || ' letters as ' END || split_part(key, ':', 1)
FROM steps FULL JOIN told USING (account_id, key) WHERE steps IS NULL OR (must AND letters IS NULL) OR letters > 1
""",  # noqa: S608 - put together from constants
    withdrawn=WITHDRAWN,
)

_NOTICES = rows(f"""
WITH promised AS (
    SELECT subscription.account_id, count(*) AS promises,
        {SUBSCRIPTION} || to_char(promise.period_end AT TIME ZONE 'UTC', ':YYYYMMDD') AS about
    FROM notices_renewalpromise promise JOIN subscriptions_subscription subscription
        ON subscription.id = promise.subscription_id
    GROUP BY 1, 3),
told AS (SELECT account_id, split_part(key, ':', 2) || ':' || split_part(key, ':', 3) AS about, count(*) AS letters
    FROM notices_mail WHERE key LIKE 'renewal_notice:%%' GROUP BY 1, 2)
SELECT account_id, '', split_part(about, ':', 1),
    coalesce(letters, 0) || ' letters announced the renewal, and ' || coalesce(promises, 0) || ' promises are kept'
FROM promised FULL JOIN told USING (account_id, about) WHERE letters IS NULL OR letters > coalesce(promises, 0)
""")  # noqa: S608 - put together from constants

INVARIANTS = (
    Invariant("I25", "Every letter leaves or is given up visibly", _UNSENT),
    Invariant(
        "I26",
        "Each payment has one receipt, each promise of a renewal its notice, each step of a pursuit its letter",
        all_of(_RECEIPTS, _PURSUITS, _NOTICES),
    ),
)
