"""`palier quote`: the same sums as the screens, and a named mistake for whatever cannot be quoted."""

import json
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.engine import wire
from palier.engine.explain import recompute, steps_from_json
from palier.interfaces.cli.quote import add_arguments, run
from palier.interfaces.cli.quote_reading import FORMAT
from tests.report.cases import cases

ROOT = Path(__file__).parents[3]
PRICES = [
    {"key": "team", "interval": "month", "monthly": "109.00", "title": "Team"},
    {"key": "team", "interval": "year", "monthly": "95.00"},
    {"key": "business", "interval": "month", "monthly": "159.00", "title": {"en": "Business", "fr": "Affaires"}},
    {"key": "records", "kind": "add_on", "interval": "month", "monthly_minor": 2500},
]
UPGRADE: dict[str, Any] = {
    "currency": "EUR",
    "prices": PRICES,
    "at": "2026-06-20T10:00:00+02:00",
    "current": {
        "period": {"start": "2026-06-01", "end": "2026-07-01"},
        "items": [{"key": "team", "quantity": 3}],
        "invoiced": [{"line": "F-1", "key": "team", "quantity": 3, "amount": "327.00"}],
    },
    "change": {"plan": "business", "seats": 3},
    "tax": {"rate": "20", "country": "FR"},
}


def quoted(data: object, *arguments: str) -> tuple[int, Any]:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    out = BytesIO()
    options = add_arguments(ArgumentParser()).parse_args(arguments)
    code = run(options, BytesIO(raw), out)
    return code, json.loads(out.getvalue())


def answer(**changes: object) -> Any:
    code, said = quoted({**UPGRADE, **changes})
    assert code == 0, said
    return said


def mistake(**changes: object) -> tuple[str, str]:
    code, said = quoted({**UPGRADE, **changes})
    assert code == 2
    assert set(said) == {"error"}
    assert said["error"]["message"]
    assert said["error"]["remedy"]
    return said["error"]["code"], said["error"]["path"]


def test_team_to_business_in_mid_june() -> None:
    said = answer()
    assert [line["amount"] for line in said["lines"]] == ["-109.00", "159.00"]
    assert (said["net"], said["tax"], said["total"]) == ("50.00", "10.00", "60.00")
    assert said["renewal"]["net"] == "477.00"
    assert said["lines"][0]["credits"] == "F-1"
    assert said["change"] == "plan_change"


def test_every_line_is_explained_in_both_languages_by_steps_that_lead_to_it() -> None:
    for line in answer()["lines"]:
        assert recompute(steps_from_json(line["steps"])) == line["amount_minor"]
        assert len(line["explanation"]["en"]) == len(line["explanation"]["fr"]) == len(line["steps"])
    credit, charge = answer()["lines"]
    assert credit["explanation"]["en"][0] == "€327.00 was invoiced for 3 × Team, from 1 June 2026 to 30 June 2026."
    assert charge["title"] == {"en": "Business", "fr": "Affaires"}
    assert charge["explanation"]["fr"][0].startswith("Le prix du plan Affaires est de 159,00")


def test_the_answer_is_the_draft_itself() -> None:
    said = answer()
    assert wire.digest(wire.draft_from_json(said)) == said["digest"]


def test_a_free_account_buys() -> None:
    said = answer(current=None, change={"plan": "team", "interval": "year", "seats": 2}, at="2026-11-23")
    assert said["net"] == "2280.00"
    assert said["renewal"]["at"] == "2027-11-22T23:00:00Z"


def test_what_is_not_said_stays_as_it_is() -> None:
    held = [{"key": "team", "quantity": 3, "monthly": "89.00"}, {"key": "records", "quantity": 2}]
    current = {"period": {"start": "2026-06-01"}, "items": held}
    said = answer(current=current, change={"seats": 4})
    assert [line["amount"] for line in said["lines"]] == ["29.67"]
    assert said["renewal"]["net"] == "406.00"


def test_the_next_renewal_with_what_is_scheduled() -> None:
    said = answer(change={"renew": True, "plan": "team", "seats": 1})
    assert (said["change"], said["net"], said["direction"]) == ("renewal", "109.00", "down")
    assert said["after"]["period"] == {"start": "2026-06-30T22:00:00Z", "end": "2026-07-31T22:00:00Z"}


def test_each_value_of_the_policy_is_obeyed() -> None:
    assert [line["amount"] for line in answer(policy={"change_day": "left"})["lines"]] == ["-119.90", "174.90"]
    assert [line["amount"] for line in answer(policy={"unit": "second"})["lines"]] == ["-115.36", "168.28"]
    assert answer(policy={"day_count": "30", "zone": "UTC"})["lines"][0]["units"] == 30
    assert answer(policy={"day_count": 30})["policy"]["day_count"] == "30"


def test_rules_of_tax_may_differ_by_item() -> None:
    tax = {"rate": "20", "by_item": {"records": {"rate": "5.5"}}}
    said = answer(change={"add_ons": [{"key": "records", "quantity": 1}], "plan": "business"}, tax=tax)
    assert [(part["base_minor"], part["tax_minor"]) for part in said["taxes"]] == [(5000, 1000), (833, 46)]


def test_a_catalogue_brings_prices_names_and_policy(tmp_path: Path) -> None:
    case = {key: value for key, value in UPGRADE.items() if key != "prices"}
    code, said = quoted({**case, "catalogue": str(ROOT / "catalogue.toml")})
    assert code == 0, said
    assert said["net"] == "50.00"
    assert said["lines"][1]["title"]["fr"] == "Business"


def test_a_file_and_its_catalogue_beside_it(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text(json.dumps(UPGRADE))
    code, said = quoted(b"", str(tmp_path / "order.json"))
    assert (code, said["total"]) == (0, "60.00")


def test_a_batch_answers_line_by_line_and_goes_on_after_a_mistake() -> None:
    lines = [{**UPGRADE, "id": 1}, {**UPGRADE, "id": 2, "at": "2027-01-01"}, {**UPGRADE, "id": 3}]
    out = BytesIO()
    options = add_arguments(ArgumentParser()).parse_args(["--batch"])
    code = run(options, BytesIO(b"\n".join(json.dumps(line).encode() for line in lines) + b"\n\n{"), out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert code == 2
    assert [said.get("id") for said in answers] == [1, 2, 3, None]
    assert [said.get("total") for said in answers] == ["60.00", None, "60.00", None]
    assert answers[1]["error"]["code"] == "change_outside_period"


CURRENT = UPGRADE["current"]


def held(**changes: object) -> dict[str, object]:
    return {"current": {**CURRENT, **changes}}


def invoiced(**line: object) -> dict[str, object]:
    return held(invoiced=[{"key": "team", **line}])


BACKWARDS = {"start": "2026-07-01", "end": "2026-06-01"}
BUSINESS_YEAR = {"key": "business", "interval": "year"}
FIRST_LINE = "$.current.invoiced[0]"


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"at": None}, "missing_key", "$.at"),
        ({"at": "2026-06-20T10:00:00"}, "instant_without_zone", "$.at"),
        ({"at": "20 June"}, "malformed_instant", "$.at"),
        ({"at": "2026-13-01"}, "malformed_instant", "$.at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "instant_out_of_range", "$.at"),
        ({"at": "9999-12-31"}, "instant_out_of_range", "$.at"),
        ({"at": 5}, "not_a_text", "$.at"),
        ({"at": "2026-07-01"}, "change_outside_period", "$.at"),
        ({"change": {"plan": "gold"}}, "unknown_key_of_price", "$.change.plan"),
        ({"change": {"plan": "records"}}, "unknown_key_of_price", "$.change.plan"),
        ({"change": {"plan": "business", "interval": "year"}}, "no_price_for_interval", "$.change.plan"),
        ({"change": {"interval": "weekly"}}, "unknown_value", "$.change.interval"),
        ({"change": {"seats": 0}}, "number_too_small", "$.change.seats"),
        ({"change": {"seats": -1}}, "number_too_small", "$.change.seats"),
        ({"change": {"seats": 1.5}}, "not_a_whole_number", "$.change.seats"),
        ({"change": {"seats": "3"}}, "not_a_whole_number", "$.change.seats"),
        ({"change": {"seats": True}}, "not_a_whole_number", "$.change.seats"),
        ({"change": {"seats": 10**30}}, "number_too_large", "$.change.seats"),
        ({"change": {"seat": 3}}, "unknown_key", "$.change.seat"),
        ({"change": []}, "not_an_object", "$.change"),
        ({"change": {"add_ons": {}}}, "not_a_list", "$.change.add_ons"),
        ({"change": {"add_ons": [{"key": "records"}]}}, "missing_key", "$.change.add_ons[0].quantity"),
        ({"change": {"add_ons": [{"key": "records", "quantity": 1}] * 2}}, "mixed_items", "$.at"),
        ({"current": None, "change": {}}, "missing_key", "$.change.plan"),
        ({"current": None, "change": {"renew": True}}, "nothing_to_renew", "$.change"),
        (held(items=[]), "mixed_items", "$.current.items"),
        (held(items=CURRENT["items"] * 2), "mixed_items", "$.current.items"),
        ({"current": {"items": CURRENT["items"]}}, "missing_key", "$.current"),
        (held(period=BACKWARDS), "reversed_period", "$.current.period"),
        (invoiced(), "missing_key", FIRST_LINE),
        (invoiced(amount=327.0), "amount_not_a_text", f"{FIRST_LINE}.amount"),
        (invoiced(amount="327,00"), "malformed_amount", f"{FIRST_LINE}.amount"),
        (invoiced(amount="-1.00"), "negative_amount", f"{FIRST_LINE}.amount"),
        (invoiced(amount="1.00", credited="2.00"), "impossible_paid", FIRST_LINE),
        (invoiced(amount="1.00", amount_minor=100), "said_twice", FIRST_LINE),
        ({"policy": {"unit": "hour"}}, "unknown_value", "$.policy.unit"),
        ({"policy": {"zone": "Paris"}}, "unknown_zone", "$.policy.zone"),
        ({"policy": {"rounding": None, "roundng": "down"}}, "unknown_key", "$.policy.roundng"),
        ({"tax": {"rate": "20%"}}, "malformed_rate", "$.tax.rate"),
        ({"tax": {"rate": 20}}, "malformed_rate", "$.tax.rate"),
        ({"tax": {"rate": "9" * 5000}}, "malformed_rate", "$.tax.rate"),
        (invoiced(amount="9" * 5000), "malformed_amount", f"{FIRST_LINE}.amount"),
        (invoiced(amount="0" * 50 + "1" * 30), "number_too_large", f"{FIRST_LINE}.amount"),
        ({"tax": {"rate": "20", "rate_ppm": 200000}}, "said_twice", "$.tax"),
        ({"tax": {"by_item": {"team": {"rat": "1"}}}}, "unknown_key", "$.tax.by_item.team.rat"),
        ({"currency": "EURO"}, "unknown_currency", "$.currency"),
        ({"currency": None}, "missing_key", "$.prices[0].currency"),
        ({"prices": None}, "missing_key", "$.prices"),
        ({"prices": [{"key": "team", "interval": "month"}]}, "missing_key", "$.prices[0]"),
        ({"prices": PRICES * 2}, "price_twice", "$.prices[4]"),
        ({"prices": [*PRICES, {**BUSINESS_YEAR, "monthly": "1.001"}]}, "malformed_amount", "$.prices[4].monthly"),
        ({"catalogue": "catalogue.toml"}, "said_twice", "$"),
        ({"catalogue": "nowhere.toml", "prices": None}, "catalogue_malformed", "$.catalogue"),
        ({"catalogue": {"plans": []}, "prices": None}, "catalogue_malformed", "$.catalogue"),
        ({"catalogue": 5, "prices": None}, "not_a_text", "$.catalogue"),
        ({"price": PRICES}, "unknown_key", "$.price"),
    ],
)  # fmt: skip
def test_a_mistake_has_a_name_a_place_and_a_remedy(changes: dict[str, object], code: str, path: str) -> None:
    assert mistake(**changes) == (code, path)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b"\xff\xfe", "not_utf_8"),
        (b'{"at": NaN}', "malformed_json"),
        (b'{"at": "1", "at": "2"}', "key_twice"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"change": {"seats": ' + b"9" * 5000 + b"}}", "malformed_json"),
    ],
)
def test_what_is_not_json_is_said_so(data: bytes, code: str) -> None:
    exit_code, said = quoted(data)
    assert (exit_code, said["error"]["code"]) == (2, code)


def test_a_file_that_is_not_there() -> None:
    code, said = quoted(b"", "nowhere.json")
    assert (code, said["error"]["code"]) == (2, "unreadable_file")


def test_the_format_is_told_and_documented_key_by_key() -> None:
    out = BytesIO()
    assert run(add_arguments(ArgumentParser()).parse_args(["--format"]), BytesIO(), out) == 0
    document = (ROOT / "docs/reference/quote.md").read_text()
    for key in FORMAT:
        assert f"\n{key}\n" in f"\n{out.getvalue().decode()}"
        assert f"`{key}`" in document, f"{key} is not documented"


def test_the_examples_of_the_document_give_their_answers() -> None:
    document = (ROOT / "docs/reference/quote.md").read_text()
    examples = [part.split("```")[0] for part in document.split("```json\n")[1:]]
    for data, expected in zip(examples[0::2], examples[1::2], strict=True):
        code, said = quoted(data.encode())
        wanted = json.loads(expected)
        assert code == (2 if "error" in wanted else 0)
        assert part_of(wanted, said), said


def part_of(wanted: Any, said: Any) -> bool:
    """Whether everything wanted is said; lists entry by entry."""
    if isinstance(wanted, dict):
        return isinstance(said, dict) and all(
            key in said and part_of(value, said[key]) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return len(wanted) == len(said) and all(part_of(one, other) for one, other in zip(wanted, said, strict=True))
    return bool(wanted == said)


words = st.text(max_size=12) | st.sampled_from(["team", "2026-06-20", "1.00"])
keys = st.sampled_from(["key", "start", "quantity", "rate", "seats"])
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(["id", *sorted({key for key in FORMAT if key != "catalogue"})]), junk)
@settings(max_examples=cases(300))
def test_nothing_that_is_put_anywhere_makes_a_traceback(place: str, value: object) -> None:
    case = json.loads(json.dumps({**UPGRADE, "policy": {}}))
    case["change"]["add_ons"] = [{"key": "records", "quantity": 1}]
    *parents, last = place.replace("[]", ".0").split(".")
    target = case
    for parent in parents:
        target = target[int(parent)] if parent.isdigit() else target.setdefault(parent, {})
    target[last] = value
    code, said = quoted(case)
    assert code in (0, 2)
    assert ("error" in said) is (code == 2)
