"""`hwr-edge file --jobs 2` against two processes with half of the images each.

    PYTHONPATH=tests python -m bench.jobs [--images 2000]

The images are the examples and drawn fields, again and again under other names. What is measured is the whole
command, start included, in turn; the ratio of the rates is what counts.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

from bench.timing import crops, machine

ROUNDS = 3
COMMAND = [sys.executable, "-m", "hwr_edge", "file", "--format", "jsonl"]


def write(folder: Path, count: int) -> list[Path]:
    """Two folders with so many images together."""
    images = [cv2.imencode(".png", crop)[1].tobytes() for crop in crops()]
    halves = [folder / "a", folder / "b"]
    for half in halves:
        half.mkdir()
    for k in range(count):
        (halves[k % 2] / f"{k:06}.png").write_bytes(images[k % len(images)])
    return halves


def seconds(*commands: list[str]) -> float:
    """Wall time of commands that run at the same time."""
    began = time.perf_counter()
    running = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    if any(process.wait() for process in running):
        sys.exit("a command failed")
    return time.perf_counter() - began


def main() -> None:
    """Print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--images", type=int, default=2000)
    count: int = parser.parse_args().images
    print(machine())
    together, apart = [], []
    with tempfile.TemporaryDirectory() as folder:
        halves = [str(half) for half in write(Path(folder), count)]
        for _ in range(ROUNDS):
            apart.append(seconds(*([*COMMAND, half] for half in halves)))
            together.append(seconds([*COMMAND, "--jobs", "2", *halves]))
    rates = [count / statistics.median(spent) for spent in (apart, together)]
    print(f"{count} images, medians of {ROUNDS} runs in turn")
    print(f"two processes, half each   {rates[0]:7.0f} readings a second")
    print(
        f"--jobs 2                   {rates[1]:7.0f} readings a second   {rates[1] / rates[0]:.2f}"
    )


if __name__ == "__main__":
    main()
