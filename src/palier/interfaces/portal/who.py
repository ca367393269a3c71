"""Who is behind a session: the person with their place and account, in one query."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, OuterRef

from palier.apps.accounts.models import User
from palier.apps.subscriptions.models import Subscription


class MemberBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth carries no types
    """Log-in by e-mail address, as allauth does it; what every page needs to know comes with the person."""

    def get_user(self, user_id: int) -> User | None:
        """The person; ``is_paying`` is False while their account is on the free plan."""
        subscribed = Subscription.objects.filter(account=OuterRef("member__account"), state="active")
        people = User.objects.select_related("member__account").annotate(is_paying=Exists(subscribed))
        return people.filter(pk=user_id, is_active=True).first()
