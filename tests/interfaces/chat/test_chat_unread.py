"""GET /chat/unread/: what the launcher says while the panel is closed."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene


def test_how_many_conversations_have_something_new(scene: Scene, client_of: ClientOf) -> None:
    conversation = talks.asked(scene.cast.member).conversation
    client = client_of(scene.cast.member, language="fr")
    answer = client.get("/chat/unread/")
    assert answer.json()["count"] == 0
    assert answer.headers["X-Chat"] == "unread"
    talks.answered(scene.operator, conversation)
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/chat/unread/").json() == {"count": 1, "words": "1 nouvelle réponse"}
    assert len(captured) <= 3
    for name in ("owner", "admin", "stranger"):
        assert client_of(scene.everybody()[name]).get("/chat/unread/").json()["count"] == 0
    client.get(f"/chat/{conversation.public_id}/")
    assert client.get("/chat/unread/").json()["count"] == 0
