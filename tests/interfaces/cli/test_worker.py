"""`palier worker`: which jobs it takes."""

import pytest
from procrastinate.contrib.django import app

from palier.interfaces.cli import worker


def test_a_queue_that_does_not_exist_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as wrong_use:
        worker.main(["--queues", "mail,post"])
    assert wrong_use.value.code == 2
    assert "there is no queue post; there are billing, mail, documents, clock" in capsys.readouterr().err


def test_a_worker_takes_the_jobs_of_every_queue_unless_told() -> None:
    ours = [task for task in app.tasks.values() if task.func.__module__.startswith("palier.")]
    assert ours
    assert {task.queue for task in ours} == set(worker.QUEUES)
