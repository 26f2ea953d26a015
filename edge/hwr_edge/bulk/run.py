"""A run: what was begun in a folder goes on there, and nothing else is written to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from hwr_edge.bulk.folder import Folder
from hwr_edge.bulk.manifest import Manifest, begun
from hwr_edge.bulk.parts import Plan
from hwr_edge.bulk.work import NOTES, PROBLEMS, ROWS, Done, Setup

MANIFEST = "run.json"


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    parts, bytes: done, with those of earlier runs, of so many.
    images, rows, problems: of this run.
    seconds: since it began; rate: images a second; seconds_left: until its end, None before that is known.
    """

    parts: int
    parts_total: int
    bytes: int
    bytes_total: int
    images: int
    rows: int
    problems: int
    seconds: float
    rate: float
    seconds_left: float | None

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            key: round(value, 1) if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


def run(
    setup: Setup,
    plan: Plan,
    read: Callable[[Setup, list[Any]], Iterator[Done | None]],
    tell: Callable[[str], None],
) -> Iterator[Progress]:
    """Read all parts that are not there; how far it is comes at least each second, and at the end.

    Args:
        setup: what it is read with.
        plan: what is read.
        read: has parts read by workers, as `Engine.run`.
        tell: gets a line for each thing that cannot be read, of each part a few.

    Raises:
        DataError: the folder is another run's, or of other options or inputs.
        OutputError: it cannot be written, or another process writes there.
        HwrError: the run cannot go on; the same call continues it.
    """
    out = Folder(setup.output)
    mine = Manifest(MANIFEST, "hwr-edge bulk", setup.digest, plan.digest)
    with begun(out, mine, (ROWS, PROBLEMS, NOTES)):
        there = out.names(ROWS)
        left = [part for part in plan.parts if f"{part.name}.{setup.table}" not in there]
        count = _Counter(plan, left)
        for done in read(setup, left) if left else ():
            if done is not None:
                count.add(done)
                for line in done.messages:
                    tell(line)
                if more := done.problems - len(done.messages):
                    tell(f"{done.part.name}: {more} more, in {setup.output}/{PROBLEMS}")
            yield count.progress()
    yield count.progress()


def has_problems(output: str) -> bool:
    """Whether a run, now or earlier, met something that it could not read.

    Raises:
        OutputError: its folder cannot be listed.
    """
    return bool(Folder(output).names(PROBLEMS))


class _Counter:
    def __init__(self, plan: Plan, left: list[Any]) -> None:
        self._plan, self._began = plan, 0.0
        self._before = plan.size - sum(part.size for part in left)
        self._parts, self._bytes = len(plan.parts) - len(left), self._before
        self._images = self._rows = self._problems = 0

    def add(self, done: Done) -> None:
        self._parts += 1
        self._bytes += done.part.size
        self._images += done.images
        self._rows += done.rows
        self._problems += done.problems

    def progress(self) -> Progress:
        self._began = self._began or time.monotonic()  # the engine's start does not count
        seconds, total = time.monotonic() - self._began, self._plan.size
        read = self._bytes - self._before
        rest = total - self._bytes
        left = 0.0 if not rest else seconds * rest / read if read else None
        return Progress(
            self._parts,
            len(self._plan.parts),
            self._bytes,
            total,
            self._images,
            self._rows,
            self._problems,
            seconds,
            self._images / seconds if seconds else 0.0,
            left,
        )
