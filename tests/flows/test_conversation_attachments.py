"""Files of a message: known by their content, stored as they were sent, under names that are safe."""

import hashlib
import io
import struct
import unicodedata
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from palier.apps.chat.models import LARGEST_ATTACHMENT, Attachment, Message
from palier.flows import doctor
from palier.flows.conversations import attachments
from palier.flows.conversations.attachments import (
    LARGEST_TEXT,
    BrokenImage,
    CardNumberInFile,
    EmptyFile,
    FileTooLarge,
    TooManyFiles,
    UnsafeType,
    Upload,
)
from palier.kit import card_numbers, clock
from palier.kit.refusals import Refusal
from tests.flows.by_hand import by_hand
from tests.flows.conversations import answered, of_the_team, written
from tests.world import Cast

TEXT = Upload("a.txt", b"Plain.")


def image(kind: str) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (8, 6), "#0b5c5e").save(into, kind)
    return into.getvalue()


def of_a_telephone() -> bytes:
    """A JPEG with a small one behind it."""
    written = io.BytesIO()
    small = Image.new("RGB", (20, 15), "blue")
    Image.new("RGB", (40, 30), "red").save(written, "MPO", save_all=True, append_images=[small])
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """A few bytes that say to be so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0" * 1000)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("name", "content", "kept_name", "content_type"),
    [
        ("screen.png", image("PNG"), "screen.png", "image/png"),
        ("Photo.JPEG", image("JPEG"), "Photo.jpeg", "image/jpeg"),
        ("IMG_0001.JPG", of_a_telephone(), "IMG_0001.jpg", "image/jpeg"),
        ("moving.gif", image("GIF"), "moving.gif", "image/gif"),
        ("page.html", image("WEBP"), "page.html.webp", "image/webp"),
        ("invoice.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "invoice.pdf", "application/pdf"),
        ("run.exe", "Ça marche à 100 %\r\n\tvite".encode(), "run.exe.txt", "text/plain"),
        ("evil.html", b"<script>alert(1)</script>", "evil.html.txt", "text/plain"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg.txt", "text/plain"),
        ("people.csv", b"\xef\xbb\xbfname;users\nTeam;5\n", "people.csv", "text/csv"),
        ("numbers.txt", b"95.00\t1140.00\n4242\n4242\n4242\n4242\n", "numbers.txt", "text/plain"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_what_its_content_says_and_stored_as_it_was_sent(
    cast: Cast, name: str, content: bytes, kept_name: str, content_type: str
) -> None:
    message = written(cast.member, "", files=(Upload(name, content),))
    kept = Attachment.objects.get(message=message)
    assert (kept.name, kept.content_type, kept.size) == (kept_name, content_type, len(content))
    assert bytes(kept.content) == content
    assert kept.sha256 == hashlib.sha256(content).hexdigest()


def test_a_table_of_a_spreadsheet_is_kept_so_that_everybody_can_read_it(cast: Cast) -> None:
    table = "Prénom;Montant\r\nZoé;5 €\r\n"
    written(cast.member, "", files=(Upload("membres.CSV", table.encode("cp1252")),))
    kept = Attachment.objects.get()
    assert (kept.content_type, bytes(kept.content).decode("utf-8-sig")) == ("text/csv", table)
    card = "Prénom;Carte\r\nZoé;4242 4242 4242 4242\r\n".encode("cp1252")
    with pytest.raises(CardNumberInFile):
        written(cast.member, "", files=(Upload("cartes.csv", card),))


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ((TEXT,) * 6, TooManyFiles),
        ((TEXT, Upload("nothing.png", b"")), EmptyFile),
        ((Upload("large.pdf", b"%PDF-" + b"x" * (LARGEST_ATTACHMENT - 4)),), FileTooLarge),
        ((Upload("large.txt", b"x" * (LARGEST_TEXT + 1)),), FileTooLarge),
        ((Upload("a.zip", b"PK\x03\x04\x14\x00\x08\x08"),), UnsafeType),
        ((Upload("a.txt", b"MZ\x90\x00\x03"),), UnsafeType),
        ((Upload("a.txt", "Ça".encode("latin-1")),), UnsafeType),
        ((Upload("a.csv", b"\x81\x8d\x8f"),), UnsafeType),
        ((Upload("a.csv", b"\xe9\x00\x01"),), UnsafeType),
        ((Upload("a.txt", b"NUL \x00 within"),), UnsafeType),
        ((Upload("a.txt", b"\x1b[2J a terminal"),), UnsafeType),
        ((Upload("a.txt", "UTF-16".encode("utf-16")),), UnsafeType),
        ((Upload("a.bmp", image("BMP")),), UnsafeType),
        ((Upload("a.pdf", b" %PDF-1.7\xff"),), UnsafeType),
        ((Upload("a.png", image("PNG")[:40]),), BrokenImage),
        ((Upload("a.png", image("PNG").replace(b"IDAT", b"IDAX")),), BrokenImage),
        ((Upload("a.jpg", b"\xff\xd8\xff\xe0 and then a story"),), BrokenImage),
        ((Upload("a.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 "),), BrokenImage),
        ((Upload("a.gif", b"GIF89a"),), BrokenImage),
        ((Upload("bomb.png", png_of(20_000, 20_000)),), BrokenImage),
        ((Upload("bomb.png", png_of(8_000, 8_000)),), BrokenImage),
        ((Upload("cards.txt", b"Mine is 4242 4242 4242 4242, yours?"),), CardNumberInFile),
        ((Upload("cards.csv", b"name;card\nA;5555-5555-5555-4444\n"),), CardNumberInFile),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_is_written(
    cast: Cast, files: tuple[Upload, ...], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        written(cast.member, "See the file", files=files)
    assert not Message.objects.exists()


def test_the_team_sends_files_under_the_same_rules(cast: Cast) -> None:
    operator, conversation = of_the_team(), written(cast.member).conversation
    answered(operator, conversation, "", files=(Upload("how.pdf", b"%PDF-1.7"),))
    with pytest.raises(UnsafeType):
        answered(operator, conversation, files=(Upload("how.zip", b"PK\x03\x04\xff"),))
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\Users\\Odile\\note.txt", "note.txt"),
        ("", "file.txt"),
        (".txt", "txt.txt"),
        ("...", "file.txt"),
        ("fac\u202etxt.exe", "factxt.exe.txt"),
        ('a"b<c>|d?.txt', "a_b_c__d_.txt"),
        ("line\r\nSet-Cookie: a.txt", "lineSet-Cookie_ a.txt"),
        ("4242424242424242.txt", "••••••••••••4242.txt"),
        ("Reçu n° 5 – été.TXT", "Reçu n° 5 – été.txt"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_names_are_safe_to_show_and_to_save(typed: str, kept: str) -> None:
    assert attachments.safe_name(typed, "text/plain") == kept


@given(st.text(max_size=300), st.sampled_from(sorted(Attachment.TYPES)))
def test_no_name_is_unsafe(typed: str, content_type: str) -> None:
    name = attachments.safe_name(typed, content_type)
    assert 0 < len(name) <= 120
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(letter)[0] != "C" for letter in name)
    assert not name.startswith(".")
    assert attachments.safe_name(name, content_type) == name


@given(st.binary(max_size=200), st.text(max_size=20))
def test_whatever_is_sent_is_kept_or_refused(content: bytes, name: str) -> None:
    for head in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"%PDF-"):
        try:
            (kept,) = attachments.check([Upload(name, head + content)])
            said = kept.content_type
        except Refusal as refused:
            said = refused.code
        assert said in Attachment.TYPES or said.startswith("chat.attachment_")


def test_the_examination_reads_files_of_text(cast: Cast) -> None:
    """None gets so far by a screen; somebody with all rights may have put one there."""
    written(cast.owner, files=(TEXT,))
    assert "I27" not in broken()
    by_hand("UPDATE chat_attachment SET content = 'Pay with 4242 4242 4242 4242.', size = 29")
    assert "I27" in broken()


def test_the_key_of_a_message_is_no_card(cast: Cast) -> None:
    """One that looks like a card's number is kept as its digest, whose digits may look like one again."""
    written(cast.owner, key="384333731594400563")
    assert card_numbers.mask(Message.objects.get().key)[1]
    assert "I27" not in broken()


def broken() -> set[str]:
    return {breach.code for breach in doctor.examine(now=clock.now(), with_the_gateway=False).breaches}
