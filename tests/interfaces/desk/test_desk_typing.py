"""POST /desk/conversations/<id>/typing/: the customer sees that somebody answers."""

from django.test import Client

from palier.apps.chat.models import Conversation
from palier.flows.conversations import news
from palier.kit import clock
from tests.interfaces.scenes import Scene


def test_the_customer_sees_who_is_typing(scene: Scene, desk: Client, conversation: Conversation) -> None:
    assert desk.post(f"/desk/conversations/{conversation.public_id}/typing/").status_code == 204
    seen = news.glance(conversation.id, scene.cast.owner.user_id, now=clock.now())
    assert seen is not None
    assert seen.typing == (scene.operator.user.name,)
