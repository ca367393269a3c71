"""The keeper of translations sees what the code asks for, in Python and in templates, and every way to get it wrong."""

import gettext
from pathlib import Path

import pytest

from tools import messages

VIEW = """
from django.utils.translation import gettext as _, ngettext, pgettext

def title(n):
    return _("Invoices"), ngettext("%(n)s user", "%(n)s users", n) % {"n": n}, pgettext("verb", "Order")
"""
PAGE = """{% load i18n %}
<h1>{% translate "Plans" %}</h1>
    {% blocktranslate with name=member.name trimmed %}
        Hello {{ name }}, it's you
    {% endblocktranslate %}
"""
FRENCH = {
    "Invoices": ("Factures",),
    "%(n)s user": ("%(n)s utilisateur", "%(n)s utilisateurs"),
    "Order": ("Commander",),
    "Plans": ("Plans",),
    "Hello %(name)s, it's you": ("Bonjour %(name)s",),
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A package with one view and one template, fully translated."""
    package = tmp_path / "shop" / "interfaces" / "portal"
    (package / "templates").mkdir(parents=True)
    (package / "views.py").write_text(VIEW)
    (package / "templates" / "plans.html").write_text(PAGE)
    messages.update(tmp_path)
    translate(tmp_path, FRENCH)
    return tmp_path


def po(sources: Path) -> Path:
    (found,) = messages.po_files(sources)
    return found


def translate(sources: Path, french: dict[str, tuple[str, ...]]) -> None:
    lines = []
    msgid = ""
    for line in po(sources).read_text().splitlines():
        if line.startswith("msgid "):
            msgid = line[7:-1]
        if msgid in french and line == 'msgstr ""':
            line = f'msgstr "{french[msgid][0]}"'
        for place in (0, 1):
            if msgid in french and line == f'msgstr[{place}] ""':
                line = f'msgstr[{place}] "{french[msgid][place]}"'
        lines.append(line)
    po(sources).write_text("\n".join(lines) + "\n")


def test_a_complete_translation_passes(sources: Path) -> None:
    assert messages.check(sources) == []


def test_compiled_messages_are_what_django_reads(sources: Path) -> None:
    messages.compile_all(sources)
    with po(sources).with_suffix(".mo").open("rb") as file:
        french = gettext.GNUTranslations(file)
    assert french.gettext("Plans") == "Plans"
    assert french.gettext("Hello %(name)s, it's you") == "Bonjour %(name)s"
    assert french.ngettext("%(n)s user", "%(n)s users", 2) == "%(n)s utilisateurs"
    assert french.ngettext("%(n)s user", "%(n)s users", 0) == "%(n)s utilisateur"
    assert french.pgettext("verb", "Order") == "Commander"


def test_updating_keeps_translations_and_changes_nothing_twice(sources: Path) -> None:
    before = po(sources).read_text()
    messages.update(sources)
    assert po(sources).read_text() == before


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ('msgstr "Factures"', 'msgstr ""', "is not translated"),
        ('msgid "Invoices"', '#, fuzzy\nmsgid "Invoices"', "fuzzy"),
        ('msgid "Invoices"', 'msgid "Bills"', "is missing"),
        ('msgid "Invoices"', 'msgid "Bills"', "no longer in the code"),
        ('msgstr "Bonjour %(name)s"', 'msgstr "Bonjour %(nom)s"', "other placeholders"),
        ('msgstr "Bonjour %(name)s"', 'msgstr "Bonjour"', "other placeholders"),
        ('msgstr[1] "%(n)s utilisateurs"', 'msgstr[1] ""', "is not translated"),
        ('msgstr "Factures"', 'msgstr "Factures : ici"', "U+202F"),
        ('msgstr "Factures"', 'msgstr "Factures!"', "U+202F"),
    ],
)
def test_every_mistake_is_seen(sources: Path, old: str, new: str, mistake: str) -> None:
    text = po(sources).read_text()
    assert old in text
    po(sources).write_text(text.replace(old, new))
    assert any(mistake in found for found in messages.check(sources))


def test_updating_sets_the_spaces_of_french_punctuation(sources: Path) -> None:
    text = po(sources).read_text()
    po(sources).write_text(text.replace('msgstr "Factures"', 'msgstr "« Factures » : payées ; dues ! Où?"'))
    messages.update(sources)
    narrow = "\u202f"
    assert f'"«{narrow}Factures{narrow}»{narrow}: payées{narrow}; dues{narrow}! Où{narrow}?"' in po(sources).read_text()
    assert messages.check(sources) == []


def test_an_obsolete_message_is_seen(sources: Path) -> None:
    po(sources).write_text(po(sources).read_text() + '\n#~ msgid "Gone"\n#~ msgstr "Parti"\n')
    assert any("obsolete" in found for found in messages.check(sources))


def test_a_package_without_any_french_is_seen(sources: Path) -> None:
    other = sources / "shop" / "interfaces" / "api"
    other.mkdir()
    (other / "views.py").write_text('from django.utils.translation import gettext\ntitle = gettext("Keys")\n')
    assert any("'Keys' is missing" in found for found in messages.check(sources))
