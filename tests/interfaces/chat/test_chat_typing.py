"""POST /chat/<cnv>/typing/: the reader is typing."""

from palier.apps.chat.models import Participant
from palier.flows.conversations import news
from palier.kit import clock
from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene


def test_the_team_sees_it_and_nobody_else_may_say_it(scene: Scene, client_of: ClientOf) -> None:
    conversation = talks.asked(scene.cast.member).conversation
    path = f"/chat/{conversation.public_id}/typing/"
    for name, status in (("admin", 404), ("stranger", 404), ("nobody", 302)):
        assert client_of(scene.everybody()[name]).post(path).status_code == status
    assert not Participant.objects.exclude(user=scene.cast.member.user).exists()
    answer = client_of(scene.cast.member).post(path)
    assert (answer.status_code, answer.content) == (204, b"")
    seen = news.glance(conversation.id, scene.operator.user_id, now=clock.now())
    assert seen is not None
    assert seen.typing == (scene.cast.member.user.name,)
