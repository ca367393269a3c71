"""Who is behind a session: the person with their place and account, or of the operator's team, in one query."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Subquery

from palier.apps.accounts.models import User
from palier.apps.subscriptions.models import Subscription, Trial


class MemberBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth carries no types
    """Log-in by e-mail address, as allauth does it; what every page needs to know comes with the person."""

    def get_user(self, user_id: int) -> User | None:
        """The person, with what ``access`` asks about their account's subscriptions."""
        account = OuterRef("member__account")
        of_account = Subscription.objects.filter(account=account)
        states = of_account.alive().values("account").annotate(all=ArrayAgg("state")).values("all")
        people = User.objects.select_related("member__account", "operator").annotate(
            live_states=Subquery(states),
            had_before=Exists(of_account.filter(state="ended")),
            trial_ends_at=Subquery(Trial.objects.filter(account=account).values("ends_at")),
        )
        return people.filter(pk=user_id, is_active=True).first()
