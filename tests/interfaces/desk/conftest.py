"""The team at its desk."""

import pytest
from django.test import Client

from palier.apps.chat.models import Conversation, Message
from palier.flows.conversations import converse
from palier.flows.conversations.attachments import Upload
from palier.flows.conversations.converse import Context
from palier.kit import clock
from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene


@pytest.fixture
def desk(scene: Scene, client_of: ClientOf) -> Client:
    """The browser of one of the team."""
    return client_of(scene.operator)


@pytest.fixture
def conversation(scene: Scene) -> Conversation:
    """The owner's question about a line of the quote, with everything that can be looked at."""
    context = Context(
        screen=f"/checkout/{scene.quote.public_id}/",
        quote=scene.quote.public_id,
        order=scene.order.public_id,
        invoice=scene.invoice.public_id,
        line=1,
        refusal_code="quote.expired",
    )
    file = Upload("question.txt", b"Why this amount?")
    return says(scene, None, "Why is this line prorated?", context, file).conversation


def says(
    scene: Scene, conversation: Conversation | None, text: str, context: Context | None = None, *files: Upload
) -> Message:
    """The owner writes."""
    return converse.write(
        scene.cast.owner,
        text,
        conversation=conversation,
        context=context or Context(),
        files=files,
        key=f"key-{Message.objects.count()}",
        language="en",
        now=clock.now(),
    )
