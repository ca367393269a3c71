"""Every refusal has a code of its own and says the same in both languages."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import palier
from palier.apps.gateways.reasons import REASONS
from palier.apps.help import library
from palier.kit.refusals import Refusal
from tools.messages import unbound_punctuation

CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def refusals() -> list[type[Refusal]]:
    """All of them, from every module of the product."""
    for module in pkgutil.walk_packages(palier.__path__, "palier."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(_below(Refusal), key=lambda found: (found.__module__, found.__qualname__))


def _below(parent: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in parent.__subclasses__():
        is_family = bool(child.__subclasses__()) and not hasattr(child, "code")
        if child.__module__.startswith("palier.") and not is_family:
            yield child
        yield from _below(child)


def placeholders(text: str) -> set[str]:
    """The names that are filled in; `label_fr` in French stands for `label_en` in English."""
    return {name.removesuffix("_en").removesuffix("_fr") for _, name, _, _ in Formatter().parse(text) if name}


def mistakes(found: type[Refusal]) -> list[str]:
    """What is wrong with one refusal."""
    wrong = [f"has no {name}" for name in ("code", "en", "fr") if not getattr(found, name, "")]
    if wrong:
        return wrong
    if not CODE.fullmatch(found.code):
        wrong.append(f"has the code {found.code!r}; a code reads noun.reason")
    if found.en == found.fr:
        wrong.append("says the same words in both languages")
    if placeholders(found.en) != placeholders(found.fr):
        wrong.append(f"fills in {placeholders(found.en)} in English and {placeholders(found.fr)} in French")
    if unbound_punctuation(found.fr):
        wrong.append(f"needs a narrow no-break space (U+202F) at its punctuation: {found.fr!r}")
    return wrong


def test_every_refusal_is_complete() -> None:
    found = refusals()
    assert found
    wrong = [f"{one.__module__}.{one.__qualname__} {mistake}" for one in found for mistake in mistakes(one)]
    assert not wrong, "\n".join(wrong)


def test_every_refusal_is_raised_by_a_test(repository: Path) -> None:
    """Named by its class or its code in some test; the tables are ``tests/flows/test_bad_commands*.py``."""
    files = (repository / "tests").rglob("*.py")
    tests = "\n".join(file.read_text(encoding="utf-8") for file in files if file.parent.name != "house")
    words = set(re.findall(r"\w+", tests)) | set(re.findall(r'"([a-z_.]+)"', tests))
    ours = [one for one in refusals() if one.__module__.startswith(("palier.flows.", "palier.apps."))]
    untested = [f"{one.__module__}.{one.__qualname__}" for one in ours if not {one.__name__, one.code} & words]
    assert not untested, "\n".join(untested)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_refusal_and_every_declined_payment_has_an_article(language: str) -> None:
    """Named in the ``answers`` of an article, by itself or by what it begins with."""
    codes = [*(found.code for found in refusals()), *REASONS, "no_card"]
    assert [code for code in codes if library.for_code(code, language) is None] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_article_answers_what_the_program_says(language: str) -> None:
    """A code that no refusal has any more, or that was misspelt, leads nowhere."""
    codes = [*(found.code for found in refusals()), *REASONS, "no_card"]
    lost = [
        f"{article.slug}: {answer}"
        for article in library.articles(language)
        for answer in article.answers
        if not any(code == answer or (answer.endswith(".") and code.startswith(answer)) for code in codes)
    ]
    assert not lost, "\n".join(lost)


def test_codes_are_unique() -> None:
    codes = Counter(found.code for found in refusals() if "code" in vars(found))
    assert [code for code, times in codes.items() if times > 1] == []


@pytest.mark.parametrize(
    ("code", "en", "fr", "part"),
    [
        ("quote.expired", "Held until {at}.", "", "has no fr"),
        ("expired", "Too late.", "Trop tard.", "noun.reason"),
        ("quote.expired", "Held until {at}.", "Valable jusqu'à {heure}.", "fills in"),
        ("quote.expired", "Too late.", "Too late.", "same words"),
        ("quote.expired", "Too late: nothing was taken.", "Trop tard : rien n'a été prélevé.", "U+202F"),
    ],
)
def test_an_incomplete_refusal_is_seen(code: str, en: str, fr: str, part: str) -> None:
    planted = type("Planted", (Refusal,), {"code": code, "en": en, "fr": fr})
    assert any(part in mistake for mistake in mistakes(planted))
