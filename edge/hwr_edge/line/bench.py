"""How fast this machine reads: time of each stage, rate by threads, memory, cold start."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import cv2
import numpy as np

from hwr_edge import __version__
from hwr_edge.errors import DataError, ImageError
from hwr_edge.image.decode import read_grey
from hwr_edge.line.preprocess import preprocess
from hwr_edge.line.recognizer import Recognizer

STAGES = ("image", "preprocess", "invoke", "decode")
"""File to grey pixels, those to the canvas, that to logits, those to a reading."""
_MADE = ("MANON", "JEAN-PIERRE", "LEA", "THOMAS DUBOIS", "MAEVA", "ALEXANDRE", "ZOE", "N'GUYEN")
_WARM = 5  # readings before the clock counts
_COLD_STARTS = 5

T = TypeVar("T")


@dataclass(frozen=True)
class Timing:
    """Milliseconds of many goes."""

    median: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Timing:
        """Median and 95th percentile."""
        low, high = np.percentile(np.asarray(seconds) * 1000, (50, 95))
        return cls(round(float(low), 3), round(float(high), 3))


@dataclass(frozen=True)
class Bench:
    """What was measured.

    load: milliseconds to make a Recognizer, once.
    stages, whole: of a reading on one thread.
    rates: readings a second, by threads.
    peak_memory: MB, of this process, libraries included.
    cold_start: of `hwr-edge file ONE`, from nothing to its exit.
    """

    machine: str
    runtime: str
    model: str
    decoder: str
    images: int
    rounds: int
    load: float
    stages: dict[str, Timing]
    whole: Timing
    rates: dict[int, float]
    peak_memory: float
    cold_start: Timing

    def to_json(self) -> dict[str, object]:
        """The fields as JSON takes them; `pictures` is the key that programs know."""
        return {("pictures" if k == "images" else k): v for k, v in asdict(self).items()}

    def to_text(self) -> str:
        """A table for people."""
        lines = [
            f"hwr-edge {__version__}, {self.runtime}, {self.model}, {self.decoder}",
            f"{self.machine}; {self.images} images, {self.rounds} rounds, one thread",
            f"{'':<14}{'median':>10}{'95 %':>10}",
            *(
                f"{name:<14}{timing.median:>7.2f} ms{timing.p95:>7.2f} ms"
                for name, timing in {**self.stages, "whole reading": self.whole}.items()
            ),
            f"load          {self.load:>7.0f} ms   (once)",
            f"cold start    {self.cold_start.median:>7.0f} ms   (hwr-edge file ONE, whole command)",
            f"peak memory   {self.peak_memory:>7.0f} MB",
            *(
                f"{f'{threads} thread' + 's' * (threads > 1):<14}{rate:>7.0f} readings a second"
                for threads, rate in self.rates.items()
            ),
        ]
        return "\n".join(lines) + "\n"


def bench(
    images: Sequence[str],
    rounds: int,
    threads: int,
    make: Callable[[int], Recognizer],
    on_error: Callable[[str], None],
) -> Bench:
    """Measure on images, or on made ones where there are none.

    Args:
        images: paths.
        rounds: how often each is read.
        threads: rates are taken for 1, 2, 4 ... up to this many.
        make: a recognizer with so many threads.
        on_error: gets one line for each image that cannot be read.

    Raises:
        DataError: none of the images can be read.
    """
    with TemporaryDirectory(prefix="hwr-edge-bench-") as folder:
        paths = _readable(images, on_error) if images else _made(Path(folder))
        began = time.perf_counter()
        reader = make(1)
        load = time.perf_counter() - began
        spent: dict[str, list[float]] = {name: [] for name in (*STAGES, "whole")}
        for path in [*paths * rounds][:_WARM]:
            reader.read(path, layout="line")
        for path in paths * rounds:
            for name, seconds in _stages(reader, path).items():
                spent[name].append(seconds)
        counts = sorted({*(2**k for k in range(8) if 2**k < threads), threads})
        timings = {name: Timing.of(found) for name, found in spent.items()}
        return Bench(
            machine=machine_name(),
            runtime=reader.runtime.name,
            model=reader.path.name,
            decoder=reader.decoder.value,
            images=len(paths),
            rounds=rounds,
            load=round(load * 1000, 1),
            stages={name: timings[name] for name in STAGES},
            whole=timings["whole"],
            rates={count: _rate(make(count), paths, rounds) for count in counts},
            peak_memory=_peak_memory(),
            cold_start=_cold_start(reader.path, paths[0]),
        )


def _peak_memory() -> float:
    """The most memory that this process has had, in MB; not a number where the system does not tell."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        try:
            import psutil
        except ModuleNotFoundError:
            return float("nan")
        return round(float(psutil.Process().memory_info().peak_wset) / 1024**2, 1)
    unit = 1024**2 if sys.platform == "darwin" else 1024  # bytes there, else kilobytes
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def _stages(reader: Recognizer, path: Path) -> dict[str, float]:
    marks = [time.perf_counter()]

    def timed(value: T) -> T:
        marks.append(time.perf_counter())
        return value

    grey = timed(read_grey(path))
    canvas = timed(preprocess(grey, reader.card.canvas))
    logits = timed(reader.runtime.logits(canvas))
    timed(reader.decode(logits, (0, 0, 1, 1)))
    spent = dict(zip(STAGES, np.diff(marks).tolist(), strict=True))
    return {**spent, "whole": marks[-1] - marks[0]}


def _rate(reader: Recognizer, paths: Sequence[Path], rounds: int) -> float:
    reader.read(paths[0], layout="line")
    began = time.perf_counter()
    for _ in range(rounds):
        for path in paths:
            reader.read(path, layout="line")
    return round(rounds * len(paths) / (time.perf_counter() - began), 1)


def _cold_start(model: Path, path: Path) -> Timing:
    command = [
        *(sys.executable, "-m", "hwr_edge", "file", "--layout", "line"),
        *("--model", str(model), "--", str(path)),
    ]
    spent = []
    for _ in range(_COLD_STARTS):
        began = time.perf_counter()
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            raise DataError(f"{path}: the command that reads it alone failed; see above")
        spent.append(time.perf_counter() - began)
    return Timing.of(spent)


def _readable(images: Sequence[str], on_error: Callable[[str], None]) -> list[Path]:
    paths = []
    for image in images:
        try:
            read_grey(Path(image))
        except ImageError as error:
            on_error(str(error))
            continue
        paths.append(Path(image))
    if not paths:
        raise DataError("none of the images can be read")
    return paths


def _made(folder: Path) -> list[Path]:
    """Names in the letters that OpenCV draws: good for times, not for figures of reading."""
    paths = []
    for k, name in enumerate(_MADE):
        image = np.full((48, 328), 255, np.uint8)
        cv2.putText(image, name, (14, 33), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 30, 2, cv2.LINE_AA)
        paths.append(folder / f"{k}.png")
        cv2.imwrite(str(paths[-1]), image)
    return paths


def machine_name() -> str:
    """What processor this is, and the system's architecture."""
    facts: dict[str, Any] = {}
    for file in ("/proc/device-tree/model", "/proc/cpuinfo"):
        try:
            text = Path(file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if file.endswith("model"):
            facts["name"] = text.rstrip("\0\n")
            break
        lines = (line.partition(":") for line in text.splitlines())
        facts = {key.strip(): value.strip() for key, _, value in lines}
        facts["name"] = facts.get("model name", facts.get("Model", ""))
    return " ".join(filter(None, [str(facts.get("name", "")), platform.machine()]))
