"""One `Recognizer` that many threads share: are all readings right, and what do two threads gain?

    PYTHONPATH=tests python -m bench.shared_recognizer [--reads 5000]

The images are the examples and drawn fields, as files and as pixels in turn. First 16 threads read them, and each
reading is held against that of one thread alone. Then one thread, two threads and two processes read in turn, for a
moment each, many times; the best of each counts, since what else the machine does only ever slows them. Two
processes share nothing: their rate is what the two cores gave at that time. Where the cores are busy with other work,
what holds two threads back shows in the processor's time alone: only while the model runs is Python's lock free.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np

from bench.timing import ROOT, machine
from hwr_edge import Reading, Recognizer
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from hwr_edge.line.preprocess import preprocess
from hwr_train.synthetic.fields import FieldGenerator

IMAGES, THREADS, TURNS, AT_ONCE = 200, 16, 25, 40


def images() -> list[Grey]:
    """So many different crops."""
    examples = [read_grey(path) for path in sorted((ROOT / "examples").glob("*.png"))]
    maker, rng = FieldGenerator(seed=7), np.random.default_rng(7)
    return [*examples, *(maker.make(rng)[1] for _ in range(IMAGES - len(examples)))]


def wrong_or_failed(folder: Path, crops: list[Grey], reads: int) -> int:
    """How many of so many readings by 16 threads are not what one thread reads alone."""
    paths = [folder / f"{k}.png" for k in range(len(crops))]
    for path, crop in zip(paths, crops, strict=True):
        cv2.imwrite(str(path), crop)
    shared = Recognizer(workers=os.cpu_count() or 1)
    alone = [shared.read(path) for path in paths]

    def read(k: int) -> Reading | Exception:
        place = k % len(crops)
        try:
            return shared.read(paths[place] if k % 2 else crops[place])
        except Exception as error:  # whatever it is, it counts
            return error

    with ThreadPoolExecutor(THREADS) as threads:
        found = threads.map(read, range(reads))
        return sum(one != alone[k % len(crops)] for k, one in enumerate(found))


def locked_share(reader: Recognizer, crops: list[Grey]) -> float:
    """The part of a reading's processor time outside of the model, in which other threads mostly wait."""
    outside, model = [], []
    for crop in crops * 5:
        began = time.thread_time()
        canvas = preprocess(crop, reader.card.canvas)
        ready = time.thread_time()
        logits = reader.runtime.logits(canvas)
        told = time.thread_time()
        reader.decode(logits, (0, 0, crop.shape[1], crop.shape[0]))
        outside.append(ready - began + time.thread_time() - told)
        model.append(told - ready)
    return float(np.sum(outside) / (np.sum(outside) + np.sum(model)))


def by_threads(count: int, reader: Recognizer, crops: list[Grey]) -> float:
    """Readings a second of so many threads, each of which reads all crops."""

    def work() -> None:
        for crop in crops:
            reader.read(crop)

    threads = [threading.Thread(target=work) for _ in range(count)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count * len(crops) / (time.perf_counter() - began)


def serve(line: Connection) -> None:
    """A process that reads all crops whenever it is told to."""
    reader, crops = Recognizer(), images()[:AT_ONCE]
    with suppress(EOFError):  # who began it has ended
        while line.recv() is None:
            for crop in crops:
                reader.read(crop)
            line.send(None)


def by_processes(lines: list[Connection]) -> float:
    """Readings a second of so many processes at once."""
    began = time.perf_counter()
    for line in lines:
        line.send(None)
    for line in lines:
        line.recv()
    return len(lines) * AT_ONCE / (time.perf_counter() - began)


def started(count: int) -> list[Connection]:
    """So many processes, ready to read; they end with this one."""
    lines = []
    for _ in range(count):
        mine, its = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(its,), daemon=True
        )
        process.start()
        mine.send(None)
        mine.recv()
        lines.append(mine)
    return lines


def main() -> None:
    """Print the count, then three rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--reads", type=int, default=5000)
    reads: int = parser.parse_args().reads
    print(machine())
    crops = images()
    with tempfile.TemporaryDirectory() as folder:
        faults = wrong_or_failed(Path(folder), crops, reads)
    print(f"{THREADS} threads, {reads} readings of {len(crops)} images: {faults} wrong or failed")
    reader, crops, lines = Recognizer(workers=2), crops[:AT_ONCE], started(2)
    ways: dict[str, Callable[[], float]] = {
        "one thread": lambda: by_threads(1, reader, crops),
        "two threads": lambda: by_threads(2, reader, crops),
        "two processes": lambda: by_processes(lines),
    }
    best = dict.fromkeys(ways, 0.0)
    for _ in range(TURNS):
        for name, way in ways.items():
            best[name] = max(best[name], way())
    print(f"the best of {TURNS} turns of {AT_ONCE} images each")
    for name, rate in best.items():
        print(
            f"{name:<16}{rate:7.0f} readings a second   {rate / best['one thread']:.2f}",
            flush=True,
        )
    share = locked_share(reader, crops)
    print(f"{share:.0%} of a reading's processor time is outside of the model")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
