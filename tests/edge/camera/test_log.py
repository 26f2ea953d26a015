"""The log of names: what is on the disk stays, whatever happens."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands import environment
from hwr_edge.camera.event import Event, stamp
from hwr_edge.camera.log import Log
from hwr_edge.errors import DataError, OutputError
from hwr_edge.line.matching import Match
from hwr_edge.line.reading import Alternative, Reading
from hwr_edge.results.separator import Separator

TIME = datetime(2026, 11, 23, 9, 30, 5, 250_000, tzinfo=UTC)


def event(text: str = "LEA", **more: object) -> Event:
    reading = Reading(text, 0.97, (0.9,) * len(text), (1, 2, 30, 40), **more)  # type: ignore[arg-type]
    return Event(TIME, reading, 9, track=4)


def write(path: Path, *texts: str) -> None:
    with Log(path) as log:
        for text in texts:
            log.add(event(text))


def test_a_json_line_has_the_keys_of_a_reading_and_its_time() -> None:
    assert json.loads(event().json()) == {
        "schema": 1, "time": "2026-11-23T09:30:05.250Z", "text": "LEA", "confidence": 0.97,
        "box": [1, 2, 30, 40], "frames": 9, "event": "read", "track": 4,
    }  # fmt: skip


def test_what_was_asked_for_beside_the_name_is_there_too() -> None:
    found = event(alternatives=(Alternative("LEO", 0.02),), match=Match("Léa", 0.99), review=False)
    row = json.loads(found.json())
    assert row["alternatives"] == [{"text": "LEO", "confidence": 0.02}]
    assert (row["match"], row["match_confidence"], row["review"]) == ("Léa", 0.99, False)
    assert found.text() == "LEA\t0.9700\tLéa\t0.9900\t\n\tLEO\t0.0200\n"


def test_people_get_the_name_and_its_confidence() -> None:
    assert event().text() == "LEA\t0.9700\n"


def test_names_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "names.jsonl"
    write(path, "LEA", "TOM")
    write(path, "EVA")
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == [
        "LEA", "TOM", "EVA",
    ]  # fmt: skip


def test_a_csv_log_has_one_heading(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    write(path, "LEA")
    write(path, "EVA")
    rows = list(csv.DictReader(path.open(newline="")))
    assert [row["text"] for row in rows] == ["LEA", "EVA"]
    assert (rows[0]["time"], rows[0]["frames"]) == (stamp(TIME), "9")


def test_a_csv_log_has_one_value_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    write(path, "LEA")
    (row,) = csv.DictReader(path.open(newline=""))
    assert [row[key] for key in ("left", "top", "width", "height")] == ["1", "2", "30", "40"]
    assert not any(mark in path.read_text() for mark in "[]{}")


def test_a_csv_log_with_other_columns_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("time,text,confidence,box,frames\n")
    with pytest.raises(DataError, match="columns or separator differ"):
        Log(path)
    assert path.read_text() == "time,text,confidence,box,frames\n"


def test_a_name_of_the_roster_that_a_spreadsheet_would_run_is_kept_from_it(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    with Log(path) as log:
        log.add(event(match=Match("=1+1", 0.9)))
    (row,) = csv.DictReader(path.open(newline=""))
    assert row["match"] == "'=1+1"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_log_cut_anywhere_in_its_last_line_loses_that_line_alone(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"names{suffix}"
    write(path, "LEA", "TOM")
    whole = path.read_bytes()
    keep = whole[: whole.rindex(b"\n", 0, -1) + 1]
    write(path, "EVA")
    eva = path.read_bytes()[len(whole) :]
    for cut in range(len(keep), len(whole)):
        path.write_bytes(whole[:cut])
        write(path, "EVA")
        assert path.read_bytes() == keep + eva, cut


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_log_cut_in_its_very_first_line_begins_anew(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"names{suffix}"
    write(path, "LEA")
    whole = path.read_bytes()
    for cut in range(1, whole.index(b"\n")):
        path.write_bytes(whole[:cut])
        write(path, "LEA")
        assert path.read_bytes() == whole, cut


def test_zero_bytes_that_a_power_cut_left_are_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "names.jsonl"
    write(path, "LEA")
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" * 100_000)
    write(path)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "content",
    [
        "time,price\n1,2\n",
        "no line end",
        "#!/bin/sh\n",
        "name,class\nAnna,3a\nBe",
        '{"a": 1}\n{"a',
        '{"schema": 1, "image": "a.png"}\n',
        '{"schema": 2, "time": "1970"}\n',
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_somebody_else_s_file_is_refused_and_stays(
    tmp_path: Path, suffix: str, content: str
) -> None:
    path = tmp_path / f"names{suffix}"
    path.write_text(content)
    with pytest.raises(DataError, match="not a log of hwr-edge"):
        Log(path)
    assert path.read_text() == content


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_log_that_is_moved_away_while_it_runs_is_begun_anew(tmp_path: Path, suffix: str) -> None:
    path, moved = tmp_path / f"names{suffix}", tmp_path / f"yesterday{suffix}"
    with Log(path) as log:
        log.add(event("LEA"))
        path.rename(moved)
        log.add(event("TOM"))
        path.unlink()
        log.add(event("EVA"))
        path.unlink()
        path.write_text("somebody else's\n")
        with pytest.raises(DataError, match="not a log of hwr-edge"):
            log.add(event("MIA"))
        path.unlink()
        log.add(event("MIA"))
    assert "LEA" in moved.read_text()
    assert "TOM" not in moved.read_text()
    assert path.read_text().count("\n") == (2 if suffix == ".csv" else 1)
    assert "MIA" in path.read_text()


def test_a_log_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.csv or \.jsonl"):
        Log(tmp_path / "names.txt")


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with (
        Log(tmp_path / "names.csv"),
        pytest.raises(OutputError, match="another hwr-edge camera is writing to it"),
    ):
        Log(tmp_path / "names.csv")


def test_a_folder_a_missing_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("folder.csv", "none/names.csv", "pipe.csv"):
        with pytest.raises(OutputError, match=name):
            Log(tmp_path / name)


def test_a_new_log_is_its_owner_s_alone(tmp_path: Path) -> None:
    write(tmp_path / "names.csv", "LEA")
    assert stat.S_IMODE((tmp_path / "names.csv").stat().st_mode) == 0o600


FULL = """
import resource, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from edge.camera.test_log import event
from hwr_edge.camera.log import Log
from hwr_edge.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
with Log(Path({path!r})) as log:
    for text in ("LEA", "TOM"):
        try: log.add(event(text)); print("written")
        except OutputError as error: print(error)
"""


def test_a_disk_that_is_full_is_told_and_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "names.jsonl"
    room = len(event("LEA").json()) + 10
    code = FULL.format(tests=str(Path(__file__).parents[2]), path=str(path), room=room)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout.splitlines()[0] == "written"
    assert done.stdout.splitlines()[1].startswith(f"{path}: cannot be written (")
    assert path.read_text() == event("LEA").json()


def test_a_table_can_be_one_for_countries_with_a_decimal_comma(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    for text in ("LEA", "TOM"):
        with Log(path, Separator.SEMICOLON) as log:
            log.add(event(text))
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    assert [(row["text"], row["confidence"]) for row in rows] == [("LEA", "0,97"), ("TOM", "0,97")]
    with pytest.raises(DataError, match="separator"):
        Log(path)
