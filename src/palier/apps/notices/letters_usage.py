"""Letters about the limits of an account: soon reached, or reached, and what solves it."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from palier.apps.notices.letters import ArticleLink, Letter, help_links


def limit_near(
    language: str,
    *,
    reached: bool,
    things: str,
    used: str,
    limit: str,
    rows: tuple[tuple[str, str], ...],
    url: str,
) -> Letter:
    """A use has passed 80 % of its limit, or all of it. Figures come formatted; ``rows`` say what solves it."""
    told = {"things": things, "used": used, "limit": limit}
    with override(language):
        if reached:
            subject = _("Limit reached: %(things)s (%(used)s of %(limit)s)") % told
            what = _("Your account has used up what your plan allows of this: %(used)s of %(limit)s %(things)s.") % told
            then = _("No more can be added until there is room. What exists stays as it is.")
        else:
            subject = _("Limit soon reached: %(things)s (%(used)s of %(limit)s)") % told
            what = _("Your account has used %(used)s of the %(limit)s %(things)s that your plan allows.") % told
            then = _("At %(limit)s no more can be added. Nothing changes before that.") % told
        solved = (_("This makes room at once. Nothing is bought until you pay."),) if rows else ()
        return Letter(
            kind="limit_reached" if reached else "limit_near",
            language=language,
            subject=subject,
            paragraphs=(what, then, *solved),
            rows=rows,
            button=(_("See what solves it") if rows else _("See your usage"), url),
        )


def remedy_rows(
    language: str, *, what: str, to_pay: str | None, renewal: tuple[str, str] | None
) -> tuple[tuple[str, str], ...]:
    """What solves it, what it costs today and what the next renewal will be: (sum, day). Sums come formatted."""
    with override(language):
        rows = [(_("What solves it"), what)]
        if to_pay is not None:
            rows.append((_("To pay today"), to_pay))
        if renewal is not None:
            rows.append((_("Next renewal"), _("%(total)s on %(day)s") % {"total": renewal[0], "day": renewal[1]}))
        return tuple(rows)


def downgrade_blocked(
    language: str, *, plan: str, until: str, reasons: tuple[str, ...], url: str, article: ArticleLink = None
) -> Letter:
    """A lower plan was due and does not hold what is used: the plan held goes on until a day, which comes formatted."""
    with override(language):
        return Letter(
            kind="downgrade_blocked",
            language=language,
            subject=_("Your move to %(plan)s waits") % {"plan": plan},
            paragraphs=(
                _("Your account was to move to %(plan)s today, but it uses more than %(plan)s allows.")
                % {"plan": plan},
                *reasons,
                _("So your present plan was renewed until %(day)s, and nothing was deleted.") % {"day": until},
                _("Remove this before that day and you move to %(plan)s then.") % {"plan": plan},
            ),
            button=(_("See your usage"), url),
            links=help_links(article),
        )
