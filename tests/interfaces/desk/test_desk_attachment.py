"""GET /desk/attachments/<id>/: a customer's file, to be kept and never opened in the place of a page."""

from django.test import Client

from palier.apps.chat.models import Conversation
from tests.interfaces.handed_out import assert_only_kept
from tests.interfaces.scenes import Scene


def test_a_file_is_handed_out_as_it_came(scene: Scene, desk: Client, conversation: Conversation) -> None:
    answer = desk.get(f"/desk/attachments/{scene.attachment.public_id}/")
    assert answer.content == b"Why this amount?"
    assert_only_kept(answer, kind="text/plain; charset=utf-8", name="question.txt")
    assert "no-store" in answer["Cache-Control"]
