"""Letters about an invoice that was issued before it is paid: a renewal, a day's seats. Sums and dates come
formatted."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from palier.apps.notices.letters import ArticleLink, Letter, Part, goes_on, help_links


def confirm(
    language: str, *, invoice: str, total: str, renewed: bool, until: str, url: str, article: ArticleLink = None
) -> Letter:
    """The bank wants the customer to confirm the payment of a renewal, or, where nothing was ``renewed``, of a day's
    seats; whoever has the link may, on any device."""
    with override(language):
        if renewed:
            subject = _("Your bank asks you to confirm the payment of your renewal")
            why = _("Your subscription has been renewed, and your bank asks you to confirm its payment.")
        else:
            subject = _("Your bank asks you to confirm a payment")
            why = _("You added users, and your bank asks you to confirm their payment.")
        return Letter(
            kind="action_required",
            language=language,
            subject=subject,
            paragraphs=(
                why,
                _(
                    "The link works on any device, without logging in. The bank waits until %(day)s, and nothing is "
                    "taken until you confirm."
                )
                % {"day": until},
            ),
            rows=((_("Invoice"), invoice), (_("To confirm"), total)),
            button=(_("Confirm the payment"), url),
            links=help_links(article),
            secret_link=True,
        )


def receipt(
    language: str, *, paid: str, invoice: str, card: str, until: str, ended: bool, changed: str, url: str
) -> Letter:
    """Sent once an invoice that was issued before is paid.

    ``until``: the day the subscription runs to; ``ended``: it is over. ``changed``: why the sum is not the one that was
    announced.
    """
    with override(language):
        goes_on = _("Thank you. Your payment has been received; your subscription runs until %(day)s.")
        is_over = _(
            "Thank you. Your payment has been received; nothing is left to pay for the subscription that ended."
        )
        told = [is_over if ended else goes_on % {"day": until}]
        if changed:
            told.append(changed)
        told.append(_("The invoice is on this page, to read, print or download."))
        return Letter(
            kind="receipt",
            language=language,
            subject=_("Receipt: %(paid)s for your subscription") % {"paid": paid},
            paragraphs=tuple(told),
            rows=((_("Paid"), paid), (_("Invoice"), invoice), (_("Card"), card)),
            button=(_("See the invoice"), url),
        )


def failed(
    language: str,
    *,
    invoice: str,
    total: str,
    reason: str,
    for_good: bool,
    next_try: str,
    access_until: str,
    ends_on: str,
    changed: str,
    url: str,
    article: ArticleLink = None,
) -> Letter:
    """A try failed. ``reason`` is empty where there was no card to try; ``for_good``: the bank never takes this card
    again. ``access_until`` is empty once the account is read-only; ``next_try`` where none follows."""
    with override(language):
        told = [reason or _("There is no card on file to charge.")]
        if access_until:
            told.append(
                _("Nothing was taken, and nothing changes for your team until %(day)s.") % {"day": access_until}
            )
        else:
            told.append(
                _(
                    "Nothing was taken. Your account stays read-only; the subscription ends on %(day)s unless it is "
                    "paid."
                )
                % {"day": ends_on}
            )
        if next_try:
            told.append(_("We try again on %(day)s; with another card it works at once.") % {"day": next_try})
        elif not reason:
            told.append(_("With a card, it is paid at once."))
        elif for_good:
            told.append(_("We do not try this card again: with another card, it is paid at once."))
        else:
            told.append(_("We do not try this card again by ourselves: pay with another card, or with this one, now."))
        if changed:
            told.append(changed)
        return Letter(
            kind="payment_failed",
            language=language,
            subject=_("Your payment of %(total)s did not go through") % {"total": total},
            paragraphs=tuple(told),
            rows=((_("Invoice"), invoice), (_("To pay"), total)),
            button=(_("Pay now"), url),
            links=help_links(article),
        )


def suspended(
    language: str, *, invoice: str, total: str, ends_on: str, url: str, article: ArticleLink = None
) -> Letter:
    """Grace is over."""
    with override(language):
        return Letter(
            kind="suspended",
            language=language,
            subject=_("Your account is read-only until %(total)s is paid") % {"total": total},
            paragraphs=(
                _("Everything stays readable and can be exported; nothing is deleted."),
                _("Once the invoice is paid, your team works on at once. Without it the subscription ends on %(day)s.")
                % {"day": ends_on},
            ),
            rows=((_("Invoice"), invoice), (_("To pay"), total)),
            button=(_("Pay now"), url),
            links=help_links(article),
        )


def ended_unpaid(
    language: str,
    *,
    invoice: str,
    total: str,
    day: str,
    kept: bool,
    rest: Part | None,
    url: str,
    article: ArticleLink = None,
) -> Letter:
    """The pursuit is over. ``kept``: the debt stays open; otherwise nobody asks for it any more. ``rest``: what goes on
    in mixed billing."""
    with override(language):
        subject, told = _all_ended(day, kept) if rest is None else _a_part_ended(day, kept, rest)
        return Letter(
            kind="ended_unpaid",
            language=language,
            subject=subject,
            paragraphs=told,
            rows=((_("Invoice"), invoice), (_("Not paid"), total)),
            button=(_("Pay now") if kept else _("See the invoice"), url),
            links=help_links(article),
        )


def _all_ended(day: str, kept: bool) -> tuple[str, tuple[str, ...]]:
    return _("Your subscription has ended"), (
        _("The invoice was not paid, so the subscription ended on %(day)s.") % {"day": day},
        _("The invoice stays open: once it is paid, you can choose a plan again.")
        if kept
        else _("We do not try to charge it any more. You can choose a plan again at any time."),
        _("Your data stays readable and can be exported; your invoices stay here too."),
    )


def _a_part_ended(day: str, kept: bool, rest: Part) -> tuple[str, tuple[str, ...]]:
    return _("A part of your subscription has ended"), (
        _("The invoice was not paid, so the part of your subscription that it is for ended on %(day)s.") % {"day": day},
        _("The invoice stays open: until it is paid, nothing can be bought or changed.")
        if kept
        else _("We do not try to charge it any more."),
        goes_on(rest),
    )
