"""How much was tried, in all runs together: `python -m volumes` sums volumes.csv.

`fuzz.many`, `torture` and `torture.soak` add a line to it with --log: what, by which command and seed, on which code,
how much and how much of it went wrong. A seed counts once for the same code, however often it was run.
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

LOG = Path(__file__).with_name("volumes.csv")
_ROOT = Path(__file__).parents[1]
_EDGE = "edge/hwr_edge"
MUST = {
    "images": 1_000_000,
    "texts": 500_000,
    "requests": 50_000,
    "models": 5_000,
    "kills": 5_000,
    "pairs": 264,
    "reconnects": 1_000,
    "frames": 100_000,
    "images in a row": 100_000,
    "rows": 1_000_000,
}
"""What there is to be of each; of pairs of commands each, with and without answers, twice."""
_CODE = {
    "images": ("image", "line", "page", "scan"),
    "texts": ("results", "form", "review", "commands/config.py", "textfile.py", "encodings.py"),
    "requests": ("web", "review", "camera/server.py", "desk"),
    "models": ("line", "page/line_kinds.py"),
    "reconnects": ("camera",),
    "frames": ("camera", "page"),
    "images in a row": ("image", "line", "page", "scan"),
    "rows": ("results",),
}
"""Which sources each tries; all where none are named."""


@dataclass(frozen=True)
class Run:
    """A line of the log.

    code: a digest of the sources that it tried, "changed" where they were not those of a commit.
    tried, wrong: how many, and how many of them.
    found: what came of them, in words.
    """

    day: str
    what: str
    command: str
    seed: int
    code: str
    tried: int = 0
    wrong: int = 0
    found: str = ""

    @classmethod
    def begun(cls, what: str, command: str, seed: int) -> Run:
        """A run that begins now, on the sources that lie there."""
        return cls(time.strftime("%Y-%m-%d"), what, command, seed, code_of(what))

    def ended(self, tried: int, wrong: int, found: str) -> Run:
        """The same with what came of it."""
        return replace(self, tried=tried, wrong=wrong, found=found)


def code_of(what: str) -> str:
    """A digest of the sources that this tries, as they lie there."""
    paths = [f"{_EDGE}/{part}" for part in _CODE.get(what, ())] or [_EDGE, "train", "convert"]
    if not (trees := _git("ls-tree", "HEAD", *paths)) or _git("status", "--porcelain", *paths):
        return "changed"
    return hashlib.sha256(trees.encode()).hexdigest()[:10]


def _git(*command: str) -> str:
    asked = ["git", "-C", str(_ROOT), *command]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def kept() -> list[Run]:
    """All lines of the log."""
    if not LOG.exists():
        return []
    with LOG.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = ("seed", "tried", "wrong")
    return [Run(**{k: int(v) if k in numbers else v for k, v in row.items()}) for row in rows]  # type: ignore[arg-type]


def keep(run: Run) -> None:
    """Add a line to the log."""
    new = not LOG.exists()
    with LOG.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [one.name for one in fields(Run)], lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(asdict(run))


def next_seed(what: str) -> int:
    """One that the log has not."""
    return max((run.seed for run in kept() if run.what == what), default=0) + 1


def summed(runs: Iterable[Run], what: str, code: str | None = None) -> tuple[int, int]:
    """How many were tried and how many went wrong, on this code or in all; a seed counts once for a code."""
    largest: dict[tuple[int, str, str], Run] = {}
    for run in runs:
        if run.what == what and code in (None, run.code):
            key = run.seed, run.code, run.command
            if key not in largest or largest[key].tried <= run.tried:
                largest[key] = run
    return sum(run.tried for run in largest.values()), sum(run.wrong for run in largest.values())


def main() -> int:
    """Print the sums; 1 where something went wrong on the code of now."""
    runs, bad = kept(), 0
    print(f"{'':<16} {'must':>10} {'in all':>10} {'wrong':>6} {'this code':>10} {'wrong':>6}")
    for what, must in MUST.items():
        tried, wrong = summed(runs, what)
        now, now_wrong = summed(runs, what, code_of(what))
        bad += now_wrong
        print(f"{what:<16} {must:>10,} {tried:>10,} {wrong:>6,} {now:>10,} {now_wrong:>6,}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
