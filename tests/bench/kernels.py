"""Whether XNNPACK's kernels and TFLite's own read the same names alike, in this environment's interpreter.

    PYTHONPATH=tests python -m bench.kernels DATA [--split validation] [--limit N]

DATA has the public layout. For each name the logits of both are compared, in quantization steps, and what is read
in them. Neither is the right one: both round, at other places.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from bench.timing import machine
from hwr_edge.line.metrics import score
from hwr_edge.line.recognizer import Recognizer
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData, load
from hwr_train.data.cleaning import clean
from hwr_train.data.rows import read_rows
from outputs import Logits, Way
from wheels import ROOT


def logits(way: Way, names: NameData) -> Logits:
    """Int8 (N, T, classes)."""
    return np.stack([way.logits(np.asarray(canvas)) for canvas in names.canvases])


def main() -> None:
    """Print the differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="validation")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "names-int8.tflite")
    given = parser.parse_args()
    readers = {name: Recognizer(given.model, decoder=name) for name in ("greedy", "beam")}
    card = readers["beam"].card
    rows = read_rows(TrainConfig(data=str(given.data), limit=given.limit), given.split)
    kept, report = clean(rows, card.charset, 10**9)
    names = load(kept, report, card.canvas)
    ways = [Way(given.model, delegate=delegate) for delegate in (True, False)]
    found = [logits(way, names) for way in ways]
    steps = np.abs(found[0].astype(int) - found[1].astype(int)).max(axis=(1, 2))
    print(f"{machine()}; {len(names)} names of {given.split}")
    print(f"{ways[0].name} against the same{ways[1].name.removeprefix(ways[0].name)}:")
    share = ", ".join(f"{part:g} %: {np.percentile(steps, part):.0f}" for part in (50, 90, 95, 99))
    print(f"largest difference of a name's logits, in steps: {share}, all: {steps.max()}")
    for decoder, reader in readers.items():
        first, second = (
            [reader.decode(way.real(logit), (0, 0, 1, 1)).text for logit in one]
            for way, one in zip(ways, found, strict=True)
        )
        apart = sum(a != b for a, b in zip(first, second, strict=True))
        exact = [f"{score(names.texts, read).exact:.2%}" for read in (first, second)]
        print(f"{decoder}: {apart} read otherwise; exact {exact[0]} and {exact[1]}")


if __name__ == "__main__":
    main()
