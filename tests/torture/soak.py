"""Work for long, and print whether memory and descriptors stay: `python -m torture.soak [--images 100000] ...`."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from bombs import long_tiff, progressive_jpeg
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

_WARM = 0.2  # of the work, after which memory is looked at first
_MORE = 1.05  # times the memory at most, in the rest of it

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

    live._TICK, live._LONGEST = 0.001, 0.0
    with Live("the camera", Loose, _nobody) as source:
        seen = 0
        for frame in source:
            if frame is not None:
                seen += 1
                yield
            if seen == count:
                return


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


WORK: dict[str, tuple[Work, int]] = {
    "images": (images, 100_000),
    "reconnects": (reconnects, 1_000),
    "rows": (rows, 1_000_000),
}


def _soak(name: str, work: Work, count: int) -> bool:
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
    print(
        f"{name:<12} {count:>9,}  {first:7.1f} -> {last:7.1f} MB  {files:.0f} -> {open_now} files  {'flat' if flat else 'GROWS'}",
        flush=True,
    )
    return flat


def main() -> int:
    """Do all work; 1 where memory or open files grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, (_, count) in WORK.items():
        parser.add_argument(f"--{name}", type=int, default=count, help="0 leaves it out")
    asked = vars(parser.parse_args())
    gc.set_threshold(100_000, 10, 10)  # as the command has it
    found = [_soak(name, work, asked[name]) for name, (work, _) in WORK.items() if asked[name]]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
