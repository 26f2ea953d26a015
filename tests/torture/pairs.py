"""Each command beside each other one, and beside itself, on the same files: nothing of either is lost."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2

from card_frames import frames
from drawn_forms import empty_form
from hwr_edge.errors import HwrError
from hwr_edge.form.template import read_form
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from torture.forked import Work, command, done, forked, lines
from torture.kills import images

_ROWS = 6
_NAMES = 2  # that the frames show
_CAMERAS = ("camera", "crops")
_TIMES = 2  # that each pair is tried in each state
_APART = 0.15  # seconds at most between the beginnings of two


class Ended(NamedTuple):
    """A command that ended: its name, exit status, and what it said."""

    name: str
    status: int
    said: str
    told: str


def answer() -> None:
    """Answer rows, as the review page does."""
    try:
        with Answers(read_results(Path("r.jsonl"))) as journal:
            for place in range(_ROWS):
                journal.put(place, "AB", journal.now(place).version)
                print(place, flush=True)
    except HwrError as error:  # as the command says it
        raise SystemExit(_refused(str(error))) from error


def _refused(why: str) -> int:
    import sys

    print(f"hwr-edge: {why}", file=sys.stderr)
    return 1


def _commands(names: list[str]) -> dict[str, Work]:
    to = "--output"
    watch = ["camera", "--source", "frames", "--format", "jsonl", "--log", "log.jsonl"]
    return {
        "file": command("file", *names, "--format", "jsonl", to, "r.jsonl"),
        "resume": command("file", *names, "--format", "jsonl", to, "r.jsonl", "--resume"),
        "json": command("file", *names, "--format", "json", to, "r.jsonl"),
        "csv": command("file", *names, "--format", "csv", to, "t.csv"),
        "annotate": command("file", *names, "--annotate", "drawn"),
        "answer": answer,
        "export": command("review", "r.jsonl", "--export", "t.csv"),
        "corrections": command("review", "r.jsonl", "--corrections", "mine"),
        "form": command("form", "new", "form.png", to, "t.toml"),
        "camera": command(*watch, model=""),
        "crops": command(*watch, "--save-crops", "drawn", model=""),
    }


def pairs(folder: Path, rng: random.Random) -> tuple[int, list[str]]:
    """How many pairs were run, and a line for each that lost something.

    Results have answers before, or have none.
    """
    base = folder / "base"
    base.mkdir()
    names = _make(base)
    tried, wrong = 0, []
    for one, other in itertools.combinations_with_replacement(_commands(names), 2):
        for answered in (False, True) * _TIMES:
            place = folder / "place"
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(base, place)
            if answered:
                forked(place, answer).wait()
            lost = _pair(place, names, (one, other), rng)
            wrong += [f"{one} and {other}, answered {answered}: {why}" for why in lost]
            tried += 1
    return tried, wrong


def _make(folder: Path) -> list[str]:
    """Crops, frames, a form, and results of the crops."""
    names = images(folder, _ROWS)
    frames(folder / "frames", ("manon", "thomas"))
    cv2.imwrite(str(folder / "form.png"), cv2.resize(empty_form(), None, fx=0.6, fy=0.6))
    done(folder, "file", *names, "--format", "jsonl", "--output", "r.jsonl")
    return names


def _pair(place: Path, names: list[str], which: tuple[str, str], rng: random.Random) -> list[str]:
    """Run two at once; what was lost."""
    known = _commands(names)
    before = _answered(place)
    begun = []
    for k, name in enumerate(which):
        errors = place.parent / f"errors-{k}"
        begun.append((name, forked(place, known[name], errors), errors))
        time.sleep(rng.random() * _APART * (k == 0))
    ended = []
    for name, process, errors in begun:
        status, said = process.wait()
        ended.append(Ended(name, status, said, errors.read_text()))
    lost = [why for one in ended if (why := _ended_badly(one))]
    answers = [one for one in ended if one.name == "answer"]
    confirmed = {int(line) for one in answers for line in lines(one.said)} | before
    checks: list[Callable[[], str]] = [
        lambda: _results_wrong(place, confirmed, ended),
        lambda: _table_wrong(place, ended),
        lambda: _log_wrong(place, ended),
        lambda: _form_wrong(place, ended),
        lambda: _corrections_wrong(place, before, ended),
    ]
    return lost + [why for check in checks if (why := check())]


def _ended_badly(one: Ended) -> str:
    """A command does its work, or says in one line why not; 2 is for what may not be asked of these files."""
    told = one.told.count({1: "hwr-edge: ", 2: "Error: "}.get(one.status, "\0"))
    if one.status == 0 or (told == 1 and "Traceback" not in one.told):
        return ""
    return f"{one.name} ended with {one.status}: {one.told[-200:]!r}"


def _answered(place: Path) -> set[int]:
    """The rows that were answered, of results that are there."""
    journal = place / "r.answers.jsonl"
    rows = journal.read_text().splitlines()[1:] if journal.exists() else []
    return {json.loads(line)["row"] for line in rows}


def _results_wrong(place: Path, confirmed: set[int], ended: list[Ended]) -> str:
    """Results are whole, and what was confirmed is an answer to them."""
    text = (place / "r.jsonl").read_text()
    if text.startswith("["):  # the table of another format, which nobody had answered
        return (
            "" if len(json.loads(text)) == _ROWS and not confirmed else "answers lost their results"
        )
    if len(text.splitlines()) != _ROWS:
        return "results are not whole"
    try:
        with Answers(read_results(place / "r.jsonl")) as journal:
            now = {row for row in range(_ROWS) if journal.now(row).text is not None}
    except HwrError as error:
        return f"answers cannot be used: {error}"
    return "" if now >= confirmed else f"confirmed {sorted(confirmed)}, there are {sorted(now)}"


def _table_wrong(place: Path, ended: list[Ended]) -> str:
    makers = [one for one in ended if one.name in ("csv", "export") and one.status == 0]
    if not (place / "t.csv").exists():
        return "no table" if makers else ""
    rows = list(csv.reader(io.StringIO((place / "t.csv").read_text("utf-8-sig"))))
    return "" if len(rows) == _ROWS + 1 else f"{len(rows)} lines of a table"


def _log_wrong(place: Path, ended: list[Ended]) -> str:
    wanted = [line for one in ended if one.name in _CAMERAS for line in lines(one.said)]
    log = place / "log.jsonl"
    there = log.read_text().splitlines() if log.exists() else []
    for line in there:
        json.loads(line)
    if any(
        one.status == 0 and one.said.count("\n") != _NAMES for one in ended if one.name in _CAMERAS
    ):
        return "names were not read"
    missing = [line for line in set(wanted) if there.count(line) < wanted.count(line)]
    return f"{len(missing)} names are not in the log" if missing else ""


def _form_wrong(place: Path, ended: list[Ended]) -> str:
    if not (place / "t.toml").exists():
        made = [one for one in ended if one.name == "form" and one.status == 0]
        return "no template" if made else ""
    try:
        return "" if read_form(place / "t.toml").fields else "no fields"
    except HwrError as error:
        return f"a template without its image: {error}"


def _corrections_wrong(place: Path, before: set[int], ended: list[Ended]) -> str:
    if not any(one.name == "corrections" and one.status == 0 for one in ended):
        return ""
    table = place / "mine" / "written_name_train_v2.csv"
    rows = table.read_text().splitlines()[1:] if table.exists() else []
    crops = [place / "mine" / "train_v2" / "train" / row.partition(",")[0] for row in rows]
    if any(cv2.imread(str(crop)) is None for crop in crops):
        return "a training row without its crop"
    return "" if len(rows) >= len(before) else f"{len(rows)} training rows of {len(before)}"
