"""Training at large: memory and time of preparing rows, and the losses of one device against several simulated ones.

    PYTHONPATH=tests python -m bench.training_at_large [--rows 41000] [--steps 50] [--data FOLDER]

Rows are drawn names in shards, again and again under other keys; or those of a data folder. Memory is the peak of a process that
does what `hwr-train train` does before its first step, Keras included.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bulk_archives import names, tar

DEVICES = 4
SHARD = 1000  # images
_PREPARE = """
import json, resource, sys, time
from pathlib import Path
from hwr_train.config import TrainConfig
from hwr_train.fitting.prepare import prepare_data
from hwr_train.network.model import preset_named

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

imported, began = peak(), time.process_time()
data = prepare_data(TrainConfig(data=sys.argv[1]), preset_named("edge"), Path(sys.argv[2]))
print(json.dumps({"rows": data.reports["train"].kept, "imported": imported, "peak": peak(),
                  "seconds": time.process_time() - began}))
"""


def shards(where: Path, count: int) -> Path:
    """A data folder with so many rows to learn from, and a few to validate on."""
    drawn = [(name.removesuffix(".png"), data) for name, data in names(60).items()]
    for split, rows in (("train", count), ("validation", 60)):
        (where / split).mkdir(parents=True)
        each = iter([(k, *drawn[k % len(drawn)]) for k in range(rows)])
        for number in itertools.count():
            if not (some := list(itertools.islice(each, SHARD))):
                break
            files: dict[str, bytes] = {}
            for k, text, data in some:
                files |= {f"{k:06}.png": data, f"{k:06}.txt": text.encode()}
            tar(where / split / f"{number:05}.tar", files)
    return where


def prepare(data: Path, cache: Path) -> None:
    """Print what preparing takes."""
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE, str(data), str(cache)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    size = sum(path.stat().st_size for path in cache.iterdir())
    print(
        f"preparing {found['rows']:,} rows: peak {found['peak']:.0f} MB, of which {found['imported']:.0f} MB after the "
        f"imports (must be 1,024); {found['seconds']:.0f} processor s, {size / 1e9:.2f} GB on the disk"
    )


def losses(steps: int) -> None:
    """Print by how much the losses of one device and of several differ."""
    each = [_losses_on(devices, steps) for devices in (1, DEVICES)]
    apart = [abs(b - a) / abs(a) for a, b in zip(*each, strict=True)]
    print(
        f"losses over {steps} steps, 1 device against {DEVICES} simulated: from {each[0][0]:.2f} to {each[0][-1]:.2f}, "
        f"at most {max(apart):.1e} apart (must be 1e-3)"
    )


def _losses_on(devices: int, steps: int) -> list[float]:
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={DEVICES}",
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.training_at_large",
            "--on",
            str(devices),
            "--steps",
            str(steps),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def train_on(devices: int, steps: int) -> list[float]:
    """The loss of each step, in this process."""
    import keras

    from hwr_train.config import TrainConfig
    from hwr_train.fitting.devices import spread
    from hwr_train.fitting.prepare import prepare_data
    from hwr_train.fitting.start import new_model
    from hwr_train.network.model import preset_named

    means: list[float] = []

    class Noted(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            means.append(float((logs or {})["loss"]))

    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "names.csv")
        listed.write_text("NAME,COUNT\nLEA,5\nTOM,4\nANA,3\n")  # short: few widths to compile for
        config = TrainConfig(preset="tiny", epochs=1, batch=8, made=8 * steps, names=str(listed))
        keras.utils.set_random_seed(config.seed)
        preset = preset_named(config.preset)
        data = prepare_data(config, preset, Path(folder), devices)
        data.loader.begin(0)
        with spread(devices):
            model = new_model(config, preset, data)
            model.fit(data.loader, callbacks=[Noted()], verbose=0, shuffle=False)
        data.loader.close()
    sums = [0.0, *(mean * k for k, mean in enumerate(means, 1))]
    return [after - before for before, after in itertools.pairwise(sums)]


def main() -> None:
    """Print all figures; what is given as 0 is left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=41_000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument(
        "--data", type=Path, help="a data folder to prepare in place of drawn names"
    )
    parser.add_argument("--on", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.on:
        print(json.dumps(train_on(asked.on, asked.steps)))
        return
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        if asked.rows or asked.data:
            began = time.perf_counter()
            prepare(asked.data or shards(where / "data", asked.rows), where / "cache")
            print(f"  {time.perf_counter() - began:.0f} s in all")
        if asked.steps:
            losses(asked.steps)


if __name__ == "__main__":
    main()
