"""Letters about time: what renews and what for, what ends, a card that ends first. Sums and dates come formatted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from palier.apps.notices.letters import Letter, Part, goes_on


@dataclass(frozen=True, slots=True)
class Announced:
    """A renewal to come: the day, the exact sum with its tax, what it is for and from which card."""

    day: str
    total: str
    tax: str
    plan: str
    seats: int
    period: str
    add_ons: tuple[tuple[str, str], ...]
    card: str
    last_day: str
    zone: str


def renewal_notice(language: str, renewal: Announced, *, card_expires: str, change_url: str, cancel_url: str) -> Letter:
    """Some weeks or days before a year renews. ``card_expires`` is empty where the card lasts until then."""
    with override(language):
        told = [
            _("Your %(plan)s subscription renews on %(day)s. The sum below is what will be charged then, to the cent.")
            % {"plan": renewal.plan, "day": renewal.day},
            _(
                "Until %(day)s at midnight (%(zone)s) you can change the number of users or the plan, or cancel and "
                "pay nothing."
            )
            % {"day": renewal.last_day, "zone": renewal.zone},
        ]
        if card_expires:
            told.append(
                _("Your card expires before that, in %(month)s. Replace it, so that the payment goes through.")
                % {"month": card_expires}
            )
        rows = [
            (_("Renewal on"), renewal.day),
            (_("To be charged"), renewal.total),
            (_("Of which VAT"), renewal.tax),
            (_("Plan"), renewal.plan),
            (_("Users"), str(renewal.seats)),
            *renewal.add_ons,
            (_("Period"), renewal.period),
            (_("Card"), renewal.card or _("none on file")),
            (_("Change or cancel until"), renewal.last_day),
        ]
        return Letter(
            kind="renewal_notice",
            language=language,
            subject=_("Your subscription renews on %(day)s for %(total)s")
            % {"day": renewal.day, "total": renewal.total},
            paragraphs=tuple(told),
            rows=tuple(rows),
            button=(_("Change users or plan"), change_url),
            links=((_("Cancel the subscription"), cancel_url),),
        )


def difference(language: str, *, announced: str, told_on: str, changes: Sequence[tuple[str, str, str]]) -> str:
    """Why a renewal's sum is not the one of the last notice: each change as (what, before, now); none is the tax."""
    with override(language):
        said = _("We had announced %(total)s on %(day)s.") % {"total": announced, "day": told_on}
        if not changes:
            return f"{said} {_('Since then the VAT that applies to you has changed.')}"
        parts = ", ".join(
            _("%(what)s: %(before)s, now %(now)s") % {"what": what, "before": before, "now": now}
            for what, before, now in changes
        )
        return f"{said} {_('Since then: %(changes)s.') % {'changes': parts}}"


def users_word(language: str) -> str:
    """What the number of seats is called."""
    with override(language):
        return _("users")


def price_word(language: str) -> str:
    """What the price of a unit is called."""
    with override(language):
        return _("price")


def plan_word(language: str) -> str:
    """What the plan is called."""
    with override(language):
        return _("plan")


def card_expires(language: str, *, card: str, month: str, renewal: str, url: str) -> Letter:
    """The card on file ends soon. ``renewal``: the day of the next charge."""
    with override(language):
        return Letter(
            kind="card_expires",
            language=language,
            subject=_("Your card expires at the end of %(month)s") % {"month": month},
            paragraphs=(
                _("%(card)s pays your subscription and expires at the end of %(month)s.")
                % {"card": card, "month": month},
                _("The next charge is on %(day)s. Enter the new card before, and nothing is interrupted.")
                % {"day": renewal},
            ),
            rows=((_("Card"), card), (_("Next renewal"), renewal)),
            button=(_("Replace the card"), url),
        )


def cancellation_confirmed(
    language: str, *, plan: str, ending: Sequence[Part], rest: Part | None, until: str, url: str
) -> Letter:
    """The subscription will end, or in mixed billing one part of it while the ``rest`` goes on; it can be withdrawn.
    ``until``: the last day of what ends."""
    with override(language):
        subject, told = _all_ends(plan, ending, until) if rest is None else _a_part_ends(ending[0], rest, until)
        return Letter(
            kind="cancellation_confirmed",
            language=language,
            subject=subject,
            paragraphs=told,
            rows=((_("Plan"), plan), (_("Access until"), until)),
            button=(_("See or withdraw the cancellation"), url),
        )


def _all_ends(plan: str, ending: Sequence[Part], until: str) -> tuple[str, tuple[str, ...]]:
    if ending[1:]:
        parts = ", ".join(each.words for each in ending)
        charged = _("Nothing will be charged any more. Your users stay until their own end: %(parts)s.") % {
            "parts": parts
        }
    else:
        charged = _("Nothing will be charged any more. Until %(day)s your team works on as before.") % {"day": until}
    return _("Your cancellation is confirmed: %(plan)s ends on %(day)s") % {"plan": plan, "day": until}, (
        charged,
        _("Until then you can withdraw the cancellation. Afterwards your data stays readable, to export."),
    )


def _a_part_ends(part: Part, rest: Part, until: str) -> tuple[str, tuple[str, ...]]:
    named = {"day": until, "users": part.users}
    return _("Your cancellation is confirmed: %(users)s, until %(day)s") % named, (
        _(
            "A part of your subscription ends on %(day)s: %(users)s. Nothing will be charged for it any more, "
            "and until then you can withdraw the cancellation."
        )
        % named,
        goes_on(rest),
    )


def cancellation_withdrawn(language: str, *, plan: str, back: Part, alone: bool, url: str) -> Letter:
    """The subscription goes on after all; ``alone``: it is the only one."""
    with override(language):
        whole = _("%(plan)s goes on as before and renews on %(day)s.") % {"plan": plan, "day": back.day}
        part = _("%(plan)s goes on as before: %(part)s.") % {"plan": plan, "part": back.words}
        return Letter(
            kind="cancellation_withdrawn",
            language=language,
            subject=_("Your subscription goes on: the cancellation is withdrawn"),
            paragraphs=(whole if alone else part,),
            button=(_("Plans & billing"), url),
        )


def ended(language: str, *, plan: str, over: Part, rest: Part | None, url: str) -> Letter:
    """A canceled subscription has reached its end; in mixed billing the ``rest`` goes on."""
    with override(language):
        if rest is not None:
            return Letter(
                kind="ended",
                language=language,
                subject=_("A part of your subscription has ended"),
                paragraphs=(
                    _(
                        "As you asked, a part of your subscription ended on %(day)s: %(users)s. Nothing will be "
                        "charged for it any more."
                    )
                    % {"day": over.day, "users": over.users},
                    goes_on(rest),
                ),
                button=(_("Plans & billing"), url),
            )
        return Letter(
            kind="ended",
            language=language,
            subject=_("Your subscription has ended"),
            paragraphs=(
                _("As you asked, %(plan)s ended on %(day)s. Nothing will be charged any more.")
                % {"plan": plan, "day": over.day},
                _("Your data is read-only and stays yours: you can export it, and your invoices, at any time."),
                _("You can come back whenever you like: choose a plan, and everything is where you left it."),
            ),
            button=(_("Export your data or come back"), url),
        )


def trial_started(language: str, *, plan: str, days: int, ends_on: str, url: str) -> Letter:
    """A paid plan to try, without a card."""
    with override(language):
        return Letter(
            kind="trial_started",
            language=language,
            subject=ngettext(
                "You are trying %(plan)s for %(days)s day", "You are trying %(plan)s for %(days)s days", days
            )
            % {"plan": plan, "days": days},
            paragraphs=(
                _("Everything in %(plan)s is open until %(day)s. No card is on file, so nothing can be charged.")
                % {"plan": plan, "day": ends_on},
                _("Afterwards your account becomes read-only until you choose a plan; nothing is deleted."),
            ),
            button=(_("Open your account"), url),
        )


def trial_ends_soon(language: str, *, plan: str, ends_on: str, url: str) -> Letter:
    """Some days before a trial's end."""
    with override(language):
        return Letter(
            kind="trial_ends_soon",
            language=language,
            subject=_("Your trial of %(plan)s ends on %(day)s") % {"plan": plan, "day": ends_on},
            paragraphs=(
                _("To go on working without a break, choose a plan before. Nothing is charged unless you do."),
                _("Otherwise your account becomes read-only; everything stays, and can be exported."),
            ),
            button=(_("Choose a plan"), url),
        )


def trial_ended(language: str, *, plan: str, url: str) -> Letter:
    """A trial is over."""
    with override(language):
        return Letter(
            kind="trial_ended",
            language=language,
            subject=_("Your trial of %(plan)s is over") % {"plan": plan},
            paragraphs=(
                _("Nothing was charged. Your account is read-only now; everything is still there and can be exported."),
                _("Choose a plan, and your team works on where it stopped."),
            ),
            button=(_("Choose a plan"), url),
        )
