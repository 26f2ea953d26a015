"""The camera's figures on made films, with the shipped model: make bench-camera

    PYTHONPATH=tests python -m bench.camera_clips [--seed N] [--clips 60] [--without 20] [--frames 100000] [--list]

Films are real video files (Motion JPEG, 1280x720, 15 a second, 5 s): a sheet with a name and print is
laid on a table, nudged, covered by a passing hand, out of focus for a moment, taken away, laid again,
or followed by another. Each name is in a drawn hand of its own, of a seed that no training used.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np

from clips import FPS, SIZE, Film, sheet, write_video
from handwriting import handwriting
from hwr_edge.camera.command import Outputs, run_camera
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.look import ReportedName
from hwr_edge.camera.recorded import Recorded, video
from hwr_edge.camera.vote import Ballot
from hwr_edge.camera.watch import watch
from hwr_edge.image.pixels import Grey
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer

SEED = 20_261_123
NAMES = (
    "MANON LUCAS CHLOE HUGO CAMILLE THEO SARAH NATHAN LAURA ENZO JULIE MATHIS OCEANE TOM EMMA MAXIME "
    "PAULINE ANTOINE LEA BAPTISTE MARION ALEXIS ANAIS JULIEN CLARA NICOLAS ELISE QUENTIN ALICE ROMAIN "
    "LUCIE SIMON JUSTINE PAUL INES VALENTIN MARGAUX ADRIEN ZOE DYLAN EVA KEVIN FANNY GABIN WENDY YANIS"
).split()
SECONDS = 5.0
_SLIDING = 0.3  # seconds before a sheet lies still, in which it may be read already

Scene = Callable[[Film, "Writer"], object]


class Writer:
    """Makes sheets with names."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def sheet(self) -> tuple[Grey, str]:
        """A sheet and its name."""
        name = str(self.rng.choice(NAMES))
        ink = handwriting(name, self.rng, float(self.rng.uniform(38, 70)))
        return sheet(ink, self.rng, printed=bool(self.rng.random() < 0.7)), name


def _lies(film: Film, writer: Writer) -> object:
    return film.empty(0.4).lay(*writer.sheet()).empty(3)


def _hand_passes(film: Film, writer: Writer) -> object:
    return film.empty(0.4).lay(*writer.sheet()).empty(1.2).pass_hand().empty(1)


def _is_nudged(film: Film, writer: Writer) -> object:
    return film.empty(0.4).lay(*writer.sheet()).empty(1.1).nudge().empty(1.2)


def _focus_hunts(film: Film, writer: Writer) -> object:
    return film.empty(0.4).lay(*writer.sheet()).hunt_focus().empty(1.2).hunt_focus().empty(0.5)


def _two_in_turn(film: Film, writer: Writer) -> object:
    film.lay(*writer.sheet()).empty(1.1).take().empty(0.3)
    return film.lay(*writer.sheet()).empty(1.1)


def _laid_again(film: Film, writer: Writer) -> object:
    paper, name = writer.sheet()
    return film.lay(paper, name).empty(0.9).take().empty(0.8).lay(paper, name).empty(0.9)


def _table(film: Film, writer: Writer) -> object:
    return film.empty(2).pass_hand().empty(1)


def _blank(film: Film, writer: Writer) -> object:
    return film.empty(0.4).lay(sheet(None, writer.rng, printed=False)).empty(1.5).pass_hand()


def _printed(film: Film, writer: Writer) -> object:
    return film.empty(0.4).lay(sheet(None, writer.rng)).empty(1).nudge().empty(1)


WITH: tuple[Scene, ...] = (
    _lies, _hand_passes, _is_nudged, _focus_hunts, _two_in_turn, _laid_again,
)  # fmt: skip
WITHOUT: tuple[Scene, ...] = (_table, _blank, _printed)


@dataclass
class Spent:
    """Seconds of processor time."""

    decode: float = 0.0
    watch: float = 0.0
    read: float = 0.0
    frames: int = 0


@dataclass
class Clip:
    """What one film gave."""

    scene: str
    truth: list[tuple[str, float, float]]
    reported: list[ReportedName]
    frames: list[tuple[float, Reading]] = field(default_factory=list)

    def events_of(self, start: float, end: float) -> list[ReportedName]:
        """What was said while a sheet lay there, while it came, or just after."""
        return [one for one in self.reported if start - _SLIDING <= one.time < end + 0.3]

    @property
    def once(self) -> bool:
        """Exactly one event for each laying-down."""
        each = [len(self.events_of(start, end)) == 1 for _, start, end in self.truth]
        return all(each) and len(self.reported) == len(self.truth)

    @property
    def right(self) -> bool:
        """That, and each with the name that is written."""
        found = [[s.reading.text for s in self.events_of(b, e)] == [t] for t, b, e in self.truth]
        return self.once and all(found)


def film_clip(
    scene: Scene, rng: np.random.Generator, path: Path, size: tuple[int, int] = SIZE
) -> list[tuple[str, float, float]]:
    """Write a film; its truth."""
    film = Film(rng, size)
    scene(film, Writer(rng))
    film.empty(max(SECONDS - film.seconds, 1 / FPS)).end()
    write_video(path, film.frames())
    return [(one.text, one.start, one.end) for one in film.truth]


def run(
    path: Path, reader: Recognizer, spent: Spent
) -> tuple[list[ReportedName], list[tuple[float, Reading]]]:
    """Watch a film, with the processor's time shared out."""
    clock = time.process_time
    began = clock()
    frames = list(video(path, None, print))
    spent.decode += clock() - began
    spent.frames += len(frames)
    reading = 0.0
    singles: list[tuple[float, Reading]] = []
    vote = Ballot.add

    def read(crop: Grey) -> Reading:
        nonlocal reading
        start = clock()
        found = reader.read_grey(crop)
        reading += clock() - start
        return found

    def add(ballot: Ballot, found: Reading, time: float) -> Reading | None:
        singles.append((time, found))
        return vote(ballot, found, time)

    began = clock()
    with patch.object(Ballot, "add", add):
        reported = [one for look in watch(frames, read) for one in look.reported]
    spent.watch += clock() - began - reading
    spent.read += reading
    return reported, singles


def best_single(clip: Clip, start: float, end: float) -> str | None:
    """What the most confident single frame read while a sheet lay there."""
    names = [one for at, one in clip.frames if start - _SLIDING <= at < end + 0.3 and one.text]
    return max(names, key=lambda one: one.confidence).text if names else None


def report(clips: list[Clip], empty: list[Clip], spent: Spent) -> None:
    """Print the figures."""
    layings = [(clip, *one) for clip in clips for one in clip.truth]
    delays = [
        max(0.0, events[0].time - start)
        for clip, _, start, end in layings
        if (events := clip.events_of(start, end))
    ]
    settled = [
        (clip.events_of(b, e)[0].reading.text == text, best_single(clip, b, e) == text)
        for clip, text, b, e in layings
        if clip.events_of(b, e)
    ]
    once, right = sum(c.once for c in clips), sum(c.right for c in clips)
    print(f"clips with a name                       {len(clips)}, {len(layings)} layings-down")
    print(f"one event for each laying-down          {once} of {len(clips)} clips")
    print(f"  and each the name that is written     {right} of {len(clips)} clips")
    print(
        f"clips without a name                    {len(empty)}; with an event {sum(bool(c.reported) for c in empty)}"
    )
    print(f"settled reading right                   {sum(s for s, _ in settled)} of {len(settled)}")
    print(f"most confident single frame right       {sum(s for _, s in settled)} of {len(settled)}")
    if delays:
        print(
            f"from still to said, s                   median {np.median(delays):.2f}, 95 % {np.percentile(delays, 95):.2f}, longest {max(delays):.2f}"
        )
    ms = 1000 / spent.frames
    print(
        f"processor, ms a frame                   decoding {spent.decode * ms:.2f}, watching "
        f"{spent.watch * ms:.2f} ({spent.watch / spent.decode:.2f} x), reading {spent.read * ms:.2f}"
    )
    print(
        f"clips not right, by scene               {dict(Counter(c.scene for c in clips if not c.right))}"
    )


def memory(path: Path, reader: Recognizer, counts: tuple[int, ...], folder: Path) -> None:
    """Print peak memory after so many frames of a film shown over and over, log and all."""
    peaks = []
    for k, count in enumerate(counts):
        source = Recorded(partial(_over_and_over, path, count))
        run_camera(source, reader, None, Outputs(_nothing, print, log=folder / f"{k}.jsonl"))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        lines = (folder / f"{k}.jsonl").read_text("utf-8").count("\n")
        print(
            f"peak memory after {count:>7,} frames         {peaks[-1]:.0f} MB ({lines} names logged)"
        )
    print(f"  of that after the first               {peaks[-1] / peaks[0]:.3f} x")


def still_table(path: Path, reader: Recognizer, seed: int) -> None:
    """Print what watching costs once a name was reported and nothing moves, against decoding."""
    clock, rest = time.process_time, 2.5  # seconds until nothing moves
    for size in ((640, 480), SIZE):
        film = Film(np.random.default_rng([seed, 0]), size)
        film.empty(0.4).lay(*Writer(film.rng).sheet()).empty(4).end()
        write_video(path, film.frames())
        began = clock()
        frames = list(video(path, None, print))
        decode = (clock() - began) / len(frames)
        looks, spent = watch(frames, reader.read_grey), []
        for frame in frames:
            began = clock()
            next(looks)
            if frame.time > rest:
                spent.append(clock() - began)
        ratio = float(np.mean(spent)) / decode
        print(f"a still table of {size[0]}x{size[1]}, watching    {ratio:.2f} x decoding")


def _nothing(line: str) -> None:
    """Names that nobody needs."""


def _over_and_over(path: Path, count: int) -> Iterator[Frame]:
    seen, start, time = 0, 0.0, 0.0
    while True:
        for frame in video(path, None, print):
            if seen == count:
                return
            seen, time = seen + 1, start + frame.time
            yield replace(frame, time=time)
        start = time + 1 / FPS


def main() -> None:
    """Film, watch, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--without", type=int, default=20)
    parser.add_argument(
        "--frames", type=int, default=100_000, help="of 640x480, for memory; 0 for none"
    )
    parser.add_argument("--still", action="store_true", help="what a still table costs, too")
    parser.add_argument("--list", action="store_true", help="each clip, with what was said")
    asked = parser.parse_args()
    reader, spent = Recognizer(), Spent()
    reader.top = 4
    with TemporaryDirectory(prefix="hwr-edge-clips-") as name:
        path = Path(name) / "clip.avi"
        if asked.still:
            still_table(path, reader, asked.seed)
        if asked.frames:
            film_clip(_two_in_turn, np.random.default_rng(asked.seed), path, (640, 480))
            memory(path, Recognizer(), (1000, asked.frames), Path(name))
        groups: list[list[Clip]] = []
        for scenes, count, offset in ((WITH, asked.clips, 0), (WITHOUT, asked.without, 1000)):
            groups.append([])
            for k in range(count):
                rng = np.random.default_rng([asked.seed, offset + k])
                truth = film_clip(scenes[k % len(scenes)], rng, path)
                reported, singles = run(path, reader, spent)
                clip = Clip(scenes[k % len(scenes)].__name__, truth, reported, singles)
                groups[-1].append(clip)
                if asked.list:
                    found = [
                        (round(s.time, 2), s.reading.text, round(s.reading.confidence, 2))
                        for s in reported
                    ]
                    print(
                        k, clip.scene, [(t, round(b, 2), round(e, 2)) for t, b, e in truth], found
                    )
        if spent.frames:
            report(groups[0], groups[1], spent)


if __name__ == "__main__":
    main()
