"""What is kept of an error."""

import pytest

from palier.kit import card_numbers, ids
from palier.kit.troubles import told

IDENTITY = 384333731594401321
"""One that passes for a card's number of eighteen digits."""

REFUSED = f'new row violates check constraint "x"\nDETAIL:  Failing row contains ({IDENTITY}, Chez Marcel).'


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError(REFUSED), 'ValueError: new row violates check constraint "x"'),
        (KeyError(IDENTITY), f"KeyError: {ids.public_id('id', IDENTITY)}"),
        (KeyError("plan"), "KeyError: 'plan'"),
        (ValueError("12 of 1764164790123"), "ValueError: 12 of 1764164790123"),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
)
def test_the_first_line_with_identities_as_outside(error: Exception, words: str) -> None:
    assert told(error) == words


def test_no_identity_passes_for_a_card() -> None:
    assert card_numbers.mask(str(IDENTITY))[1]
    assert not card_numbers.mask(told(KeyError(IDENTITY)))[1]
