"""The tags of the articles. Each asks the published catalogue, so that no figure and no plan's name is ever written.

Words of the screens, which must be the ones that a screen uses (its English text), in the article's language:

    {% control "Proceed to pay" %}                  what is written on a button, a field, a tab or a heading
    {% path "Admin settings" "Plans & billing" %}   the way to a screen
    {% screen "plans" "the page of the plans" %}    a link to a screen, by the name of its URL
    {% article "seats" %}                           a link to another article, with its title
    {% shot "plans" "The three plans" %}            a picture of a screen, with its description

Plans, which are named by their key, or by "free", "entry" (the lowest that is sold), "next" (the one above it),
"top", "popular". In a catalogue that has none of the demo's keys, "team", "business" and "enterprise" are its first,
second and third plan:

    {% plan "team" %}  {% plans %}                  its name; the names of all that are sold
    {% most_popular %}                              the name of the one with that tag
    {% price "team" "month" %}                      per user and month, when paid "month"ly or by the "year"
    {% year_price "team" %}                         one user for a year that is paid at once
    {% saving "team" %}                             what the year saves, as a percentage
    {% limit "custom_fields" "team" %}              a number, or in words that it is unlimited or not included
    {% limit_name "custom_fields" %}                what it counts
    {% limits_table "custom_fields" "records" %}    some limits of all plans, a plan a column; without names all limits
    {% min_seats "team" %}  {% max_seats "team" %}  how many users may be bought
    {% add_on "records" %}  {% add_on_price "records" "month" %}  {% add_on_size "records" %}

The operator's rules:

    {% policy "quote_hold_minutes" %}               one of those in ``policies.py``
    {% cards %}                                     the cards that are taken

Worked examples, with today's prices:

    {% example "upgrade_mid_cycle" %}               one of those in ``examples.py``; alone in its paragraph

A sentence that names what the operator does not sell is left out as a whole: its list item, its row, its paragraph, or
everything under its heading. To say something else instead:

    {% if_plan "business" %} ... {% else %} ... {% end_if_plan %}      also if_add_on, if_limit "teams" "business"
    {% if policy.trial_days %} ... {% endif %}                         the same rules, as plain values
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from palier.apps.catalogue.values import PriceNotInCatalogue
from palier.apps.help import library
from palier.engine.periods import Interval
from palier.engine.prices import Price
from palier.interfaces.help import examples, policies, shots, tables
from palier.interfaces.help.reading import Lacking, Reading
from palier.kit import formats

register = template.Library()


def tag[**P](*, block: bool = False) -> Callable[[Callable[Concatenate[Context, P], str]], object]:
    """A tag whose answer is kept as a piece of the article; what the catalogue lacks becomes the mark for that."""

    def registered(answer: Callable[Concatenate[Context, P], str]) -> object:
        @wraps(answer)
        def kept(context: Context, *args: P.args, **kwargs: P.kwargs) -> SafeString:
            reading = of(context)
            try:
                return reading.keep(answer(context, *args, **kwargs), block=block)
            except Lacking as lacking:
                return reading.lack(lacking.what)
            except PriceNotInCatalogue:
                return reading.lack(f"price in {reading.currency}")

        return register.simple_tag(takes_context=True)(kept)

    return registered


def of(context: Context) -> Reading:
    """What the tags of this article know."""
    reading: Reading = context["reading"]
    return reading


@tag()
def control(context: Context, label: str) -> SafeString:
    """A label as the screens write it."""
    return format_html('<strong class="control">{}</strong>', _(label))


@tag()
def path(context: Context, *labels: str) -> SafeString:
    """Labels to press one after the other."""
    steps = format_html_join(" > ", '<strong class="control">{}</strong>', ((_(label),) for label in labels))
    return format_html('<span class="menu-path">{}</span>', steps)


@tag()
def screen(context: Context, name: str, words: str) -> SafeString:
    """A link to a screen that needs no argument."""
    try:
        return format_html('<a href="{}">{}</a>', reverse(name), words)
    except NoReverseMatch:
        raise Lacking(f"screen {name}") from None


@tag()
def article(context: Context, slug: str) -> SafeString:
    """A link to an article in the same language."""
    language = of(context).language
    found = library.article(slug, language)
    if found is None:
        raise Lacking(f"article {slug}")
    return format_html('<a href="{}">{}</a>', reverse("help-article", args=[language, slug]), found.title)


@tag(block=True)
def shot(context: Context, name: str, description: str) -> SafeString:
    """A picture of a screen in the article's language."""
    picture = shots.picture(name, of(context).language)
    if picture is None:
        raise Lacking(f"shot {name}")
    return format_html(
        '<figure class="shot"><img src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async">'
        '<figcaption class="soft small">{}</figcaption></figure>',
        static(picture.path),
        picture.width,
        picture.height,
        description,
        _("Taken in the demonstration."),
    )


@tag()
def plan(context: Context, name: str) -> str:
    """A plan's name."""
    reading = of(context)
    return reading.plan(name).name(reading.language)


@tag()
def plans(context: Context) -> str:
    """The names of all plans on sale: ``Team, Business or Enterprise``."""
    reading = of(context)
    return get_text_list([each.name(reading.language) for each in reading.sold.paid_plans], _("or"))


@tag()
def most_popular(context: Context) -> str:
    """The name of the plan that carries the tag."""
    reading = of(context)
    return reading.most_popular().name(reading.language)


@tag()
def price(context: Context, name: str, interval: str) -> SafeString:
    """A plan's price per user and month."""
    reading = of(context)
    return rate(reading, reading.plan(name).price(Interval(interval), reading.currency))


@tag()
def year_price(context: Context, name: str) -> SafeString:
    """What a year costs that is paid at once, one user."""
    reading = of(context)
    whole = reading.plan(name).price(Interval.YEAR, reading.currency)
    return sum_of(reading, whole.unit_minor)


@tag()
def saving(context: Context, name: str) -> str:
    """What the year saves against twelve months."""
    reading = of(context)
    found = reading.plan(name)
    if found.free:
        raise Lacking(f"price of {name}")
    return formats.percent(found.saving_percent(reading.currency) * 10_000, reading.language)


@tag()
def limit(context: Context, key: str, name: str) -> str:
    """A plan's limit: a number, or in words."""
    reading = of(context)
    reading.limit(key)
    return tables.words(reading.plan(name).limits[key], reading.language)


@tag()
def limit_name(context: Context, key: str) -> str:
    """What a limit counts."""
    reading = of(context)
    return reading.limit(key).name(reading.language)


@tag(block=True)
def limits_table(context: Context, *keys: str) -> SafeString:
    """Limits of every plan."""
    return tables.limits(of(context), keys)


@tag()
def min_seats(context: Context, name: str) -> str:
    """The fewest users of a plan."""
    reading = of(context)
    return formats.whole_number(reading.plan(name).seats_min, reading.language)


@tag()
def max_seats(context: Context, name: str) -> str:
    """The most users of a plan."""
    reading = of(context)
    return formats.whole_number(reading.plan(name).seats_max, reading.language)


@tag()
def add_on(context: Context, key: str) -> str:
    """An add-on's name."""
    reading = of(context)
    return reading.add_on(key).name(reading.language)


@tag()
def add_on_price(context: Context, key: str, interval: str) -> SafeString:
    """An add-on's price per unit and month."""
    reading = of(context)
    return rate(reading, reading.add_on(key).price(Interval(interval), reading.currency))


@tag()
def add_on_size(context: Context, key: str) -> str:
    """By how much a unit raises its limit."""
    reading = of(context)
    return formats.whole_number(reading.add_on(key).adds, reading.language)


@tag()
def policy(context: Context, name: str) -> str:
    """One of the operator's rules."""
    reading = of(context)
    return policies.words(name, reading.sold, reading.language)


@tag()
def cards(context: Context) -> str:
    """The cards that the checkout takes."""
    return get_text_list(["Visa", "Mastercard", "American Express"], _("or"))


@tag(block=True)
def example(context: Context, name: str) -> SafeString:
    """A worked example."""
    return examples.example(of(context), name)


def rate(reading: Reading, price: Price) -> SafeString:
    """A price as money."""
    return sum_of(reading, price.monthly_minor)


def sum_of(reading: Reading, minor: int) -> SafeString:
    """Minor units of the reader's currency as money."""
    return format_html('<span class="money">{}</span>', formats.money(minor, reading.currency, reading.language))


class IfSold(Node):
    """Shows its content only where the catalogue has what is named, else what stands after ``{% else %}``."""

    child_nodelists = ("nodelist", "otherwise")

    def __init__(self, what: str, names: list[FilterExpression], nodelist: NodeList, otherwise: NodeList) -> None:
        self.what = what
        self.names = names
        self.nodelist = nodelist
        self.otherwise = otherwise

    def render(self, context: Context) -> SafeString:
        names = [name.resolve(context) for name in self.names]
        shown = self.nodelist if is_sold(of(context), self.what, *names) else self.otherwise
        return shown.render(context)


def is_sold(reading: Reading, what: str, *names: str) -> bool:
    """Whether the catalogue has a plan, an add-on, or a limit (on a plan: that it is included there)."""
    try:
        if what == "if_plan":
            return all(reading.plan(name) is not None for name in names)
        if what == "if_add_on":
            return all(reading.add_on(name) is not None for name in names)
        key, *plans = names
        reading.limit(key)
        return all(reading.plan(name).limits[key] != 0 for name in plans)
    except Lacking:
        return False


def if_sold(parser: Parser, token: Token) -> IfSold:
    """``{% if_plan "business" %} ... {% else %} ... {% end_if_plan %}``, and the same for add-ons and limits."""
    what, *names = token.split_contents()
    nodelist = parser.parse(("else", f"end_{what}"))
    otherwise = NodeList()
    if parser.next_token().contents == "else":
        otherwise = parser.parse((f"end_{what}",))
        parser.delete_first_token()
    return IfSold(what, [parser.compile_filter(name) for name in names], nodelist, otherwise)


for opening in ("if_plan", "if_add_on", "if_limit"):
    register.tag(opening, if_sold)
