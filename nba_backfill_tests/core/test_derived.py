"""What follows from a text is worked out once, and never taken from a file that is not it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from nba_backfill.core.derived import Derivation, _Folder, keep_derived_in
from nba_backfill_tests.conftest import PROJECT


@pytest.fixture
def folder(tmp_path):
    before = _Folder.path
    keep_derived_in(tmp_path / "kept")
    yield tmp_path / "kept"
    keep_derived_in(before)


def shouting(calls, *versions):
    """A process's own way of deriving, which counts how often it had to."""

    def shout(text):
        calls.append(text)
        return f"{text.upper()}\n!"

    return Derivation("shout", shout, *(versions or ("1",)))


def test_a_text_is_worked_out_once_for_all_processes(folder):
    calls = []
    assert shouting(calls)("goal") == shouting(calls)("goal") == "GOAL\n!"
    assert calls == ["goal"]


def test_within_a_process_nothing_is_worked_out_or_read_twice(folder):
    calls = []
    shout = shouting(calls)
    assert shout("goal") == "GOAL\n!"
    [kept] = folder.iterdir()
    kept.unlink()
    assert shout("goal") == "GOAL\n!"
    assert calls == ["goal"]


def test_other_code_works_it_out_anew(folder):
    calls = []
    for versions in ("1",), ("2",), ("1", "1"), ("11",):
        shouting(calls, *versions)("goal")
    assert calls == ["goal"] * 4


@pytest.mark.parametrize(
    "found",
    [b"", b"GOAL\n!", b"\xff\xfe\x00", None],
    ids=["empty", "no head", "no text", "cut off"],
)
def test_a_damaged_file_is_ignored_and_written_over(folder, found):
    calls = []
    shouting(calls)("goal")
    [kept] = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] if found is None else found)
    assert shouting(calls)("goal") == "GOAL\n!"
    assert kept.read_bytes() == whole
    assert len(calls) == 2


def test_the_answer_to_another_question_is_ignored_whatever_its_file_is_called(folder):
    calls = []
    shouting(calls)("goal")
    [goal] = folder.iterdir()
    shouting(calls)("foul")
    [foul] = set(folder.iterdir()) - {goal}
    goal.write_bytes(foul.read_bytes())
    assert shouting(calls)("goal") == "GOAL\n!"


def test_writers_at_the_same_time_leave_one_whole_file(folder):
    text = "goal" * 50_000

    def write(_):
        return shouting([])(text)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, range(40))) == {f"{text.upper()}\n!"}
    assert len(list(folder.iterdir())) == 1
    calls = []
    shouting(calls)(text)
    assert calls == []


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(folder):
    folder.write_text("a file stands here")
    calls = []
    assert shouting(calls)("goal") == shouting(calls)("goal") == "GOAL\n!"
    assert len(calls) == 2


def test_an_error_is_passed_on_and_not_kept(folder):
    def refuse(text):
        raise ValueError(text)

    for _ in range(2):
        with pytest.raises(ValueError, match="goal"):
            Derivation("refuse", refuse)("goal")
    assert not folder.exists()


def test_definitions_load_neither_learners_nor_sqlglot_when_all_is_kept():
    load = (
        "import sys; from nba_backfill.definitions import defs; defs();"
        " print([m for m in ('sqlglot', 'catboost.core', 'xgboost.core', 'matplotlib')"
        " if m in sys.modules])"
    )
    # The first may have to work out what nothing has worked out before.
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", load], cwd=PROJECT, capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "[]"
