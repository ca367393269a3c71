"""Publishing: versions are numbered, kept for ever, and seen by everybody at once."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from palier.apps.catalogue import at, current, parse, versions
from palier.apps.catalogue.mistakes import CatalogueMalformed
from palier.apps.catalogue.models import CatalogueVersion
from palier.apps.catalogue.versions import CatalogueUnreadable, NoCatalogue, Published
from palier.engine.periods import Interval
from tests.catalogue.toml import ROOT, TEXT, edited, line_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEARER = edited('[plans.team.prices]\nEUR = { month = "109.00"', '[plans.team.prices]\nEUR = { month = "119.00"')


def publish(text: str) -> Published:
    return versions.publish(parse.toml(text, folder=ROOT), now=NOW)


def test_before_the_first_publication_there_is_a_sentence_not_an_error() -> None:
    with pytest.raises(NoCatalogue) as raised:
        current()
    assert "Nothing was changed or taken" in raised.value.text("en")
    with pytest.raises(NoCatalogue):
        at(1)


def test_the_first_version_is_number_one_and_in_force() -> None:
    assert publish(TEXT).number == 1
    assert current().version_id == 1
    assert current().plan("team").name("en") == "Team"


def test_an_unchanged_file_is_not_published_again_even_with_other_remarks_and_spaces() -> None:
    publish(TEXT)
    again = publish("# another remark\n" + TEXT.replace("rank = 10", "rank   =   10"))
    assert (again.number, again.new) == (1, False)
    assert CatalogueVersion.objects.count() == 1


def test_a_new_price_is_a_new_version_and_the_old_one_stays_readable() -> None:
    publish(TEXT)
    assert publish(DEARER).number == 2
    assert current().price("team", Interval.MONTH, "EUR").monthly_minor == 11900
    assert at(1).price("team", Interval.MONTH, "EUR").monthly_minor == 10900


def test_an_earlier_content_may_come_back_under_a_new_number() -> None:
    for text in (TEXT, DEARER, TEXT):
        publish(text)
    assert current().version_id == 3
    assert at(1).plans == at(3).plans
    assert at(1).version_id == 1


def test_a_rename_breaks_nothing() -> None:
    publish(TEXT)
    publish(edited('names = { en = "Team", fr = "Team" }', 'names = { en = "Pro", fr = "Pro" }'))
    assert current().plan("team").name("fr") == "Pro"
    assert at(1).plan("team").name("fr") == "Team"


def test_a_plan_or_add_on_that_was_sold_is_retired_not_removed() -> None:
    publish(TEXT)
    gone = TEXT.replace("plans.business", "plans.pro").replace("add_ons.records", "add_ons.more")
    with pytest.raises(CatalogueMalformed) as raised:
        publish(gone)
    assert [mistake.where for mistake in raised.value.mistakes] == ["plans.business", "add_ons.records"]
    assert all("retired = true" in mistake.remedy for mistake in raised.value.mistakes)
    assert CatalogueVersion.objects.count() == 1


def test_a_currency_may_go() -> None:
    publish(TEXT)
    without = "\n".join(line for line in TEXT.split("\n") if not line.startswith("GBP = "))
    assert publish(without).number == 2


def test_accepted_terms_are_not_rewritten_under_the_same_version() -> None:
    publish(TEXT)
    inline = 'texts = { en = "New terms.", fr = "Nouvelles conditions." }'
    files = next(line for line in TEXT.split("\n") if line.startswith("files = "))
    changed = edited(files, inline)
    with pytest.raises(CatalogueMalformed) as raised:
        publish(changed)
    assert {mistake.where for mistake in raised.value.mistakes} == {"terms.version"}
    assert {mistake.line for mistake in raised.value.mistakes} == {line_of('version = "2026-11-01"')}
    assert publish(changed.replace('version = "2026-11-01"', 'version = "2026-12-01"')).number == 2
    assert at(1).terms.text("en") != current().terms.text("en") == "New terms."


def test_a_published_version_cannot_be_altered_or_removed() -> None:
    publish(TEXT)
    for statement in ("UPDATE catalogue_catalogueversion SET content = '{}'", "DELETE FROM catalogue_catalogueversion"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert current().version_id == 1


def test_reading_costs_one_small_query_once_the_content_is_known() -> None:
    publish(TEXT)
    current()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        current()
    assert len(captured) == 1
    assert "content" not in captured[0]["sql"]


def test_within_a_request_one_question_is_enough_and_the_answer_stays_the_same() -> None:
    publish(TEXT)
    with CaptureQueriesContext(connection) as captured, versions.remembered():
        assert [current().version_id for _ in range(5)] == [1] * 5
    assert len(captured) <= 2  # the content too, the first time
    with versions.remembered():
        before = current()
        publish(DEARER)
        assert current() is before
    assert current().version_id == 2


def test_that_there_is_no_catalogue_is_not_remembered() -> None:
    with versions.remembered():
        with pytest.raises(NoCatalogue):
            current()
        publish(TEXT)
        assert current().version_id == 1


def test_a_content_that_this_program_cannot_read_is_a_sentence_not_an_error() -> None:
    CatalogueVersion.objects.create(number=7, content={"plans": {}}, sha256="0" * 64, published_at=NOW)
    with pytest.raises(CatalogueUnreadable) as raised:
        current()
    assert "7" in raised.value.text("fr")
