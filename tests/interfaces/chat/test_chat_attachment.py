"""GET /chat/attachments/<att>/: a file, for those who may read the conversation, and only as a download."""

from palier.apps.chat.models import Attachment
from palier.flows.conversations.attachments import Upload
from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene

PAGE = b"<!doctype html><script>alert(1)</script>"


def test_it_is_a_download_that_no_browser_runs(scene: Scene, client_of: ClientOf) -> None:
    talks.asked(scene.cast.member, files=[Upload('page"\r\nX-Evil: 1.txt', PAGE)])
    path = f"/chat/attachments/{Attachment.objects.get().public_id}/"
    answer = client_of(scene.cast.member).get(path)
    assert answer.content == PAGE
    headers = answer.headers
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Disposition"].startswith("attachment; filename")
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"
    assert "X-Evil" not in headers


def test_only_those_of_the_conversation_get_it(scene: Scene, client_of: ClientOf) -> None:
    talks.asked(scene.cast.member, files=[Upload("a.txt", b"a")])
    path = f"/chat/attachments/{Attachment.objects.get().public_id}/"
    seen = {name: client_of(member).get(path).status_code for name, member in scene.everybody().items()}
    wanted = {"owner": 200, "billing_admin": 200, "admin": 404, "member": 200, "stranger": 404, "nobody": 302}
    assert seen == wanted
