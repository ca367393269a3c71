"""Words of the customer's screens: roles, names, plans, seats."""

from collections.abc import Iterable
from typing import Final

from django import template
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from palier.apps.accounts.models import Member, Role
from palier.apps.catalogue import Plan
from palier.flows.obstacles import Obstacle
from palier.flows.remedy import Solution
from palier.interfaces.portal import promise
from palier.interfaces.ui.charts import Part, gauge, parts_bar
from palier.kit import formats

register = template.Library()

ROLES: Final = {
    Role.OWNER: gettext_lazy("Owner"),
    Role.ADMIN: gettext_lazy("Admin"),
    Role.BILLING_ADMIN: gettext_lazy("Billing admin"),
    Role.MEMBER: gettext_lazy("Member"),
    Role.RESTRICTED_MEMBER: gettext_lazy("Restricted member"),
}

ROLE_WORDS: Final = {
    Role.OWNER: gettext_lazy("Decides about everything: people, plan, payments and the end of the account."),
    Role.ADMIN: gettext_lazy("Invites people and manages their roles and access. Cannot buy."),
    Role.BILLING_ADMIN: gettext_lazy("Buys, changes the plan, and sees cards and invoices."),
    Role.MEMBER: gettext_lazy("Uses the product, and sees the team and the plan."),
    Role.RESTRICTED_MEMBER: gettext_lazy("Uses the product only: no settings, people or billing."),
}


@register.simple_tag
def role_name(role: str) -> str:
    """A role in the reader's language."""
    return str(ROLES[Role(role)])


@register.simple_tag
def role_words(role: str) -> str:
    """What somebody with a role may do."""
    return str(ROLE_WORDS[Role(role)])


@register.simple_tag
def plan_name(plan: Plan) -> str:
    """A plan's name in the reader's language."""
    return plan.name(get_language() or "en")


@register.simple_tag
def users_of(interval: str, seats: int) -> str:
    """``8 annual users``."""
    return promise.users_of(interval, seats)


@register.filter
def names(members: Iterable[Member]) -> str:
    """``Camille Durand, Jean Petit or Ana Ruiz``."""
    return get_text_list([member.user.name for member in members], str(_("or")))


@register.simple_tag
def seats_bar(bought: int, used: int, invited: int) -> SafeString:
    """Seats bought as a bar: used, invited, free."""
    free = max(0, bought - used - invited)
    said = _("%(bought)s bought: %(used)s used, %(invited)s invited, %(free)s free")
    parts = [Part("used", used), Part("invited", invited), Part("unused", free)]
    return parts_bar(parts, said % {"bought": bought, "used": used, "invited": invited, "free": free})


@register.simple_tag
def usage_gauge(used: int, limit: int, label: str) -> SafeString:
    """How much of a limit is used, as a bar that says its figures."""
    language = get_language() or "en"
    figures = {"used": formats.whole_number(used, language), "limit": formats.whole_number(limit, language)}
    return gauge(used, limit, label, _("%(used)s of %(limit)s used") % figures)


@register.simple_tag
def obstacle_text(obstacle: Obstacle) -> str:
    """What stands in the way of a lower plan, in the reader's language."""
    return obstacle.text(get_language() or "en")


@register.simple_tag
def solution_name(solution: Solution) -> str:
    """``Business``, or ``2 × 10,000 more records``."""
    return solution.name(get_language() or "en")
