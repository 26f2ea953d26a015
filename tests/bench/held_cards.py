"""The camera's figures on films of cards that are held up, shaken, turned, covered: make bench-camera

    PYTHONPATH=tests python -m bench.held_cards [--films 2] [--seed N] [--tune] [--crops DIR] [--list]

Each kind of film of `held.scenes` is drawn so many times, written as H.264 (needs PyAV) or Motion JPEG,
read back, and watched. Sizes are 640x480 to 1920x1080, 5 to 30 frames a second. The scenes, rooms and
seeds are those that the loop was not tuned on, unless --tune asks for the others. Names are in drawn
hands, or crops of a folder with labels.csv (FILENAME,IDENTITY) and images/; each is one that the model
reads right and surely as a clean crop: what is measured is the camera, not the reader.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from bench.camera_clips import NAMES
from handwriting import handwriting
from held.encode import encode
from held.film import Appearance, Film
from held.scenes import WITH, WITHOUT, Taking, Writing
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.look import ReportedName
from hwr_edge.camera.recorded import video
from hwr_edge.camera.watch import watch
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer

SEED, TUNED_SEED = 20_261_130, 11
_SURE = 0.8  # of a clean crop: a hand that the model reads
_BEFORE, _AFTER = 0.4, 0.3  # seconds around an appearance in which its event may come


@dataclass
class Result:
    """What one film gave."""

    kind: str
    truth: list[Appearance]
    reported: list[ReportedName]
    single: dict[int, str] = field(default_factory=dict)

    def of(self, shown: Appearance) -> list[ReportedName]:
        """The events of an appearance: reported in its time, and of two at once those with its name."""
        there = [s for s in self.reported if shown.start - _BEFORE <= s.time < shown.end + _AFTER]
        others = {one.text for one in self.truth if one.text != shown.text}
        return [one for one in there if one.reading.text not in others]

    @property
    def once(self) -> bool:
        """Exactly one event for each appearance, and none besides."""
        each = all(len(self.of(shown)) == 1 for shown in self.truth)
        return each and len(self.reported) == len(self.truth)

    @property
    def right(self) -> bool:
        """That, and each with the name that is written."""
        return self.once and all(self.of(s)[0].reading.text == s.text for s in self.truth)


@dataclass
class Spent:
    """Seconds of processor time for each kind of film."""

    decode: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    watch: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def ratio(self, kinds: list[str]) -> float:
        """Watching, without reading, against decoding."""
        return sum(self.watch[k] for k in kinds) / max(sum(self.decode[k] for k in kinds), 1e-9)


def drawn(reader: Recognizer) -> Writing:
    """Names in hands of their own that the model reads."""

    def write(rng: np.random.Generator) -> tuple[Grey, str]:
        while True:
            name = str(rng.choice(NAMES))
            ink = handwriting(name, rng, float(rng.uniform(50, 90)))
            if _is_read(reader, ink, name):
                return ink, name

    return write


def crops(reader: Recognizer, folder: Path) -> Writing:
    """Real crops of a folder, with their labels."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["FILENAME"], row["IDENTITY"].upper()) for row in csv.DictReader(file)]

    def write(rng: np.random.Generator) -> tuple[Grey, str]:
        while True:
            name, text = rows[int(rng.integers(len(rows)))]
            ink = read_grey(folder / "images" / name)
            if _is_read(reader, ink, text):
                light = np.percentile(ink, 90)
                return np.asarray(np.clip(ink / light * 255, 0, 255), np.uint8), text

    return write


def _is_read(reader: Recognizer, ink: Grey, text: str) -> bool:
    found = reader.read_grey(ink)
    return found.text == text and found.confidence >= _SURE


def run(film: Film, kind: str, path: Path, reader: Recognizer, spent: Spent) -> Result:
    """Write, decode and watch a film."""
    clock = time.process_time
    encode(path, film.frames(), film.fps, film.codec, film.bitrate)
    began = clock()
    frames = list(video(path, None, print))
    spent.decode[kind] += clock() - began
    reading = 0.0
    surest: list[tuple[float, Reading]] = []

    def read(crop: Grey) -> Reading:
        nonlocal reading
        start = clock()
        found = reader.read_grey(crop)
        reading += clock() - start
        surest.append((now, found))
        return found

    now, reported = 0.0, list[ReportedName]()

    def passing() -> Iterator[Frame]:
        nonlocal now
        for frame in frames:
            now = frame.time
            yield frame

    began = clock()
    for look in watch(passing(), read):
        reported += look.reported
    spent.watch[kind] += clock() - began - reading
    truth = film.truth()
    single = {}
    for k, shown in enumerate(truth):
        there = [r for at, r in surest if shown.start - _BEFORE <= at < shown.end and r.text]
        others = {one.text for one in truth if one.text != shown.text}
        there = [one for one in there if one.text not in others]
        single[k] = max(there, key=lambda one: one.confidence).text if there else ""
    return Result(kind, truth, reported, single)


def report(results: list[Result], spent: Spent) -> None:
    """Print the figures."""
    shown = [one for one in results if one.truth]
    kinds = list(dict.fromkeys(one.kind for one in shown))
    print(f"{'kind of film':<18} one event each   right   watching / decoding")
    for kind in kinds:
        own = [one for one in shown if one.kind == kind]
        once, right = sum(one.once for one in own), sum(one.right for one in own)
        print(f"{kind:<18} {once:>6} of {len(own):<5} {right:>6}   {spent.ratio([kind]):>8.1f} x")
    total = len(shown)
    print(f"all: one event for each appearance  {sum(r.once for r in shown)} of {total} films")
    print(f"     and each the name              {sum(r.right for r in shown)} of {total} films")
    empty = [one for one in results if not one.truth]
    print(
        f"films without a name                {len(empty)}; with an event {sum(bool(r.reported) for r in empty)}"
    )
    for kind in dict.fromkeys(one.kind for one in empty):
        own = [one for one in empty if one.kind == kind]
        print(f"     {kind:<30} {sum(bool(r.reported) for r in own)} of {len(own)}")
    pairs = [(r, k, s) for r in shown for k, s in enumerate(r.truth) if len(r.of(s)) == 1]
    print(
        f"settled reading right               {sum(r.of(s)[0].reading.text == s.text for r, _, s in pairs)} of "
        f"{len(pairs)}; surest single frame's {sum(r.single[k] == s.text for r, k, s in pairs)}"
    )
    late = [max(0.0, r.of(s)[0].time - s.start) for r, _, s in pairs]
    if late:
        print(
            f"from readable to said, s            median {np.median(late):.2f}, 95 % {np.percentile(late, 95):.2f}"
        )
    print(f"watching, against decoding          {spent.ratio(kinds):.2f} x")


def main() -> None:
    """Film, watch, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=2, help="of each kind")
    parser.add_argument("--without", type=int, default=4, help="of each kind without a name")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--tune", action="store_true", help="the scenes that the loop was tuned on")
    parser.add_argument("--crops", type=Path, help="a folder of real writing")
    parser.add_argument("--small", action="store_true", help="640x480 alone")
    parser.add_argument("--list", action="store_true", help="each film that is not right")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    reader, spent, results = Recognizer(), Spent(), []
    reader.top = 4
    writing = crops(reader, asked.crops) if asked.crops else drawn(reader)
    seed = TUNED_SEED if asked.tune else asked.seed
    size = (640, 480) if asked.small else None
    with TemporaryDirectory(prefix="hwr-edge-held-") as name:
        for k, scene in enumerate((*WITH, *WITHOUT)):
            for n in range(asked.films if scene in WITH else asked.without):
                taking = Taking(np.random.default_rng([seed, k, n]), writing, not asked.tune, size)
                film = scene(taking)
                end = ".mkv" if film.codec == "h264" else ".avi"
                path = Path(name) / f"film{end}"
                results.append(run(film, scene.__name__, path, reader, spent))
                path.unlink()
                last = results[-1]
                if asked.list and (not last.right if last.truth else last.reported):
                    announced = [(s.reading.text, round(s.time, 2)) for s in last.reported]
                    print(scene.__name__, n, film.size, film.fps, film.codec, last.truth, announced)
    report(results, spent)


if __name__ == "__main__":
    main()
