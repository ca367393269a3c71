"""What every article keeps to: both languages, the words of the screens, and no figure of its own.

The rules are also told on articles that break them, so that each is seen to fail.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po
from django.urls import get_resolver

from palier.apps.catalogue import Catalogue, parse
from palier.apps.help import library
from palier.apps.help.library import Article
from palier.interfaces.help.examples import EXAMPLES
from palier.interfaces.help.policies import RULES
from palier.interfaces.help.reading import CLOSE, LACK, OPEN
from palier.interfaces.help.rendering import rendered, with_catalogue
from tests import world
from tests.catalogue import toml
from tests.interfaces.help.writing import catalogue, written

SOURCES: Final = Path(__file__).resolve().parents[3] / "src" / "palier"
LANGUAGES: Final = ("en", "fr")
ARTICLES: Final = [article for language in LANGUAGES for article in library.articles(language)]
DEMO: Final = catalogue()

OTHER_KEYS: Final = catalogue(
    ("[plans.team", "[plans.basic"),
    ("[plans.business", "[plans.pro"),
    ("[plans.enterprise", "[plans.group"),
    ('plan = "team"', 'plan = "basic"'),
)
ONE_PLAN: Final = parse.toml(
    re.sub(
        r"^limits = .*\n",
        "",
        re.sub(r"^\[(?:limits|add_ons|plans\.(?:business|enterprise))\b.*?(?=^\[)", "", toml.TEXT, flags=re.M | re.S),
        flags=re.M,
    ),
    folder=toml.ROOT,
).catalogue
"""Team and the free plan, without limits and add-ons."""

TAG: Final = re.compile(r"\{%\s*(.+?)\s*%\}")
WORD: Final = re.compile(r'"[^"]*"|\S+')
FREE_TEXT: Final = {"shot": 1, "screen": 1}
"""Tags of which only so many arguments are the same in both languages; the others are words of the article."""
CODE: Final = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
NUMBERED: Final = re.compile(r"^\s*\d+\. ", re.MULTILINE)
RAW_LINK: Final = re.compile(r"\]\((?!https://)|<https?:")

each_article = pytest.mark.parametrize("article", ARTICLES, ids=lambda one: f"{one.language}/{one.slug}")


def tags(article: Article) -> list[tuple[str, ...]]:
    """Every tag with its arguments, as they must be in both languages."""
    found = []
    for tag in TAG.findall(article.body):
        name, *arguments = WORD.findall(tag)
        found.append((name, *arguments[: FREE_TEXT.get(name, len(arguments))]))
    return found


def prose(article: Article) -> str:
    """All that the article writes itself, but for code, which shows what is typed."""
    body = NUMBERED.sub("", TAG.sub("", CODE.sub("", article.body)))
    return "\n".join([article.title, article.summary, body])


def own_figures(article: Article) -> list[str]:
    """Figures that the article writes itself; lists are numbered, and 3-D Secure is a name."""
    return re.findall(r"\S*\d\S*", re.sub(r"3-D Secure", "", prose(article)))


def own_plans(article: Article, sold: Catalogue = DEMO) -> list[str]:
    """Names of plans that the article writes itself, and currencies."""
    names = {plan.name(article.language) for plan in sold.paid_plans}
    return re.findall(rf"\b(?:{'|'.join(sorted(names))})\b|[€$£]|\b(?:EUR|USD|GBP)\b", prose(article))


@cache
def words_of_screens() -> dict[str, str]:
    """What the screens say, in English and French; the gate keeps these files equal to the code."""
    found: dict[str, str] = {}
    for place in ("ui", "portal", "help", "backoffice"):
        path = SOURCES / "interfaces" / place / "locale" / "fr" / "LC_MESSAGES" / "django.po"
        with path.open("rb") as file:
            found |= {
                message.id: message.string
                for message in read_po(file, locale="fr")
                if isinstance(message.id, str) and isinstance(message.string, str) and message.id
            }
    return found


def controls(article: Article) -> Iterator[str]:
    """Every label that the article says a screen has."""
    for name, *labels in tags(article):
        if name in ("control", "path"):
            yield from (label.strip('"') for label in labels)


def no_screens(article: Article) -> list[str]:
    """Labels that no screen has, have no French, or are filled in by the screen."""
    words = words_of_screens()
    return [label for label in controls(article) if not words.get(label) or "%(" in label]


class Shape(HTMLParser):
    """What is wrong with the nesting of some HTML."""

    VOID: Final = frozenset({"img", "br", "hr"})
    BLOCKS: Final = frozenset(["aside", "div", "dl", "figure", "h1", "h2", "h3", "h4", "ol", "p", "pre", "table", "ul"])

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.wrong += [f"{tag} is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BLOCKS and "p" in self._open:
            self.wrong.append(f"{tag} in a paragraph")
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        self.wrong += [f"{name} on {tag}" for name, _ in attrs if name == "style" or name.startswith("on")]
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"{tag} is closed out of turn")


def test_there_are_articles() -> None:
    assert len(library.articles("en")) >= 12


def test_each_article_is_there_in_both_languages() -> None:
    english, french = ({one.slug: one for one in library.articles(language)} for language in LANGUAGES)
    assert english.keys() == french.keys()
    for slug, one in english.items():
        other = french[slug]
        assert (one.collection, one.order) == (other.collection, other.order), slug
        assert one.screens == other.screens, slug
        assert one.answers == other.answers, slug


@pytest.mark.parametrize("slug", [one.slug for one in library.articles("en")])
def test_both_languages_say_the_same(slug: str) -> None:
    """The same tags as often, so the same facts, controls and links; and as many headings."""
    english, french = library.article(slug, "en"), library.article(slug, "fr")
    assert english is not None
    assert french is not None
    here, there = Counter(tags(english)), Counter(tags(french))
    assert here == there, f"only English: {here - there}; only French: {there - here}"
    levels = [re.findall(r"^#+", one.body, re.MULTILINE) for one in (english, french)]
    assert levels[0] == levels[1]


@each_article
def test_no_figure_and_no_plan_is_written(article: Article) -> None:
    assert own_figures(article) == []
    assert own_plans(article) == []


@each_article
def test_every_label_is_on_a_screen(article: Article) -> None:
    assert no_screens(article) == []


@each_article
@pytest.mark.parametrize("currency", DEMO.currencies)
def test_every_article_is_good_html_in_every_currency(article: Article, currency: str) -> None:
    shown = with_catalogue(article, DEMO, currency=currency)
    assert shown.lacking == ()
    assert not re.search(rf"\{{[%{{]|[%}}]\}}|\*\*|[{OPEN}{CLOSE}{LACK}]", shown.html)
    shape = Shape(shown.html)
    assert shape.wrong == []
    assert shape.headings[0] == 2
    assert all(
        then <= before + 1 and then > 1 for before, then in zip(shape.headings, shape.headings[1:], strict=False)
    )
    assert len(set(shape.ids)) == len(shape.ids)
    assert [heading.id for heading in shown.headings] == shape.ids


@each_article
def test_links_go_through_the_tags(article: Article) -> None:
    """Where to is then known to exist, in the same language."""
    assert not RAW_LINK.search(article.body)


@each_article
def test_screens_exist(article: Article) -> None:
    known = get_resolver().reverse_dict
    assert [name for name in article.screens if name not in known] == []


@pytest.mark.django_db
def test_articles_follow_the_published_prices() -> None:
    """After every price has changed, no article shows a sum of before."""
    world.publish()
    before = {(one.language, one.slug): sums(rendered(one, currency="EUR").html) for one in ARTICLES}
    world.publish(dearer())
    for one in ARTICLES:
        html = rendered(one, currency="EUR").html
        assert not set(sums(html)) & set(before[one.language, one.slug]) - fixed(one.language), one.slug
    assert any(before.values())


def sums(html: str) -> list[str]:
    """All sums of money, as they are written."""
    plain = re.sub(r"<[^>]+>", "", html.replace('<span class="cents">', ""))
    return re.findall(r"€[\d,]+(?:\.\d+)?|\d[\d\u202f]*(?:,\d+)?\u00a0€", plain)


def fixed(language: str) -> set[str]:
    """Sums that no price decides: nothing at all, and the fixed sum for recovery costs."""
    return {"€0.00", "€40.00"} if language == "en" else {"0,00\u00a0€", "40,00\u00a0€"}


def dearer() -> str:
    """The catalogue with every price 3.17 higher and a seventh more."""
    return re.sub(
        r'(month|year) = "(\d+)\.(\d\d)"',
        lambda price: f'{price[1]} = "{(int(price[2] + price[3]) * 8 // 7 + 317) / 100:.2f}"',
        toml.TEXT,
    )


def test_names_of_plans_follow_the_catalogue() -> None:
    renamed = catalogue(('en = "Team", fr = "Team"', 'en = "Crew", fr = "Équipage"'))
    for article in ARTICLES:
        if ("plan", '"team"') in tags(article):
            text = re.sub(r"<[^>]+>", "", with_catalogue(article, renamed, currency="EUR").html)
            assert re.search("Crew" if article.language == "en" else "Équipage", text), article.slug
            assert not re.search(r"\bTeam\b", text), article.slug


@pytest.mark.parametrize(
    "edit",
    [
        ("[plans.business]", "[plans.business]\nretired = true"),
        ("[plans.enterprise]", "[plans.enterprise]\nretired = true"),
        ("[add_ons.records]", "[add_ons.records]\nretired = true"),
    ],
    ids=["business", "enterprise", "add-on"],
)
@each_article
def test_every_article_survives_what_is_sold_no_more(article: Article, edit: tuple[str, str]) -> None:
    """It is shorter, and still says something in good HTML."""
    shown = with_catalogue(article, catalogue(edit), currency="EUR")
    assert Shape(shown.html).wrong == []
    assert shown.headings
    assert not re.search(rf"[{OPEN}{CLOSE}{LACK}]", shown.html)


@each_article
def test_every_article_tells_plans_with_other_keys(article: Article) -> None:
    """By their place; nothing is left out."""
    assert with_catalogue(article, OTHER_KEYS, currency="EUR").lacking == ()


@each_article
def test_every_article_survives_one_plan_and_nothing_else(article: Article) -> None:
    shown = with_catalogue(article, ONE_PLAN, currency="EUR")
    assert Shape(shown.html).wrong == []
    assert shown.html
    assert not re.search(rf"\b(?:Business|Enterprise)\b|[{OPEN}{CLOSE}{LACK}]", shown.html)


@each_article
def test_every_article_can_be_read_without_a_catalogue(article: Article) -> None:
    shown = with_catalogue(article, None)
    assert Shape(shown.html).wrong == []
    assert shown.html


def test_every_example_and_rule_has_a_reader() -> None:
    """What no article names would rot unseen; these few are there for articles of operators."""
    named = {tag[1].strip('"') for article in ARTICLES for tag in tags(article) if tag[0] == "example"}
    assert EXAMPLES.keys() - named <= {"first_year", "vat", "outside_eu"}
    bodies = " ".join(article.body for article in ARTICLES)
    assert {name for name in RULES if name not in bodies} <= {
        "attachment_megabytes",
        "minimum_seats",
        "seller_email",
        "terms_version",
    }


@pytest.mark.parametrize(
    "body",
    ["It costs 109.", "Press 3 times.", "On Team you can.", "In € it is.", "Pay in USD."],
)
def test_the_rules_see_what_is_written(body: str) -> None:
    article = written(body)
    assert own_figures(article) + own_plans(article)


def test_the_rules_see_an_unknown_label() -> None:
    article = written('Press {% control "Make me rich" %} under {% path "Plans & billing" "Nowhere" %}.')
    assert no_screens(article) == ["Make me rich", "Nowhere"]
    assert no_screens(written('Press {% control "Pay %(total)s" %}.')) == ["Pay %(total)s"]


@pytest.mark.parametrize(
    "html", ["<p><div></div></p>", "<p><b></p></b>", "<ul><li></ul>", "<p>", '<p style="">', "<p onclick=x></p>"]
)
def test_the_rules_see_bad_html(html: str) -> None:
    assert Shape(html).wrong
