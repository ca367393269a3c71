"""Which roles a person may give: never the owner's, and the right to buy only where the plan has custom roles."""

from datetime import datetime
from typing import Final

from palier.apps.accounts.models import Account, Member, Role
from palier.flows.facts import Facts, facts_of
from palier.flows.obstacles import ROLES
from palier.flows.people.members_refusals import OnlyOwnerGivesBilling, RoleNeedsPlan, RoleUnknown

EVERYWHERE: Final = (Role.ADMIN, Role.MEMBER, Role.RESTRICTED_MEMBER)


def to_give(facts: Facts, giver: Member, *, now: datetime) -> list[Role]:
    """What somebody may make of another person, in the order in which it is offered."""
    if not giver.may_manage:
        return []
    billing = giver.role == Role.OWNER and has_custom_roles(facts, now=now)
    return [Role.ADMIN, *([Role.BILLING_ADMIN] if billing else []), Role.MEMBER, Role.RESTRICTED_MEMBER]


def check(account: Account, giver: Member, role: str, *, now: datetime) -> Role:
    """The role, if ``giver`` may give it."""
    if role in EVERYWHERE:
        return Role(role)
    if role != Role.BILLING_ADMIN:
        raise RoleUnknown
    if giver.role != Role.OWNER:
        raise OnlyOwnerGivesBilling
    if not has_custom_roles(facts_of(account, now=now), now=now):
        raise RoleNeedsPlan
    return Role(role)


def has_custom_roles(facts: Facts, *, now: datetime) -> bool:
    """Whether the plan that the account has now, or tries, allows any."""
    catalogue = facts.catalogue
    plan = catalogue.free_plan
    if facts.held:
        plan = catalogue.plan(facts.held[0].current.state.plan.price.key)
    elif trial := facts.tries(now):
        plan = catalogue.plan(trial.plan)
    return plan.limits.get(ROLES, 0) != 0
