"""Commands that are killed at random moments: what was confirmed is there, and what follows goes on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from card_frames import frames
from drawn_forms import empty_form
from fakes import draw
from hwr_edge.files import write_whole
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from torture.forked import Killer, command, done, forked, lines

Kill = Callable[[Path, Killer], Iterator[int]]
"""Works in a folder; yields, again and again, how much was lost since the last time."""


def images(folder: Path, count: int) -> list[str]:
    """So many crops in a folder; their names."""
    names = [f"{k:03}.png" for k in range(count)]
    for k, name in enumerate(names):
        cv2.imwrite(str(folder / name), draw("ABC"[k % 3] + "ABC"[k % 2]))
    return names


def rows(folder: Path, killer: Killer) -> Iterator[int]:
    """`file --output --resume`, killed again and again: the rows are those of a run that nobody killed."""
    names = images(folder, 40)
    for layout in ("jsonl", "csv", "text"):
        done(folder, "file", *names, "--format", layout, "--output", f"whole.{layout}")
    for layout in itertools.cycle(("jsonl", "csv", "text")):
        output = folder / f"killed.{layout}"
        asked = ["file", *names, "--format", layout, "--output", output.name]
        part = output.with_name(f"{output.name}.part")
        for _ in range(3):
            killer.run(folder, command(*asked, *["--resume"] * part.exists()), "file")
        if part.exists() or not output.exists():
            done(folder, *asked, *["--resume"] * part.exists())
        yield int(output.read_bytes() != (folder / f"whole.{layout}").read_bytes())
        output.unlink()


def tables(folder: Path, killer: Killer) -> Iterator[int]:
    """`file --format json --output`, killed: the file is the old one or the new one, whole."""
    names = images(folder, 20)
    asked = ["file", *names, "--format", "json", "--output", "t.json"]
    done(folder, *asked)
    new = (folder / "t.json").read_bytes()
    while True:
        (folder / "t.json").write_bytes(b"old")
        killer.run(folder, command(*asked), "json")
        yield int((folder / "t.json").read_bytes() not in (b"old", new))


def answers(folder: Path, killer: Killer) -> Iterator[int]:
    """A review, killed: every answer that was confirmed is there, and it opens again."""
    _results(folder, 3)

    def answer() -> None:
        found = read_results(Path("r.jsonl"))
        with Answers(found) as journal:
            for _ in range(20):
                for place in range(3):
                    text = f"A{journal.now(place).version}"
                    journal.put(place, text, journal.now(place).version)
                    print(place, text, flush=True)

    while True:
        _, said = killer.run(folder, answer, "answers")
        last = dict(line.split() for line in lines(said))
        found: dict[str, list[str]] = {}
        for line in (folder / "r.answers.jsonl").read_text().splitlines()[1:]:
            if line.endswith("}"):
                event = json.loads(line)
                found.setdefault(str(event["row"]), []).append(event["answer"])
        yield int(any(text not in found.get(place, []) for place, text in last.items()))


def corrections(folder: Path, killer: Killer) -> Iterator[int]:
    """`review --corrections`, killed: the table names whole crops alone, and the next run has all."""
    _results(folder, 30)
    with Answers(read_results(folder / "r.jsonl")) as journal:
        for place in range(30):
            journal.put(place, "AB", 0)
    asked = ["review", "r.jsonl", "--corrections", "mine"]
    table = folder / "mine" / "written_name_train_v2.csv"
    for k in itertools.count():
        killer.run(folder, command(*asked), "corrections")
        text = table.read_text() if table.exists() else ""
        named = [line.partition(",")[0] for line in text.splitlines()[1:]]
        crops = [folder / "mine" / "train_v2" / "train" / name for name in named]
        lost = any(cv2.imread(str(crop)) is None for crop in crops)
        if k % 10 == 9:
            done(folder, *asked)
            lost |= len(table.read_text().splitlines()) != 31
            if k % 20 == 19:
                table.unlink()
        yield int(lost)


def export(folder: Path, killer: Killer) -> Iterator[int]:
    """`review --export`, killed: the table is the old one or the new one, whole."""
    _results(folder, 30)
    asked, table = ["review", "r.jsonl", "--export", "names.csv"], folder / "names.csv"
    done(folder, *asked)
    new = table.read_bytes()
    while True:
        table.write_bytes(b"old")
        killer.run(folder, command(*asked), "export")
        yield int(table.read_bytes() not in (b"old", new))


def camera(folder: Path, killer: Killer) -> Iterator[int]:
    """`camera --log`, killed: every name that was printed is in the log, which only grows, and every line is whole."""
    frames(folder / "frames", ("manon",))
    log = folder / "log.jsonl"
    asked = ["camera", "--source", "frames", "--format", "jsonl", "--log", log.name]
    assert done(folder, *asked, model="").count("MANON") == 1
    for k in itertools.count():
        before = _text(log).rpartition("\n")[0]
        _, said = killer.run(folder, command(*asked, model=""), "camera")
        found = _text(log)
        known = set(found.splitlines())
        lost = not found.startswith(before) or not known.issuperset(lines(said))
        for line in lines(found):
            json.loads(line)
        if k % 20 == 19:
            log.unlink(missing_ok=True)
        yield int(lost)


def templates(folder: Path, killer: Killer) -> Iterator[int]:
    """`form new`, killed: the template and its image are there together, or the template is not."""
    cv2.imwrite(str(folder / "form.png"), empty_form())
    while True:
        killer.run(folder, command("form", "new", "form.png", "--output", "t.toml"), "form")
        lost = (folder / "t.toml").exists() and forked(folder, _read_form).wait()[0] != 0
        for path in folder.glob("t*"):
            path.unlink()
        yield int(lost)


def _read_form() -> None:
    from hwr_edge.form.template import read_form

    read_form(Path("t.toml"))


def whole(folder: Path, killer: Killer) -> Iterator[int]:
    """What is written anew again and again, killed: the file is always whole."""

    def write() -> None:
        for k in range(30):
            write_whole(Path("state.json"), str(k % 10).encode() * 50_000)

    while True:
        killer.run(folder, write, "whole")
        text = _text(folder / "state.json") or "0" * 50_000
        yield int(len(text) != 50_000 or len(set(text)) != 1)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _results(folder: Path, count: int) -> None:
    names = images(folder, count)
    row = {"schema": 1, "text": "AB", "confidence": 0.5, "box": [0, 0, 256, 64]}
    lines = [json.dumps({"image": name, **row}) + "\n" for name in names]
    (folder / "r.jsonl").write_text("".join(lines))


KILLS: dict[str, Kill] = {
    "rows of file --output --resume": rows,
    "tables of file --output": tables,
    "answers of a review": answers,
    "training rows of --corrections": corrections,
    "table of review --export": export,
    "names of camera --log": camera,
    "templates of form new": templates,
    "files written whole": whole,
}
