"""Work for long, and print whether memory and descriptors stay: `python -m torture.soak [--images 100000] ...`."""

from __future__ import annotations

import argparse
import functools
import gc
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bombs import long_tiff, progressive_jpeg
from card_frames import film
from clips import FPS
from fakes import TINY_MODEL, draw
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.live import Live
from hwr_edge.errors import CameraError
from hwr_edge.image.document import Unit
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.results.growing import options_beside
from hwr_edge.results.resume import read_before
from hwr_edge.scan.batch import read_all
from hwr_edge.scan.scanner import Scanner
from volumes import Run, keep, next_seed

_WARM = 0.2  # of the work, after which memory is looked at first
_MORE = 1.05  # times the memory at most, in the rest of it
_CONNECTION = 100  # frames
_SELDOM = 5  # connections, in one of which a card is shown

Work = Callable[[Path, int], Iterator[None]]


def resident() -> float:
    """MB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_files() -> int:
    """Descriptors of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _nobody(_: str) -> None:
    """Who is told what is known here."""


def images(folder: Path, count: int) -> Iterator[None]:
    """Crops, some damaged, some that another process decodes."""
    made = {
        "a.png": cv2.imencode(".png", draw("ABC"))[1].tobytes(),
        "b.jpg": progressive_jpeg(64),
        "c.tif": long_tiff(3),
        "d.png": b"\x89PNG\r\n\x1a\n and no more",
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    scanner = Scanner(Recognizer(TINY_MODEL))
    names = [str(folder / name) for name in made]
    units = (Unit(names[0 if k % 8 else k // 8 % 4]) for k in range(count))
    for _ in read_all(units, scanner, _nobody, _nobody):
        yield


def reconnects(folder: Path, count: int) -> Iterator[None]:
    """A camera that is unplugged after each picture."""

    class Loose:
        def __init__(self) -> None:
            self.left = True

        def read(self) -> Frame:
            if not self.left:
                raise CameraError("the camera: unplugged")
            self.left = False
            return Frame(0.0, np.zeros((480, 640, 3), np.uint8))

        def close(self) -> None:
            """Nothing to give back."""

    from hwr_edge.camera import live

    live._TICK, live._FIRST, live._LONGEST = 0.001, 0.0, 0.0
    with Live("the camera", Loose, _nobody) as source:
        seen = 0
        for frame in source:
            if frame is not None:
                seen += 1
                yield
            if seen == count:
                return


class _Desk:
    """A camera over a table: in each fifth connection a card comes, lies and goes; then the camera is lost.

    It waits until each frame was looked at, so that none is dropped.
    """

    made = 0
    looked = threading.Semaphore(1)

    def __init__(self) -> None:
        type(self).made += 1
        film = _films()[self.made % 2]
        self._film = film[-1:] if self.made % _SELDOM else film
        self._place = 0

    def read(self) -> Frame:
        if self._place == _CONNECTION:
            raise CameraError("the camera: unplugged")
        self.looked.acquire(timeout=10)
        pixels = self._film[min(self._place, len(self._film) - 1)]
        self._place += 1
        return Frame((_CONNECTION * self.made + self._place) / FPS, pixels)

    def close(self) -> None:
        """Nothing to give back."""


@functools.cache
def _films() -> list[list[NDArray[np.uint8]]]:
    return [list(film([name])) for name in ("manon", "thomas")]


def frames(folder: Path, count: int) -> Iterator[None]:
    """So many frames that the loop looks at and reads, in connections of a hundred."""
    from hwr_edge.camera import live
    from hwr_edge.camera.command import for_votes
    from hwr_edge.camera.watch import watch

    live._TICK, live._FIRST, live._LONGEST = 0.001, 0.0, 0.0
    reader, seen, said = for_votes(Recognizer()), 0, 0
    with Live("the camera", _Desk, _nobody) as source:
        for look in watch(source, reader.read_grey):
            said += len(look.reported)
            if look.frame is None:
                continue
            _Desk.looked.release()
            seen += 1
            yield
            if seen >= count:
                break
    cards = count // _CONNECTION // _SELDOM
    if said < 0.9 * cards:
        raise AssertionError(f"{said} names of {cards} cards")


def rows(folder: Path, count: int) -> Iterator[None]:
    """`--resume` of so many rows, in parts of a tenth that grow."""
    part = folder / "rows.part"
    options_beside(part).write_text("options")
    row = {"schema": 1, "text": "LEA", "confidence": 0.9}
    tenth = count // 10
    for k in range(10):
        with part.open("a") as file:
            for n in range(k * tenth, (k + 1) * tenth):
                file.write(json.dumps({"image": f"folder/{n:07}.png", **row}) + "\n")
        read_before(part, "options", "jsonl")
        yield


_LOGGED = {"images": "images in a row"}  # which are not changed as those of `fuzz.many` are
WORK: dict[str, tuple[Work, int]] = {
    "images": (images, 100_000),
    "reconnects": (reconnects, 1_000),
    "frames": (frames, 100_000),
    "rows": (rows, 1_000_000),
}


def _soak(name: str, work: Work, count: int, log: bool) -> bool:
    """Whether work stays flat; its row is printed."""
    what = _LOGGED.get(name, name)
    run = Run.begun(what, f"torture.soak --{name}", next_seed(what))
    steps = 10 if name == "rows" else count
    first = files = 0.0
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        for step, _ in enumerate(work(Path(folder), count), 1):
            if step == max(1, round(_WARM * steps)):
                gc.collect()
                first, files = resident(), open_files()
    gc.collect()
    last, open_now = resident(), open_files()
    more = 8 * count / 1e6 if name == "rows" else 0.0  # what is known of each row
    flat = last <= _MORE * first + more and open_now <= files
    found = f"{first:.1f} -> {last:.1f} MB, {files:.0f} -> {open_now} files"
    print(f"{name:<12} {count:>9,}  {found}  {'flat' if flat else 'GROWS'}", flush=True)
    if log:
        keep(run.ended(count, int(not flat), found))
    return flat


def main() -> int:
    """Do all work; 1 where memory or open files grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, (_, count) in WORK.items():
        parser.add_argument(f"--{name}", type=int, default=count, help="0 leaves it out")
    parser.add_argument("--log", action="store_true", help="add it to volumes.csv")
    asked = vars(parser.parse_args())
    gc.set_threshold(100_000, 10, 10)  # as the command has it
    found = [
        _soak(name, work, asked[name], asked["log"])
        for name, (work, _) in WORK.items()
        if asked[name]
    ]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
