"""GET and POST /desk/answers/<id>/: one canned answer anew, or one less."""

from django.test import Client

from palier.apps.chat.models import CannedAnswer
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


def test_an_answer_is_written_anew_and_removed(scene: Scene, desk: Client) -> None:
    path = f"/desk/answers/{scene.canned_answer.public_id}/"
    assert Page(desk.get(path)).says("Only the days left are charged.")
    renewed = {"name": "Days", "language": "en", "text": "By the day.", "action": "save"}
    assert Page(desk.post(path, renewed, follow=True)).says("By the day.")
    refused = Page(desk.post(path, {**renewed, "name": ""}))
    assert (refused.status, CannedAnswer.objects.get().name) == (422, "Days")
    assert Page(desk.post(path, {"action": "remove"}, follow=True)).says("The answer is removed.")
    assert not CannedAnswer.objects.exists()
