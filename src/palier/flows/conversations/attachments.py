"""Files that come with a message: of a safe type by their content, not by what they are called."""

import hashlib
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from PIL import Image

from palier.apps.chat.models import LARGEST_ATTACHMENT, Attachment, Message
from palier.kit import card_numbers
from palier.kit.refusals import Refusal
from palier.kit.typed import visible

MOST_FILES: Final = 5
"""Files of one message."""

LARGEST_TEXT: Final = 1024 * 1024
"""Bytes of a text, which is searched for card numbers: five times as many would take seconds."""

MOST_PIXELS: Final = 50_000_000
"""Pixels of an image: more than any camera's or screen's, less than what fills a reader's memory."""

LONGEST_NAME: Final = 120

_IMAGES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_SEVERAL_JPEG: Final = "MPO"
"""What Pillow calls a JPEG with a second picture behind the first, as telephones write them (CIPA DC-007)."""

_ENDINGS: Final = {"image/jpeg": ("jpg", "jpeg"), "text/plain": ("txt", "log", "md")}
"""What a name may end with besides ``Attachment.TYPES``; any other gets the ending of its type."""

_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_CELLS: Final = re.compile(r"[\t\r\n;,]")


class TooManyFiles(Refusal):
    code = "chat.attachment_too_many"
    en = "A message takes {most} files at most. Nothing was sent; please send the others in a second message."
    fr = (
        "Un message accepte {most} fichiers au plus. Rien n’a été envoyé\u202f; joignez les autres à un second message."
    )
    field = "files"


class FileTooLarge(Refusal):
    code = "chat.attachment_too_large"
    en = "{name} is larger than {most} MB. Nothing was sent; please send a smaller one."
    fr = "{name} dépasse {most} Mo. Rien n’a été envoyé\u202f; envoyez un fichier plus petit."
    field = "files"


class EmptyFile(Refusal):
    code = "chat.attachment_empty"
    en = "{name} is empty. Nothing was sent; please choose the file again."
    fr = "{name} est vide. Rien n’a été envoyé\u202f; choisissez de nouveau le fichier."
    field = "files"


class UnsafeType(Refusal):
    code = "chat.attachment_type"
    en = "{name} is none of the types that can be sent: PNG, JPEG, GIF, WebP, PDF, text and CSV. Nothing was sent."
    fr = (
        "{name} n’est d’aucun des types que l’on peut envoyer\u202f: PNG, JPEG, GIF, WebP, PDF, texte et CSV. Rien n’a "
        "été envoyé."
    )
    field = "files"


class BrokenImage(Refusal):
    code = "chat.attachment_image"
    en = "{name} cannot be read as an image, or has too many pixels. Nothing was sent; please save it anew or smaller."
    fr = (
        "{name} n’est pas lisible comme image, ou compte trop de pixels. Rien n’a été envoyé\u202f; enregistrez-la de "
        "nouveau ou en plus petit."
    )
    field = "files"


class CardNumberInFile(Refusal):
    code = "chat.attachment_card_number"
    en = "{name} seems to hold a card number. Nothing was sent, and nobody needs it: please take it out."
    fr = "{name} semble contenir un numéro de carte. Rien n’a été envoyé, et personne n’en a besoin\u202f: retirez-le."
    field = "files"


class Sent(Protocol):
    """A file of a form that was not read yet; ``name`` is the sender's word."""

    name: str | None

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its name and content are the sender's word."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept, with its type by its content and a name that is safe to show and to save."""

    name: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read(files: Sequence[Sent]) -> list[Upload]:
    """What was sent with a form. No more of it is read than shows that it is too much or too large."""
    return [Upload(file.name or "", file.read(LARGEST_ATTACHMENT + 1)) for file in files[: MOST_FILES + 1]]


def check(files: Sequence[Upload]) -> list[Checked]:
    """Those files as they may be kept, or a refusal. Reads and computes; writes nothing."""
    if len(files) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    return [_checked(file) for file in files]


def keep(message: Message, files: Sequence[Checked]) -> None:
    """Store the files of a message, in the caller's transaction."""
    for file in files:
        Attachment.objects.create(
            message=message,
            name=file.name,
            content_type=file.content_type,
            size=len(file.content),
            sha256=file.sha256,
            content=file.content,
        )


def safe_name(name: str, content_type: str) -> str:
    """The name without folders, card numbers and anything that does not show, and with an ending of its type."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = re.sub(r'[<>:"|?*]', "_", " ".join(visible(last).split())).strip(". ")
    shown, _masked = card_numbers.mask(shown)
    stem, dot, ending = shown.rpartition(".")
    endings = _ENDINGS.get(content_type, (Attachment.TYPES[content_type],))
    if not dot or ending.lower() not in endings:
        stem, ending = shown, endings[0]
    stem = stem[: LONGEST_NAME - len(ending) - 1].strip(". ")
    return f"{stem or 'file'}.{ending.lower()}"


def names_a_card(text: str) -> bool:
    """Whether a cell of a file of text holds a card's number."""
    return any(card_numbers.mask(cell)[1] for cell in _CELLS.split(text))


def _checked(file: Upload) -> Checked:
    said = safe_name(file.name, "text/plain").removesuffix(".txt")
    if not file.content:
        raise EmptyFile(name=said)
    if len(file.content) > LARGEST_ATTACHMENT:
        raise FileTooLarge(name=said, most=LARGEST_ATTACHMENT // 1024**2)
    content_type, content = _image(file.content, said) or _document(file.content), file.content
    if content_type is None:
        content_type, content = _text(file, said)
    return Checked(safe_name(file.name, content_type), content_type, content)


def _image(content: bytes, said: str) -> str | None:
    """The type of an image, whose head and checksums are right; None for what is no image of these kinds."""
    if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")) and not (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    ):
        return None
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_IMAGES)) as image:
            kind, (width, height) = image.format, image.size
            image.verify()
    except Exception as broken:  # what a parser says to a file made to break it is anybody's guess
        raise BrokenImage(name=said) from broken
    if width * height > MOST_PIXELS or kind is None:
        raise BrokenImage(name=said)
    return _IMAGES["JPEG" if kind == _SEVERAL_JPEG else kind]


def _document(content: bytes) -> str | None:
    return "application/pdf" if content.startswith(b"%PDF-") else None


def _text(file: Upload, said: str) -> tuple[str, bytes]:
    """Plain text or CSV, whichever the name says, in UTF-8; anything that is not text is refused."""
    table, content = file.name.lower().endswith(".csv"), file.content
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as binary:
        text = _of_a_spreadsheet(content) if table else ""
        if not text:
            raise UnsafeType(name=said) from binary
        content = text.encode("utf-8-sig")
    if _UNREADABLE.search(text):
        raise UnsafeType(name=said)
    if len(file.content) > LARGEST_TEXT:
        raise FileTooLarge(name=said, most=LARGEST_TEXT // 1024**2)
    if names_a_card(text):
        raise CardNumberInFile(name=said)
    return "text/csv" if table else "text/plain", content


def _of_a_spreadsheet(content: bytes) -> str:
    """A table as Excel saves it in Western Europe where nobody chooses UTF-8; "" for what is none."""
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return ""
