"""Commands that are killed at random moments: what was confirmed is there, and what follows goes on."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from commands import HWR_EDGE, environment
from fakes import draw

ANSWERER = """
import sys
from pathlib import Path
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
found = read_results(Path("r.jsonl"))
with Answers(found) as answers:
    for _ in range(10_000):
        for place in range(len(found.rows)):
            text = f"A{answers.now(place).version}"
            answers.put(place, text, answers.now(place).version)
            print(place, text, flush=True)
"""
WRITER = """
import itertools
from pathlib import Path
from hwr_edge.files import write_whole
print("begins", flush=True)
for k in itertools.count():
    write_whole(Path("state.json"), str(k % 10).encode() * 50_000)
"""


def images(folder: Path, count: int) -> list[str]:
    """So many crops in a folder; their names."""
    names = [f"{k:03}.png" for k in range(count)]
    for k, name in enumerate(names):
        cv2.imwrite(str(folder / name), draw("ABC"[k % 3] + "ABC"[k % 2]))
    return names


def run_killed(folder: Path, command: list[str], after: float) -> str:
    """Begin a command, kill it so many seconds after its first output or at its end; what it printed."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        first = process.stdout.readline() if after < 0.5 else ""
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        return first + process.stdout.read()


def rows(folder: Path, tries: int, rng: random.Random) -> int:
    """`file --output --resume`, killed again and again: the rows are those of a run that nobody killed."""
    names = images(folder, 60)
    command = [*HWR_EDGE, "file", *names, "--format", "jsonl", "--output"]
    subprocess.run([*command, "whole.jsonl"], cwd=folder, env=environment(), check=True)
    lost = 0
    for k in range(tries):
        for more in ([], ["--resume"], ["--resume"]):
            run_killed(folder, [*command, f"{k}.jsonl", *more], 0.5 + rng.random() * 1.5)
        left = (folder / f"{k}.jsonl.part").exists()
        if left or not (folder / f"{k}.jsonl").exists():
            more = ["--resume"] if left else []
            subprocess.run(
                [*command, f"{k}.jsonl", *more], cwd=folder, env=environment(), check=True
            )
        lost += (folder / f"{k}.jsonl").read_bytes() != (folder / "whole.jsonl").read_bytes()
    return lost


def answers(folder: Path, tries: int, rng: random.Random) -> int:
    """A review, killed: every answer that was confirmed is there."""
    _results(folder, 3)
    lost = 0
    for _ in range(tries):
        said = run_killed(folder, [sys.executable, "-c", ANSWERER], rng.random() * 0.3)
        last = dict(
            line.split() for line in said.splitlines() if line.count(" ") == 1 and "A" in line
        )
        journal = (folder / "r.answers.jsonl").read_text().splitlines()[1:]
        found: dict[str, list[str]] = {}
        for line in journal:
            if line.endswith("}"):
                event = json.loads(line)
                found.setdefault(str(event["row"]), []).append(event["answer"])
        lost += any(text not in found.get(place, []) for place, text in last.items())
    return lost


def corrections(folder: Path, tries: int, rng: random.Random) -> int:
    """`review --corrections`, killed: the table names whole crops alone, and the next run has all."""
    _results(folder, 30)
    head = json.dumps({"schema": 1, "results": _digest(folder / "r.jsonl")}) + "\n"
    given = "".join(json.dumps({"row": k, "answer": "AB"}) + "\n" for k in range(30))
    (folder / "r.answers.jsonl").write_text(head + given)
    command, lost = [*HWR_EDGE, "review", "r.jsonl", "--corrections", "mine"], 0
    table = folder / "mine" / "written_name_train_v2.csv"
    for k in range(tries):
        run_killed(folder, command, 0.5 + rng.random())
        named = (
            [line.partition(",")[0] for line in table.read_text().splitlines()[1:]]
            if table.exists()
            else []
        )
        crops = (folder / "mine" / "train_v2" / "train" / name for name in named)
        lost += any(cv2.imread(str(crop)) is None for crop in crops)
        if k % 5 == 4:
            subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True)
            lost += len(table.read_text().splitlines()) != 31
    return lost


def export(folder: Path, tries: int, rng: random.Random) -> int:
    """`review --export`, killed: the table is the old one or the new one, whole."""
    _results(folder, 30)
    command, table = [*HWR_EDGE, "review", "r.jsonl", "--export", "names.csv"], folder / "names.csv"
    subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True)
    new, lost = table.read_bytes(), 0
    for _ in range(tries):
        table.write_bytes(b"old")
        run_killed(folder, command, 0.5 + rng.random())
        lost += table.read_bytes() not in (b"old", new)
    return lost


def camera(folder: Path, tries: int, rng: random.Random) -> int:
    """`camera --log`, killed: every name that was printed is in the log, and every line is whole."""
    (folder / "frames").mkdir(exist_ok=True)
    for k in range(60):
        frame = np.full((480, 640), 255, np.uint8)
        if k % 12 > 3:
            frame[200:264, 200:456] = draw("ABC"[k // 12 % 3] * 2)
        cv2.imwrite(str(folder / "frames" / f"{k:04}.png"), frame)
    command = [*HWR_EDGE, "camera", "--source", "frames", "--format", "jsonl", "--log", "log.jsonl"]
    lost = 0
    for _ in range(tries):
        (folder / "log.jsonl").unlink(missing_ok=True)
        said = run_killed(folder, command, 0.5 + rng.random() * 2).splitlines()
        log = (
            (folder / "log.jsonl").read_text().splitlines()
            if (folder / "log.jsonl").exists()
            else []
        )
        lost += any(line not in log for line in said if line.endswith("}"))
    return lost


def whole(folder: Path, tries: int, rng: random.Random) -> int:
    """What is written anew again and again, as checkpoints are, killed: the file is always whole."""
    lost = 0
    for _ in range(tries):
        run_killed(folder, [sys.executable, "-c", WRITER], rng.random() * 0.4)
        text = (
            (folder / "state.json").read_text()
            if (folder / "state.json").exists()
            else "0" * 50_000
        )
        lost += len(text) != 50_000 or len(set(text)) != 1
    return lost


def _results(folder: Path, count: int) -> None:
    names = images(folder, count)
    row = {"schema": 1, "text": "AB", "confidence": 0.5, "box": [0, 0, 256, 64]}
    lines = [json.dumps({"image": name, **row}) + "\n" for name in names]
    (folder / "r.jsonl").write_text("".join(lines))


def _digest(path: Path) -> str:
    from hwr_edge.review.results import read_results

    return read_results(path).digest


KILLS: dict[str, Callable[[Path, int, random.Random], int]] = {
    "rows of file --output --resume": rows,
    "answers of a review": answers,
    "training rows of --corrections": corrections,
    "table of review --export": export,
    "names of camera --log": camera,
    "files written whole": whole,
}
