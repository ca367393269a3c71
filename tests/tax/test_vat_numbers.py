"""VAT numbers: normalised, of the buyer's country, with their check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.apps.tax.vat_numbers import VatNumberMalformed, VatNumberOfOtherCountry, fits, normalised
from palier.kit.refusals import Refusal


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("FR 44 732 829 320", "FR", "FR44732829320"),
        ("fr44732829320", "FR", "FR44732829320"),
        ("44.732.829.320", "FR", "FR44732829320"),
        ("FR44732829320", "MC", "FR44732829320"),
        ("FR44732829320", "RE", "FR44732829320"),
        ("EL 094259216", "GR", "EL094259216"),
        ("GR094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("BE 0428.759.497", "BE", "BE0428759497"),
        ("428759497", "BE", "BE0428759497"),
        ("ATU13585627", "AT", "ATU13585627"),
        ("U13585627", "AT", "ATU13585627"),
        ("NL4495445B01", "NL", "NL004495445B01"),
        ("GB 980 7806 84", "GB", "GB980780684"),
        ("XI980780684", "GB", "XI980780684"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("NO 995 525 828 MVA", "NO", "995525828MVA"),
        ("12-3456789", "US", "123456789"),
        ("", "FR", ""),
        ("   ", "DE", ""),
    ],
)
def test_a_number_is_kept_as_invoices_write_it(typed: str, country: str, kept: str) -> None:
    assert normalised(typed, country) == kept


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("FR44732829321", "FR"),
        ("FR4473282932", "FR"),
        ("DE136695977", "DE"),
        ("EL094259217", "GR"),
        ("BE0428759498", "BE"),
        ("GB980780685", "GB"),
        ("CHE107787578", "CH"),
        ("<script>", "FR"),
        ("FR٤٤732829320", "FR"),
        ("1" * 21, "US"),
        ("---", "FR"),
        ("FR", "FR"),
    ],
)
def test_a_wrong_check_digit_or_shape_is_refused_on_the_field(typed: str, country: str) -> None:
    with pytest.raises(VatNumberMalformed) as raised:
        normalised(typed, country)
    assert raised.value.field == "vat_number"
    assert "{" not in raised.value.text("en") + raised.value.text("fr")


def test_the_example_is_of_the_chosen_country() -> None:
    with pytest.raises(VatNumberMalformed) as raised:
        normalised("FR1", "FR")
    assert "FR44732829320" in raised.value.text("fr")


@pytest.mark.parametrize(
    ("typed", "country", "found", "wanted"), [("FR44732829320", "DE", "FR", "DE"), ("DE136695976", "GR", "DE", "EL")]
)
def test_a_number_of_another_country_says_which(typed: str, country: str, found: str, wanted: str) -> None:
    with pytest.raises(VatNumberOfOtherCountry) as raised:
        normalised(typed, country)
    assert found in raised.value.text("en")
    assert wanted in raised.value.text("fr")


def test_what_was_normalised_stays_as_it_is() -> None:
    for number, country in [
        ("FR44732829320", "FR"),
        ("EL094259216", "GR"),
        ("XI980780684", "GB"),
        ("CHE107787577IVA", "CH"),
    ]:
        assert normalised(number, country) == number


def test_only_a_valid_number_of_the_territory_counts_for_reverse_charge() -> None:
    assert fits("DE136695976", "DE")
    assert not fits("DE136695976", "FR")
    assert not fits("", "DE")
    assert not fits("GB980780684", "GB")


@given(st.text(max_size=60), st.sampled_from(["FR", "DE", "GR", "GB", "CH", "NO", "US", "GP", "MC"]))
def test_whatever_is_typed_is_kept_or_refused_by_name(typed: str, country: str) -> None:
    try:
        kept = normalised(typed, country)
    except Refusal:
        return
    assert len(kept) <= 20
