"""The camera's figures on films of cards that are held up, shaken, turned, covered: make bench-camera

    PYTHONPATH=tests python -m bench.held_cards [--films 2] [--seed N] [--tune] [--crops DIR ...] [--log FILE] [--jobs N]

Each kind of film of `held.scenes` is drawn so many times, written as H.264 (needs PyAV) or Motion JPEG,
read back, and watched. Sizes are 640x480 to 1920x1080, 5 to 30 frames a second. The scenes, rooms and
seeds are those that the loop was not tuned on, unless --tune asks for the others. Names are in drawn
hands, and in turn crops of folders with labels.csv (FILENAME,IDENTITY) and images/; each is one that the
model reads right and surely as a clean crop, and tells from print: what is measured is the camera, not
the models. With --log, films that a file has already are not made again, and --minutes ends it in time.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from bench.camera_clips import NAMES
from handwriting import handwriting
from held.encode import encode
from held.film import Appearance, Film
from held.scenes import WITH, WITHOUT, Taking, Writing
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.recorded import video
from hwr_edge.camera.watch import watch
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.line_kinds import Kind, shipped_kinds

SEED, TUNED_SEED = 20_261_203, 11
_SURE = 0.8  # of a clean crop: a hand that the model reads
_WRITTEN = 0.5  # likewise: that the network tells from print
Scene = Callable[[Taking], Film]
_BEFORE, _AFTER = 0.4, 0.3  # seconds around an appearance in which its event may come


@dataclass
class Result:
    """What one film gave.

    reported: names and their seconds.
    single: of each appearance, the surest single frame's reading.
    decode, watch: seconds of processor time; watching is without reading.
    """

    kind: str
    place: int
    size: tuple[int, int]
    truth: list[Appearance]
    reported: list[tuple[str, float]]
    single: list[str]
    decode: float
    watch: float

    def of(self, shown: Appearance) -> list[tuple[str, float]]:
        """The events of an appearance: reported in its time, and of two at once those most like its name."""
        return [
            (text, time)
            for text, time in self.reported
            if shown.start - _BEFORE <= time < shown.end + _AFTER
            and all(likeness(text, shown.text) >= likeness(text, one.text) for one in self.truth)
        ]

    @property
    def once(self) -> bool:
        """Exactly one event for each appearance, and none besides."""
        each = all(len(self.of(shown)) == 1 for shown in self.truth)
        return each and len(self.reported) == len(self.truth)

    @property
    def right(self) -> bool:
        """That, and each with the name that is written."""
        return self.once and all(self.of(s)[0][0] == s.text for s in self.truth)


def likeness(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1."""
    return SequenceMatcher(None, one, other).ratio()


def ratio(results: Sequence[Result]) -> float:
    """Watching, without reading, against decoding."""
    return sum(one.watch for one in results) / max(sum(one.decode for one in results), 1e-9)


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
    if found.text != text or found.confidence < _SURE:
        return False
    return float(shipped_kinds().probabilities(ink)[Kind.HANDWRITING]) >= _WRITTEN


def run(film: Film, kind: str, place: int, path: Path, reader: Recognizer) -> Result:
    """Write, decode and watch a film."""
    clock = time.process_time
    encode(path, film.frames(), film.fps, film.codec, film.bitrate)
    began = clock()
    frames = list(video(path, None, print))
    decode = clock() - began
    reading = 0.0
    surest: list[tuple[float, Reading]] = []

    def read(crop: Grey) -> Reading:
        nonlocal reading
        start = clock()
        found = reader.read_grey(crop)
        reading += clock() - start
        surest.append((now, found))
        return found

    now, reported = 0.0, list[tuple[str, float]]()

    def passing() -> Iterator[Frame]:
        nonlocal now
        for frame in frames:
            now = frame.time
            yield frame

    began = clock()
    for look in watch(passing(), read):
        reported += [(one.reading.text, one.time) for one in look.reported]
    spent = clock() - began - reading
    truth = film.truth()
    single = [_single(shown, truth, surest) for shown in truth]
    return Result(kind, place, film.size, truth, reported, single, decode, spent)


def _single(
    shown: Appearance, truth: Sequence[Appearance], surest: Sequence[tuple[float, Reading]]
) -> str:
    """The surest reading of any frame of an appearance."""
    there = [r for at, r in surest if shown.start - _BEFORE <= at < shown.end and r.text]
    others = {one.text for one in truth if one.text != shown.text}
    there = [one for one in there if one.text not in others]
    return max(there, key=lambda one: one.confidence).text if there else ""


def report(results: Sequence[Result]) -> None:
    """Print the figures."""
    with_names = [one for one in results if one.truth]
    print(f"{'kind of film':<18} one event each   right   watching / decoding")
    for kind in dict.fromkeys(one.kind for one in with_names):
        own = [one for one in with_names if one.kind == kind]
        once, right = sum(one.once for one in own), sum(one.right for one in own)
        print(f"{kind:<18} {once:>6} of {len(own):<5} {right:>6}   {ratio(own):>8.1f} x")
    total = len(with_names)
    print(f"all: one event for each appearance  {sum(r.once for r in with_names)} of {total} films")
    print(
        f"     and each the name              {sum(r.right for r in with_names)} of {total} films"
    )
    empty = [one for one in results if not one.truth]
    print(
        f"films without a name                {len(empty)}; with an event {sum(bool(r.reported) for r in empty)}"
    )
    for kind in dict.fromkeys(one.kind for one in empty):
        own = [one for one in empty if one.kind == kind]
        print(f"     {kind:<30} {sum(bool(r.reported) for r in own)} of {len(own)}")
    pairs = [(r, k, s) for r in with_names for k, s in enumerate(r.truth) if len(r.of(s)) == 1]
    print(
        f"settled reading right               {sum(r.of(s)[0][0] == s.text for r, _, s in pairs)} of "
        f"{len(pairs)}; surest single frame's {sum(r.single[k] == s.text for r, k, s in pairs)}"
    )
    late = [max(0.0, r.of(s)[0][1] - s.start) for r, _, s in pairs]
    if late:
        print(
            f"from readable to reported, s        median {np.median(late):.2f}, 95 % {np.percentile(late, 95):.2f}"
        )
    print(f"watching, against decoding          {ratio(with_names):.2f} x")
    for size in sorted({one.size for one in with_names}):
        own = [one for one in with_names if one.size == size]
        print(f"     {size[0]:>4}x{size[1]:<25} {ratio(own):.2f} x of {len(own)} films")


def films(count: int, without: int) -> list[tuple[Scene, int]]:
    """Which films are made: the first of each kind first."""
    counts = {**dict.fromkeys(WITH, count), **dict.fromkeys(WITHOUT, without)}
    most = max(counts.values(), default=0)
    return [(scene, n) for n in range(most) for scene, own in counts.items() if n < own]


class _Maker:
    """Makes one film after another, in a process."""

    def __init__(self, folders: Sequence[Path], seed: int, other: bool, small: bool) -> None:
        cv2.setNumThreads(1)
        self._reader, self._seed, self._other = Recognizer(), seed, other
        self._reader.top = 4
        self._writers = [drawn(self._reader), *(crops(self._reader, one) for one in folders)]
        self._size = (640, 480) if small else None

    def make(self, scene: Scene, n: int) -> Result:
        """The n-th film of a kind."""
        rng = np.random.default_rng([self._seed, (*WITH, *WITHOUT).index(scene), n])
        writing = self._writers[n % len(self._writers)]
        film = scene(Taking(rng, writing, self._other, self._size))
        end = ".mkv" if film.codec == "h264" else ".avi"
        with TemporaryDirectory(prefix="hwr-edge-held-") as name:
            return run(film, scene.__name__, n, Path(name) / f"film{end}", self._reader)


_maker: _Maker | None = None  # of this process


def _begin(*arguments: Any) -> None:
    global _maker
    _maker = _Maker(*arguments)


def _make(job: tuple[Scene, int]) -> Result:
    assert _maker is not None
    return _maker.make(*job)


def made_before(log: Path | None) -> list[Result]:
    """The films that a log has."""
    lines = log.read_text("utf-8").splitlines() if log and log.exists() else []
    rows = [json.loads(line) for line in lines]
    return [
        Result(
            **{
                **row,
                "size": tuple(row["size"]),
                "truth": [Appearance(*one) for one in row["truth"]],
                "reported": [(text, at) for text, at in row["reported"]],
            }
        )
        for row in rows
    ]


def main() -> None:
    """Film, watch, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=2, help="of each kind")
    parser.add_argument("--without", type=int, default=4, help="of each kind without a name")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--tune", action="store_true", help="the scenes that the loop was tuned on")
    parser.add_argument("--crops", type=Path, nargs="*", default=[], help="folders of real writing")
    parser.add_argument("--small", action="store_true", help="640x480 alone")
    parser.add_argument("--list", action="store_true", help="each film that is not right")
    parser.add_argument("--log", type=Path, help="JSON lines: a row a film; goes on with those")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no film after that")
    asked = parser.parse_args()
    seed = TUNED_SEED if asked.tune else asked.seed
    results = made_before(asked.log)
    made = {(one.kind, one.place) for one in results}
    jobs = [
        job for job in films(asked.films, asked.without) if (job[0].__name__, job[1]) not in made
    ]
    ends = time.monotonic() + 60 * asked.minutes
    arguments = (asked.crops, seed, not asked.tune, asked.small)
    with ProcessPoolExecutor(asked.jobs, initializer=_begin, initargs=arguments) as pool:
        for first in range(0, len(jobs), 2 * asked.jobs):
            if time.monotonic() > ends:
                break
            for found in pool.map(_make, jobs[first : first + 2 * asked.jobs]):
                results.append(found)
                if asked.log:
                    with asked.log.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(found)) + "\n")
    for one in results:
        if asked.list and (not one.right if one.truth else one.reported):
            print(one.kind, one.place, one.size, one.truth, one.reported)
    report(results)


if __name__ == "__main__":
    main()
