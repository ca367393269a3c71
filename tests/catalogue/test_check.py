"""`palier catalogue check`: each mistake is found once, on its line, with a remedy in plain words."""

# ruff: noqa: E501 (one mistake a line)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.apps.catalogue import parse
from palier.apps.catalogue.mistakes import CatalogueMalformed
from tests.catalogue.toml import ROOT, TEXT, edited, line_of, mistakes
from tests.report.cases import cases

TEAM_EUR = '[plans.team.prices]\nEUR = { month = "109.00", year = "95.00" }'


def team_price(month: str, year: str = '"95.00"') -> str:
    return f"[plans.team.prices]\nEUR = {{ month = {month}, year = {year} }}"


def test_the_catalogue_of_the_repository_is_right() -> None:
    assert mistakes(TEXT) == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "remedy"),
    [
        ("quote_hold_minutes =", "quote_hold_minuts =", "quote_hold_minuts", "unknown", "quote_hold_minutes"),
        ("quote_hold_minutes = 30", "quote_hold_minutes = 2", "quote_hold_minutes", "out of range", "from 5 to 1440"),
        ("quote_hold_minutes = 30", 'quote_hold_minutes = "30"', "quote_hold_minutes", "whole number, and is a text", "="),
        ("quote_hold_minutes = 30", "quote_hold_minutes = true", "quote_hold_minutes", "is true or false", "="),
        ('languages = ["en", "fr"]', 'languages = ["en", "fr", "en"]', "languages.3", "named twice", "Keep one"),
        ('languages = ["en", "fr"]', 'languages = ["en", "fr", "FR_fr"]', "languages.3", "not a language code", '"fr"'),
        ('name = "Talentea SAS"', 'name = ""', "seller.name", "empty", "Talentea SAS"),
        ('name = "Talentea SAS"\n', "", "seller.name", "missing", 'name = "Talentea SAS"'),
        ('country = "FR"', 'country = "US"', "seller.country", "not a member of the European Union", "FR"),
        ('siren = "732829320"', 'siren = "732829321"', "seller.siren", "not a SIREN", "732829320"),
        ("FR44732829320", "FR45732829320", "seller.vat_number", "check digit", "FR44732829320"),
        ("FR44732829320", "DE136695976", "seller.vat_number", "begins with FR", "FR44732829320"),
        ("FR44732829320", "FR61954506077", "seller.vat_number", "does not end in the SIREN", "FR"),
        ("billing@talentea.example", "billing", "seller.email", "not an e-mail address", "@"),
        ('"Europe/Paris"', '"Europe/Pariss"', "seller.time_zone", "not a time zone", "Europe/Paris"),
        ('invoice_prefix = "F"', 'invoice_prefix = "f/"', "seller.invoice_prefix", "capital letters", '"F"'),
        ('recovery_fee = "40.00"', 'recovery_fee = "40,00"', "seller.recovery_fee", "not a number", "40.00"),
        ('default = "USD"', 'default = "DOLLAR"', "currencies.default", "6 characters", "at most 3"),
        ('default = "USD"', 'default = "USX"', "currencies.default", "not a currency code", "USD"),
        ('charge = "at_once"', 'charge = "at_twice"', "seats.charge", "at_twice", "at_once"),
        ('GBP = ["GB"', 'GBP = ["UK"', "currencies.GBP.1", "not a country code", "GB"),
        ('USD = ["US"', 'USD = ["FR"', "currencies.USD.1", "already in the list of EUR", "one list"),
        ('rank = 20', "rank = 10", "plans.business.rank", "“team” has the rank 10 too", "higher"),
        ("rank = 20", "rank = -1", "plans.business.rank", "out of range", "from 0"),
        ("free = true  ", "free = false ", "plans.free.seats", "missing", "[plans.free.seats]"),
        ("seats = { min = 1, max = 250 }", "seats = { min = 9, max = 3 }", "plans.team.seats.max", "at most 3", "min"),
        ("seats = { min = 1, max = 250 }", "seats = { min = 0, max = 3 }", "plans.team.seats.min", "out of range", "from 1"),
        ("custom_fields = 15,", "custom_felds = 15,", "plans.team.limits.custom_felds", "unknown", "custom_fields"),
        ("custom_fields = 15,", 'custom_fields = "many",', "plans.team.limits.custom_fields", "number or the word", "unlimited"),
        ("custom_fields = 15,", "", "plans.team.limits.custom_fields", "missing", "custom_fields ="),
        ("most_popular = true", 'most_popular = "yes"', "plans.business.most_popular", "true or false", "false"),
        (', fr = "Pour les groupes à plusieurs bureaux" }', " }", "plans.enterprise.taglines.fr", "missing", "fr ="),
        (TEAM_EUR, team_price("109.0"), "plans.team.prices.EUR.month", "without quotes", 'month = "109.00"'),
        (TEAM_EUR, team_price("109"), "plans.team.prices.EUR.month", "without quotes", 'month = "109.00"'),
        (TEAM_EUR, team_price('"109.005"'), "plans.team.prices.EUR.month", "3 decimals; EUR has 2", '"109.00"'),
        (TEAM_EUR, team_price('"109,00"'), "plans.team.prices.EUR.month", "comma", "point"),
        (TEAM_EUR, team_price('"-5.00"', '"-6.00"'), "plans.team.prices.EUR.month", "below zero", "above zero"),
        (TEAM_EUR, team_price('"0.00"'), "plans.team.prices.EUR.month", "zero", "free plan"),
        (TEAM_EUR, team_price('"1e2"'), "plans.team.prices.EUR.month", "not an amount", "digits"),
        (TEAM_EUR, team_price('"109.00"', '"1140.00"'), "plans.team.prices.EUR.year", "costs more", "not the sum"),
        (TEAM_EUR, "[plans.team.prices]", "plans.team.prices.EUR", "missing", "[plans.team.prices.EUR]"),
        (TEAM_EUR, TEAM_EUR + '\nJPY = { month = "1", year = "1" }', "plans.team.prices.JPY", "nobody pays", "[currencies]"),
        ('limit = "records"', 'limit = "record"', "add_ons.records.limit", "no limit “record”", "records"),
        ("[add_ons.records]\n", "[add_ons.Records]\n", "add_ons.Records", "cannot be a key", "lower-case"),
        ("adds = 10_000", "adds = 0", "add_ons.records.adds", "out of range", "from 1"),
        ('plan = "team" ', 'plan = "gold" ', "trial.plan", "no paid plan “gold”", "business, enterprise, team"),
        ('down = "period_end"', 'down = "now"', "changes.down", "not allowed", '"period_end"'),
        ('rounding = "half_up"', 'rounding = "up"', "proration.rounding", "not allowed", '"half_up", "half_even", "down"'),
        ('unit = "day"', 'unit = "days"', "proration.unit", "not allowed", '"day", "second"'),
        ('day_count = "actual"', "day_count = 30", "proration.day_count", "must be a text", '"actual"'),
        ('version = "2026-11-01"', "version = 2026-11-01", "terms.version", "must be a text, and is a date", '"2026-11-01"'),
        ('version = "2026-11-01"', 'version = "1/2"', "terms.version", "part of an address", "2026-11-01"),
        ('fr = "terms/2026-11-01.fr.md"', 'fr = "terms/none.md"', "terms.files.fr", "cannot be read", str(ROOT)),
    ],
)  # fmt: skip
def test_a_mistake_is_explained(old: str, new: str, where: str, what: str, remedy: str) -> None:
    text = edited(old, new)
    found = [mistake for mistake in mistakes(text) if mistake.where == where]
    assert len(found) == 1, mistakes(text)
    assert what in found[0].what
    assert remedy in found[0].remedy
    if f"{where.rsplit('.', 1)[-1]} =" in text:
        assert found[0].line > 0


def test_a_mistake_is_on_its_own_line() -> None:
    text = edited("rank = 30", "rank = 20")
    (mistake,) = mistakes(text)
    assert (mistake.where, mistake.line) == ("plans.enterprise.rank", line_of("[plans.enterprise]") + 1)


def test_what_is_missing_is_on_the_line_of_its_table() -> None:
    (mistake,) = mistakes(edited("adds = 10_000\n", ""))
    assert (mistake.where, mistake.line) == ("add_ons.records.adds", line_of("[add_ons.records]"))


def test_all_mistakes_are_told_in_the_order_of_the_file_not_only_the_first() -> None:
    text = edited("rank = 20", "rank = 10").replace('name = "Talentea SAS"', "name = 3").replace('"half_up"  ', '"up"')
    assert [mistake.where for mistake in mistakes(text)] == ["seller.name", "plans.business.rank", "proration.rounding"]


def test_a_misspelt_key_is_one_mistake_not_two() -> None:
    (mistake,) = mistakes(edited("adds =", "ads ="))
    assert (mistake.what, mistake.remedy) == ("this key is unknown", "Did you mean “adds”?")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("rank = 20", "rank = 20 30", "after the end of the value"),
        ("rank = 20", "rank 20", "no “=”"),
        ("rank = 20", "rank = twenty", "cannot be read"),
        ("rank = 20", "rank = 20\nrank = 21", "written twice"),
        ("[plans.business]", "[plans.business", "not closed"),
        ("[plans.business]", "[plans.team]", "opened twice"),
        ('name = "Talentea SAS"', 'name = "Talentea SAS', "not closed"),
        ('name = "Talentea SAS"', 'name = "Talentea \\q SAS"', "\\"),
        ("seats = { min = 1, max = 250 }", "seats = { min = 1 max = 250 }", "comma is missing"),
    ],
)
def test_what_is_not_toml_is_explained_with_its_line(old: str, new: str, what: str) -> None:
    text = edited(old, new)
    first = mistakes(text)[0]
    assert what in first.what
    assert first.line in (line_of(old), line_of(old) + 1)  # a line break is where something missing is missed
    assert first.remedy


def test_mistakes_of_writing_and_of_content_are_told_together() -> None:
    text = edited("rank = 20", "rank = twenty").replace("adds = 10_000", "adds = 0").replace("rank = 30", "rank 30")
    told = [mistake.where or mistake.what for mistake in mistakes(text)]
    assert told == ["the value cannot be read", "there is no “=” after the key", "add_ons.records.adds"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\x00", b"[" * 500, b"a = [1,\n", b"plans = 1\nseller = []\n", b'terms = "x"']
)
def test_a_file_without_sense_is_explained_too(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.toml"
    file.write_bytes(content)
    with pytest.raises(CatalogueMalformed) as raised:
        parse.file(file)
    assert raised.value.mistakes
    assert all(mistake.what and mistake.remedy for mistake in raised.value.mistakes)


def test_a_missing_file_is_explained(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(CatalogueMalformed) as raised:
        parse.file(tmp_path_factory.mktemp("empty") / "catalogue.toml")
    assert "cannot be read" in raised.value.mistakes[0].what


@settings(max_examples=cases(60))
@given(
    st.integers(0, len(TEXT.split("\n")) - 1), st.sampled_from(["", "[", "x", '"', "= 1", "a = ", "]]", "rank = 10"])
)
def test_no_damage_to_a_line_makes_the_check_itself_fail(line: int, damage: str) -> None:
    lines = TEXT.split("\n")
    lines[line] = damage
    for mistake in mistakes("\n".join(lines)):
        assert mistake.remedy
        assert mistake.line <= len(lines)


def test_a_days_users_are_not_billed_together_where_seconds_count() -> None:
    """The price shown in the evening would not be the price billed, which is that of the day's first change."""
    text = TEXT.replace('charge = "at_once"', 'charge = "end_of_day"')
    assert mistakes(text) == ()
    (found,) = mistakes(text.replace('unit = "day"', 'unit = "second"'))
    assert found.where == "seats.charge"
    assert "counts seconds" in found.what
