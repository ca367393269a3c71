"""An article's text, its tags, and what becomes of both in a catalogue that is not the demo's."""

import pytest
from pytest_django import DjangoAssertNumQueries

from palier.apps.accounts.models import Account
from palier.apps.catalogue import Catalogue, current
from palier.interfaces.help import rendering
from palier.interfaces.help.rendering import Rendered, with_catalogue
from tests import world
from tests.interfaces.help.writing import catalogue, written

DEMO = catalogue()
OTHERS = catalogue(
    ("[plans.team", "[plans.basic"),
    ("[plans.business", "[plans.pro"),
    ("[plans.enterprise", "[plans.group"),
    ('plan = "team"', 'plan = "basic"'),
    ('en = "Team", fr = "Team"', 'en = "Basic", fr = "Simple"'),
)
WITHOUT_BUSINESS = catalogue(("[plans.business]", "[plans.business]\nretired = true"))
MARKED = catalogue(('en = "Team", fr = "Team"', 'en = "<b>*Team*</b> & _co_ [x](y)", fr = "Team"'))


def shown(body: str, sold: Catalogue | None = DEMO, language: str = "en", currency: str = "EUR") -> Rendered:
    return with_catalogue(written(body, language), sold, currency=currency)


def html(body: str, sold: Catalogue | None = DEMO, language: str = "en", currency: str = "EUR") -> str:
    """The article in one line, ordinary spaces throughout, sums without their frame."""
    told = shown(body, sold, language, currency).html.replace('<span class="money">', "").replace("</span>", "")
    return " ".join(told.split())


@pytest.mark.parametrize(
    ("tag", "english", "french"),
    [
        ('{% plan "team" %}', "Team", "Team"),
        ('{% plan "free" %}', "Free", "Gratuit"),
        ('{% plan "entry" %}', "Team", "Team"),
        ('{% plan "next" %}', "Business", "Business"),
        ('{% plan "top" %}', "Enterprise", "Enterprise"),
        ('{% plan "popular" %}', "Business", "Business"),
        ("{% most_popular %}", "Business", "Business"),
        ("{% plans %}", "Team, Business or Enterprise", "Team, Business ou Enterprise"),
        ('{% price "team" "month" %}', "€109.00", "109,00 €"),
        ('{% price "team" "year" %}', "€95.00", "95,00 €"),
        ('{% year_price "team" %}', "€1,140.00", "1 140,00 €"),
        ('{% saving "team" %}', "13%", "13 %"),
        ('{% limit "custom_fields" "business" %}', "150", "150"),
        ('{% limit "records" "business" %}', "25,000", "25 000"),
        ('{% limit "teams" "team" %}', "not included", "non inclus"),
        ('{% limit "teams" "business" %}', "unlimited", "illimité"),
        ('{% limit_name "custom_fields" %}', "custom fields", "champs personnalisés"),
        ('{% min_seats "team" %}-{% max_seats "enterprise" %}', "1-1,000", "1-1 000"),
        ('{% add_on "records" %}', "10,000 more records", "10 000 fiches de plus"),
        ('{% add_on_price "records" "month" %}', "€25.00", "25,00 €"),
        ('{% add_on_size "records" %}', "10,000", "10 000"),
        ('{% policy "quote_hold_minutes" %}', "30", "30"),
        ('{% policy "retry_days" %}', "1, 3, 5 and 7", "1, 3, 5 et 7"),
        ('{% policy "notice_days" %}', "30, 7 and 1", "30, 7 et 1"),
        ('{% policy "grace_days" %} {% policy "give_up_days" %}', "10 30", "10 30"),
        ('{% policy "invitation_days" %} {% policy "minimum_seats" %}', "14 1", "14 1"),
        ('{% policy "currencies" %}', "USD, EUR and GBP", "USD, EUR et GBP"),
        ('{% policy "trial_days" %} {% policy "trial_plan" %}', "0 Team", "0 Team"),
        ('{% policy "late_penalty" %} {% policy "recovery_fee" %}', "12.15% €40.00", "12,15 % 40,00 €"),
        (
            '{% policy "change_day" %}',
            "the day of the change counts as used",
            "le jour du changement compte comme utilisé",
        ),
        ('{% policy "day_count" %}', "every month counts its real days", "chaque mois compte ses jours réels"),
        (
            '{% policy "rounding" %}',
            "each line is rounded once, halves up",
            "chaque ligne est arrondie une seule fois, au plus proche",
        ),
        ('{% policy "seller" %} {% policy "seller_country" %}', "Talentea SAS France", "Talentea SAS France"),
        ('{% policy "seller_email" %}', "billing@talentea.example", "billing@talentea.example"),
        ('{% policy "terms_version" %} {% policy "host" %}', "2026-11-01 Talentea", "2026-11-01 Talentea"),
        ("{% cards %}", "Visa, Mastercard or American Express", "Visa, Mastercard ou American Express"),
        (
            '{% control "Proceed to pay" %}',
            '<strong class="control">Proceed to pay</strong>',
            '<strong class="control">Procéder au paiement</strong>',
        ),
    ],
)
def test_each_tag(tag: str, english: str, french: str) -> None:
    assert html(tag) == f"<p>{english}</p>"
    assert html(tag, language="fr") == f"<p>{french}</p>"
    assert not shown(tag).lacking


def test_a_path_of_labels() -> None:
    told = shown('{% path "Admin settings" "Plans & billing" %}', language="fr").html.replace("'", "’")
    steps = '<strong class="control">Paramètres d’administration</strong> &gt; <strong class="control">Plans et '
    assert f'<span class="menu-path">{steps}facturation</strong></span>' in told


def test_links_to_screens_and_articles() -> None:
    assert html('{% screen "plans" "here" %}') == '<p><a href="/settings/billing/plans/">here</a></p>'
    link = '<p><a href="/help/fr/upgrade-your-account/">Mettre à niveau votre compte</a></p>'
    assert html('{% article "upgrade-your-account" %}', language="fr") == link


def test_a_table_of_limits() -> None:
    told = html('{% limits_table "records" "teams" %}')
    assert '<th scope="row">Records per user</th><td>500</td><td>10,000</td><td>25,000</td><td>unlimited</td>' in told
    assert '<th scope="row">Custom teams</th><td>not included</td><td>not included</td><td>unlimited</td>' in told
    assert "<p>" not in told
    assert html("{% limits_table %}").count('<th scope="row">') == len(DEMO.limits)


def test_the_currency_is_the_readers() -> None:
    assert html('{% price "team" "month" %}', currency="GBP") == "<p>£109.00</p>"
    assert html('{% price "team" "month" %}', currency="") == "<p>US$109.00</p>"


def test_a_name_is_never_markdown_or_html() -> None:
    told = html('**{% plan "team" %}**\n\n# {% plan "team" %}', MARKED)
    name = "&lt;b&gt;*Team*&lt;/b&gt; &amp; _co_ [x](y)"
    assert f"<p><strong>{name}</strong></p>" in told
    assert f">{name}</h1>" in told
    assert "<script>" not in html("<script>alert(1)</script> [x](javascript:alert(1))")


def test_headings_have_anchors_of_their_own() -> None:
    told = shown('## Étape {% price "team" "month" %}\n\nA\n\n### Étape\n\nB\n\n## Étape\n\nC')
    anchors = [(heading.level, heading.id) for heading in told.headings]
    assert anchors == [(2, "etape-10900"), (3, "etape"), (2, "etape-2")]
    assert [heading.text for heading in told.headings] == ["Étape €109.00", "Étape", "Étape"]
    assert '<h3 id="etape">' in told.html


def test_a_catalogue_with_other_keys_is_told_by_place() -> None:
    """Team, Business and Enterprise are then its first, second and third plan."""
    told = html('{% plan "team" %}, {% plan "business" %}, {% price "enterprise" "month" %}', OTHERS)
    assert told == "<p>Basic, Business, €259.00</p>"
    assert html('{% plan "entry" %}, {% plan "pro" %}', OTHERS, language="fr") == "<p>Simple, Business</p>"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('One.\n\nFrom {% plan "business" %} on.\n\nTwo.', "<p>One.</p> <p>Two.</p>"),
        ('- One\n- {% price "business" "month" %}\n- Two', "<ul> <li>One</li> <li>Two</li> </ul>"),
        ('One.\n\n- {% price "business" "month" %}', "<p>One.</p>"),
        ('One.\n\n> {% plan "business" %}', "<p>One.</p>"),
        ('## From {% plan "business" %} on\n\nA.\n\n### And\n\nB.\n\n## Two\n\nC.', '<h2 id="two">Two</h2> <p>C.</p>'),
        ('## Price\n\n{% price "business" "month" %}\n\n## Two\n\nC.', '<h2 id="two">Two</h2> <p>C.</p>'),
        ('{% if_plan "business" %}{% plan "business" %}{% end_if_plan %}\n\nOne.', "<p>One.</p>"),
        ('{% if_plan "business" %}{% plan "business" %}{% else %}Other{% end_if_plan %}', "<p>Other</p>"),
        ('{% if_limit "teams" "team" %}A{% else %}B{% end_if_limit %}', "<p>B</p>"),
        ('{% if_limit "teams" "enterprise" %}A{% end_if_limit %}', "<p>A</p>"),
        ('{% if_add_on "places" %}A{% else %}B{% end_if_add_on %}', "<p>B</p>"),
        ("{% if policy.trial_days %}A{% else %}B{% endif %}", "<p>B</p>"),
        ('One.\n\n{% add_on "places" %}', "<p>One.</p>"),
        ('One.\n\n{% limit "rooms" "team" %}', "<p>One.</p>"),
        ('One.\n\n{% limits_table "rooms" %}', "<p>One.</p>"),
        ('One.\n\n{% policy "mood" %}', "<p>One.</p>"),
        ('One.\n\n{% screen "nowhere" "x" %}', "<p>One.</p>"),
        ('One.\n\n{% article "nothing" %}', "<p>One.</p>"),
    ],
)
def test_what_is_not_sold_is_left_out(body: str, left: str) -> None:
    assert html(body, WITHOUT_BUSINESS) == left


def test_rows_and_tables_of_what_is_not_sold_go() -> None:
    table = "| Plan | Price |\n|---|---|\n| A | {} |\n| B | {} |"
    some = html(table.format('{% price "business" "month" %}', '{% price "team" "month" %}'), WITHOUT_BUSINESS)
    assert "<td>B</td> <td>€109.00</td>" in some
    assert "<td>A</td>" not in some
    none = "One.\n\n" + table.format('{% plan "business" %}', '{% plan "business" %}')
    assert html(none, WITHOUT_BUSINESS) == "<p>One.</p>"
    head = 'One.\n\n| {% plan "business" %} |\n|---|\n| A |'
    assert html(head, WITHOUT_BUSINESS) == "<p>One.</p>"


def test_columns_are_aligned_without_styles() -> None:
    told = html("| A | B | C |\n|---|--:|:-:|\n| a | b | c |")
    assert '<th>A</th> <th class="num">B</th> <th>C</th>' in told
    assert '<td>a</td> <td class="num">b</td> <td>c</td>' in told


def test_what_is_lacking_is_named() -> None:
    body = '{% plan "business" %} {% plan "business" %} {% add_on "places" %} {% price "team" "month" %}'
    assert shown(body, WITHOUT_BUSINESS, currency="JPY").lacking == ("plan business", "add-on places", "price in JPY")


def test_before_the_first_catalogue_the_words_stay() -> None:
    told = shown('Press {% control "Proceed to pay" %}.\n\nIt costs {% price "team" "month" %}.', None, currency="")
    assert told.html == '<p>Press <strong class="control">Proceed to pay</strong>.</p>\n'
    assert told.lacking == ("catalogue",)


@pytest.mark.django_db
def test_the_readers_currency_and_the_published_catalogue(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert rendering.currency_of(None) == ""
    world.publish()
    assert rendering.currency_of(None) == current().default_currency == "USD"
    assert rendering.currency_of(Account(country="FR")) == "EUR"
    assert rendering.currency_of(Account(country="FR", currency="GBP")) == "GBP"
    with django_assert_num_queries(1):
        told = rendering.rendered(written('{% price "team" "month" %} {% limits_table %}'), currency="GBP")
    assert "£109.00" in told.html
