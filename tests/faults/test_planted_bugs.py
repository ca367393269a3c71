"""The checks can fail: three well-known ways to charge somebody twice, each found by a named check.

Each has really been published as a defect of a billing system. In each, our own book alone looks perfect.
"""

import pytest

from tests.actors import stories
from tests.books import assert_balanced
from tests.faults.crash import killed_at, points_of, wrong_after
from tests.faults.scenes import Recovery, Scene, first_purchase, plan_change, the_customer_comes_back
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERED = "after POST /v1/charges: http11.receive_response_body"
"""The money is taken and the answer read; nothing of it is written yet."""


def a_fresh_key(scene: Scene) -> None:
    """The rescued job sends the charge again under another key."""
    stories.pay_again_under_a_fresh_key(scene.quote.id)


def silence_read_as_a_decline(scene: Scene) -> None:
    """The rescued job takes no answer for a no, and starts the next attempt."""
    stories.take_silence_for_a_decline(**scene.arguments)


@pytest.mark.parametrize("recovery", [a_fresh_key, silence_read_as_a_decline])
def test_a_recovery_that_charges_again_is_caught(recovery: Recovery, stage: Theatre, sandbox: SandboxProcess) -> None:
    points = points_of(plan_change, stage, sandbox)
    scene = plan_change(sandbox)
    killed_at(points.index(ANSWERED), ANSWERED, scene, stage)

    assert wrong_after(scene, recovery, sandbox) == "charged 2 times"


def test_a_charge_inside_an_open_transaction_is_caught(stage: Theatre, sandbox: SandboxProcess) -> None:
    def careless(sandbox: SandboxProcess) -> Scene:
        scene = first_purchase(sandbox)
        return Scene("charge_before_commit", scene.arguments, scene.quote)

    points = points_of(careless, stage, sandbox)
    scene = careless(sandbox)
    killed_at(points.index(ANSWERED), ANSWERED, scene, stage)

    assert wrong_after(scene, the_customer_comes_back, sandbox) == "charged 2 times"


def test_our_own_book_alone_would_not_have_noticed(stage: Theatre, sandbox: SandboxProcess) -> None:
    points = points_of(first_purchase, stage, sandbox)
    scene = first_purchase(sandbox)
    killed_at(points.index(ANSWERED), ANSWERED, scene, stage)
    a_fresh_key(scene)

    assert_balanced()
