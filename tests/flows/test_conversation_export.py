"""What was said is part of the account's export, without notes; closing the account leaves it as it is."""

import csv
import hashlib
import io
import zipfile

from palier.apps.accounts.models import Operator
from palier.apps.chat.models import Attachment, Conversation, Message
from palier.flows import close
from palier.flows.conversations import converse
from palier.flows.conversations.attachments import Upload
from palier.flows.exports import export
from tests import world
from tests.flows.conversations import answered, noted, of_the_team, written
from tests.world import NOON, Cast


def archive_of(cast: Cast) -> zipfile.ZipFile:
    written = io.BytesIO()
    export.of_account(cast.account, cast.owner, written, now=NOON)
    return zipfile.ZipFile(written)


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_export_holds_what_was_said_and_no_note(cast: Cast) -> None:
    operator = of_the_team()
    conversation = written(cast.member, "=1+1", files=(Upload("a.txt", b"A"), Upload("b.txt", b"B"))).conversation
    noted(operator, conversation, "A secret note")
    answered(operator, conversation, "Two\nlines")
    converse.solve(conversation, now=NOON)
    converse.satisfied(cast.member, conversation, True, "Thanks", now=NOON)
    written(cast.stranger, "Of another account")

    archive = archive_of(cast)
    (told,) = rows(archive, "conversations")
    assert (told["id"], told["member"], told["state"]) == (conversation.public_id, cast.member.public_id, "closed")
    assert (told["satisfied"], told["satisfied_word"]) == ("true", "Thanks")
    asked, answer = rows(archive, "messages")
    assert (asked["text"], asked["member"], asked["team"]) == ("'=1+1", cast.member.public_id, "")
    assert [part.split(" ")[0] for part in asked["attachments"].split("; ")] == ["a.txt", "b.txt"]
    assert [(row["name"], row["message"]) for row in rows(archive, "attachments")] == [
        ("a.txt", asked["id"]),
        ("b.txt", asked["id"]),
    ]
    assert (answer["text"], answer["member"], answer["team"]) == ("Two\nlines", "", "Tess Team")
    told_all = b"".join(archive.read(name) for name in archive.namelist())
    assert b"secret" not in told_all
    assert b"Of another" not in told_all


def test_the_files_of_conversations_are_in_it_under_the_names_of_their_downloads(cast: Cast) -> None:
    sent = (
        Upload("../plan.txt", b"A"),
        Upload("plan.txt", b"B"),
        Upload("é" * 300 + ".txt", b"C"),
        Upload("=1.csv", b"D"),
    )
    conversation = written(cast.member, files=sent).conversation
    answered(of_the_team(), conversation, files=(Upload("answer.txt", b"E"),))
    noted_with_a_file(of_the_team("Nora Note"), conversation)
    written(cast.stranger, files=(Upload("foreign.txt", b"F"),))

    archive = archive_of(cast)
    found = [name for name in archive.namelist() if name.startswith("conversations/")]
    told = rows(archive, "attachments")
    assert [row["file"] for row in told] == found
    assert [archive.read(name) for name in found] == [b"A", b"B", b"C", b"D", b"E"]
    assert [row["sha256"] for row in told] == [hashlib.sha256(archive.read(name)).hexdigest() for name in found]
    for name, row in zip(found, told, strict=True):
        folder, of_which, file = name.split("/")
        assert (folder, of_which) == ("conversations", conversation.public_id)
        assert file.startswith(f"{row['id']}-")
        assert len(file.encode()) <= 255
    assert found[0].endswith("-plan.txt")
    assert found[3].endswith("-=1.csv")
    assert told[3]["name"] == "'=1.csv"


def noted_with_a_file(operator: Operator, conversation: Conversation) -> None:
    """No way leads there today; the export keeps what the team says to itself, also if one does."""
    Attachment.objects.create(
        message=noted(operator, conversation), name="n.txt", content_type="text/plain", size=1, sha256="0", content=b"N"
    )


def test_closing_the_account_leaves_what_was_said(cast: Cast) -> None:
    conversation = written(cast.member).conversation
    close.account(cast.account, cast.owner, cast.account.name, now=NOON)
    answered(of_the_team(), conversation, "Farewell")
    assert Message.objects.filter(conversation=conversation).count() == 2
    assert Conversation.objects.get().account == world.fresh(cast.account)
