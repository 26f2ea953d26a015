"""What two processes change at once."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from commands import environment
from edge.review.test_review import write_results
from hwr_edge.errors import OutputError
from hwr_edge.locks import Held, hold
from hwr_edge.review.export import write_corrections
from hwr_edge.review.results import read_results

SLOW = """
import sys, time
from pathlib import Path
from hwr_edge.review import export
from hwr_edge.review.answer_file import Answer
from hwr_edge.review.results import read_results

here = Path(sys.argv[1])
rows_of = export._rows_of

def slow(path):
    found = rows_of(path)
    print("read", flush=True)
    sys.stdin.readline()
    return found

export._rows_of = slow
export.write_corrections(here / "mine", read_results(here / "one" / "results.jsonl"), {0: Answer("AB", True, 1)})
"""
OTHER = """
import sys
from pathlib import Path
from hwr_edge.review import export
from hwr_edge.review.answer_file import Answer
from hwr_edge.review.results import read_results

here = Path(sys.argv[1])
found = read_results(here / "two" / "results.jsonl")
print("begins", flush=True)
export.write_corrections(here / "mine", found, {1: Answer("BC", True, 1)})
"""


def test_corrections_of_two_processes_into_one_folder_are_all_there(tmp_path: Path) -> None:
    for name, first in (("one", "AB"), ("two", "AC")):
        (tmp_path / name).mkdir()
        rows = [
            {"image": f"{k}.png", "text": t, "confidence": 0.5} for k, t in enumerate((first, "BC"))
        ]
        write_results(tmp_path / name, rows)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c"]
    with (
        subprocess.Popen([*command, SLOW, tmp_path], env=environment(), **pipes) as slow,  # type: ignore[call-overload]
        subprocess.Popen([*command, OTHER, tmp_path], env=environment(), **pipes) as other,  # type: ignore[call-overload]
    ):
        assert slow.stdout.readline() == "read\n"
        assert other.stdout.readline() == "begins\n"
        with suppress(subprocess.TimeoutExpired):
            other.wait(5)  # without a lock it ends now, and what it wrote is overwritten
        slow.stdin.write("\n")
        slow.stdin.close()
        assert (slow.wait(30), other.wait(30)) == (0, 0)
    table = (tmp_path / "mine" / "written_name_train_v2.csv").read_text().splitlines()
    assert sorted(row.partition(",")[2] for row in table) == ["AB", "BC", "IDENTITY"]


def test_who_holds_a_file_keeps_others_away_until_the_end(tmp_path: Path) -> None:
    with hold(tmp_path / "table"):
        with (
            pytest.raises(Held, match="another process is writing to it"),
            hold(tmp_path / "table", 0),
        ):
            pass
        with hold(tmp_path / "another", 0):
            pass
    with hold(tmp_path / "table", 0):
        pass


def test_a_lock_is_never_made_through_a_link(tmp_path: Path) -> None:
    (tmp_path / ".table.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OutputError, match="cannot be locked"), hold(tmp_path / "table", 0):
        pass
    assert not (tmp_path / "precious").exists()


def test_corrections_that_cannot_be_locked_leave_the_table_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = read_results(write_results(tmp_path))
    monkeypatch.setattr("hwr_edge.review.export._PATIENCE", 0.0)
    (tmp_path / "mine").mkdir()
    table = tmp_path / "mine" / "written_name_train_v2.csv"
    table.write_text("FILENAME,IDENTITY\na.png,AB\n")
    with hold(table), pytest.raises(Held):
        write_corrections(tmp_path / "mine", results, {})
    assert table.read_text() == "FILENAME,IDENTITY\na.png,AB\n"
