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
from palier.interfaces.ui.charts import Part, parts_bar

register = template.Library()

ROLES: Final = {
    Role.OWNER: gettext_lazy("Owner"),
    Role.ADMIN: gettext_lazy("Admin"),
    Role.BILLING_ADMIN: gettext_lazy("Billing admin"),
    Role.MEMBER: gettext_lazy("Member"),
}


@register.simple_tag
def role_name(role: str) -> str:
    """A role in the reader's language."""
    return str(ROLES[Role(role)])


@register.simple_tag
def plan_name(plan: Plan) -> str:
    """A plan's name in the reader's language."""
    return plan.name(get_language() or "en")


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
