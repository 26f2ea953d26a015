"""How much longer a training step takes with real feeding than on batches that are there already.

    python tests/bench/feeding.py --data names --made 5000 --fonts fonts ...

Takes the options of a training run that say what it learns from. One epoch each, after one that
traces the network for every width: with real feeding (made names drawn, shuffled and augmented, as
in a run) and with constant batches of the same widths in the same order. The wanted ratio is at
most 1.2. On a machine that does something else beside, it says nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from hwr_edge.errors import HwrError
from hwr_train.config import TrainConfig
from hwr_train.fitting.loader import BatchLoader
from hwr_train.fitting.prepare import prepare_data
from hwr_train.fitting.start import new_model
from hwr_train.network.model import preset_named

WANTED = 1.2


class ConstantBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """For every batch of an epoch one of the same width that was made before."""

    def __init__(self, batches: BatchLoader) -> None:
        super().__init__()
        self.shapes = [batches[k][0].shape for k in range(len(batches))]
        self.kept = {batches[k][0].shape: batches[k] for k in range(len(batches))}

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        return self.kept[self.shapes[index]]


def seconds(model: keras.Model, batches: keras.utils.PyDataset, epoch: int | None = None) -> float:
    """An epoch of training; with its drawing, where an `epoch` to draw is given."""
    began = time.perf_counter()
    if epoch is not None:
        batches.begin(epoch)
    model.fit(batches, epochs=1, shuffle=False, verbose=0)
    return time.perf_counter() - began


def measure(config: TrainConfig, runs: Path) -> float:
    """Print a line for each kind of feeding, and their ratio; that ratio."""
    preset = preset_named(config.preset)
    sources = prepare_data(config, preset, runs / "cache")
    batches = sources.loader
    model = new_model(config, preset, sources)
    batches.begin(0)
    constant = ConstantBatches(batches)
    model.fit(constant, epochs=1, shuffle=False, verbose=0)
    steps = len(batches)
    plain, real = seconds(model, constant), seconds(model, batches, 2)  # of 1 some is drawn
    batches.close()
    load = ", ".join(f"{v:.1f}" for v in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}, {keras.backend.backend()}")
    print(f"{steps} steps of {batches.buckets.batch} names, {len(constant.kept)} widths")
    print(f"constant batches  {1000 * plain / steps:7.1f} ms a step")
    print(f"real feeding      {1000 * real / steps:7.1f} ms")
    print(f"ratio             {real / plain:7.2f}    at most {WANTED} is wanted")
    return real / plain


def main() -> None:
    """Measure the ratio; exit 1 where it is above the wanted one."""
    parser = argparse.ArgumentParser()
    for name in ("data", "names", "strokes", "fonts", "cut-by", "charset"):
        parser.add_argument(f"--{name}")
    for name in ("limit", "batch"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--preset", default=TrainConfig.preset)
    parser.add_argument("--made", type=int, default=2000)
    parser.add_argument("--cut", type=int, default=0)
    parser.add_argument("--workers", type=int, default=TrainConfig.workers)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    given = vars(parser.parse_args())
    runs = given.pop("runs")
    try:
        ratio = measure(TrainConfig(**given), runs)
    except HwrError as error:
        raise SystemExit(f"error: {error}") from error
    raise SystemExit(ratio > WANTED)


if __name__ == "__main__":
    main()
