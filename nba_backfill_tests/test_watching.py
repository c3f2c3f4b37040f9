"""nba-backfill status --watch: how far running work is, until none runs."""

import dagster as dg
import pytest

from nba_backfill.backfill.progress import Progress, Watch, in_a_line
from nba_backfill.cli import status


@pytest.fixture
def with_failures():
    """An instance, and how to look at a run of it in which two steps have failed."""

    @dg.op
    def a_full_disk():
        raise OSError("no space left on the disk\nand a second line")

    @dg.op
    def b_refused():
        raise dg.Failure("team_points: 1 day was refused")

    def looking_with(look):
        @dg.op
        def c_looks(context: dg.OpExecutionContext):
            look(context.instance)

        @dg.job(executor_def=dg.in_process_executor)
        def work():
            a_full_disk()
            b_refused()
            c_looks()

        work.execute_in_process(instance=instance, raise_on_error=False)

    with dg.DagsterInstance.ephemeral() as instance:
        yield looking_with


def test_the_last_errors_say_which_step_failed_and_why(with_failures):
    seen = []
    with_failures(lambda instance: seen.append(Watch().look(instance)))
    [progress] = seen
    assert progress.errors == (
        "a_full_disk: OSError: no space left on the disk",
        "b_refused: dagster._core.definitions.events.Failure: team_points: 1 day was refused",
    )


def test_an_error_is_told_once_in_plain_lines(with_failures, monkeypatch, capsys):
    looks = iter([True, True, False])

    class TwoLooks(Watch):
        __slots__ = ()

        def look(self, instance, now=None):
            return super().look(instance, now) if next(looks) else None

    monkeypatch.setattr(status, "Watch", TwoLooks)
    monkeypatch.setattr(status, "SECONDS_BETWEEN_LINES", 0)
    with_failures(status._watch)
    said = capsys.readouterr().out
    assert said.count("table-days") == 2
    assert said.count("error a_full_disk: OSError: no space left on the disk") == 1


def test_a_range_is_told_when_the_rate_of_late_is_not_that_of_the_whole():

    uneven = Progress({"a": 30}, {"a": 40, "b": 60}, 2.0, (35.0, 70.4), ())
    assert in_a_line(uneven) == (
        "30 of 100 table-days, 2.0 a second, done in 35 to 70 s; at work on a"
    )
