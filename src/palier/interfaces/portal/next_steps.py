"""What happens next to an unpaid invoice: the list, its own page, the card's page and the overview say the same."""

from django.utils.translation import gettext as _

from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Collection
from palier.interfaces.ui.templatetags.ui import long_day


def next_steps(invoice: Invoice) -> tuple[str, ...]:
    """What happens next to an unpaid invoice, in sentences; nothing for others."""
    if invoice.state == "uncollectible":
        return (_("It is not charged any more. You can still pay it."),)
    if invoice.state != "open":
        return ()
    pursuit: Collection | None = getattr(invoice, "collection", None)
    if pursuit is None:
        return (_("Its payment is under way."),)
    if pursuit.state == "kept":
        return (_("The subscription has ended. The invoice is still to be paid."),)
    said = []
    if pursuit.next_try_at is not None:
        said.append(_("The next try is on %(day)s.") % {"day": long_day(pursuit.next_try_at)})
    if pursuit.state == "suspended":
        said.append(
            _("The account is read-only; the subscription ends on %(day)s.") % {"day": long_day(pursuit.gives_up_at)}
        )
    else:
        said.append(_("Your team has access until %(day)s.") % {"day": long_day(pursuit.grace_ends_at)})
    return tuple(said)
