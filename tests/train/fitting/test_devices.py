"""Training on several devices, which XLA simulates on one processor.

Each run is a fresh process: how many devices there are is settled when JAX starts.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_train.config import TrainConfig
from hwr_train.fitting.devices import check_devices, choose_backend

pytest.importorskip("jax")

_CONFIG = TrainConfig(preset="tiny", epochs=2, batch=8, made=40, workers=1)
_NAMES = "NAME,COUNT\nLEA,5\nTOM,4\nANA,3\n"  # short: few widths to compile for


@dataclass(frozen=True)
class Runs:
    """A folder of runs, and the environment that they start in."""

    folder: Path
    environment: Mapping[str, str]

    def start(self, devices: int, *options: str, simulated: int = 4) -> subprocess.Popen[str]:
        """The command, where XLA simulates so many devices."""
        flag = f"--xla_force_host_platform_device_count={simulated}"
        return subprocess.Popen(
            [sys.executable, "-m", "hwr_train", "train", "--devices", str(devices), *options],
            env={**self.environment, "XLA_FLAGS": flag},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def begin(self, devices: int) -> Path:
        """A finished run of two epochs; the folder with -1 behind is the run as it was after one."""
        folder = self.folder / str(devices)
        folder.mkdir()
        replace(_CONFIG, names=str(self.folder / "names.csv")).save(folder / "config.json")
        with self.start(devices, "--resume", str(folder)) as process:
            deadline = time.monotonic() + 300
            while not (folder / "state.json").exists() and time.monotonic() < deadline:
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.02)
            process.send_signal(signal.SIGSTOP)
            shutil.copytree(folder, self.folder / f"{devices}-1")
            process.send_signal(signal.SIGCONT)
            said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return folder

    def refused(self, devices: int, *options: str) -> str:
        """The one line of a run that does not begin."""
        new = ["--preset", "tiny", "--runs", str(self.folder / "none"), *options]
        with self.start(devices, *new, simulated=2) as process:
            said, _ = process.communicate(timeout=300)
        assert process.returncode == 1
        assert not list((self.folder / "none").iterdir())
        (line,) = [line for line in said.splitlines() if line.startswith("error:")]
        assert line == said.splitlines()[-1]
        assert "Traceback" not in said
        return line


def losses(folder: Path) -> list[float]:
    """Of each epoch."""
    return [row["loss"] for row in json.loads((folder / "state.json").read_text())["log"]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("runs")
    (folder / "names.csv").write_text(_NAMES)
    compiled = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    return Runs(folder, {**os.environ, **compiled, "KERAS_BACKEND": "jax"})


@pytest.fixture(scope="module")
def whole(runs: Runs) -> dict[int, Path]:
    """Uninterrupted runs, by the devices that they trained on."""
    with ThreadPoolExecutor() as pool:
        return dict(zip((1, 4), pool.map(runs.begin, (1, 4)), strict=True))


def test_four_devices_learn_what_one_does(whole: dict[int, Path]) -> None:
    one, four = losses(whole[1]), losses(whole[4])
    assert len(one) == 2
    assert one[1] < one[0]
    assert four == pytest.approx(one, rel=1e-3)


@pytest.mark.parametrize(("before", "after"), [(4, 1), (1, 4)])
def test_a_run_goes_on_with_other_devices(
    before: int, after: int, whole: dict[int, Path], runs: Runs
) -> None:
    folder = runs.folder / f"{before}-1"
    assert len(losses(folder)) == 1
    with runs.start(after, "--resume", str(folder)) as process:
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert losses(folder) == pytest.approx(losses(whole[before]), rel=1e-3)


def test_more_devices_than_there_are_are_one_line(runs: Runs) -> None:
    assert "there are 2 devices, not 4: give --devices 2" in runs.refused(4)


def test_a_batch_that_cannot_be_shared_is_one_line_with_one_that_can(runs: Runs) -> None:
    assert "a batch of 11 cannot be shared by 2 devices: --batch 10" in runs.refused(
        2, "--batch", "11"
    )
    with pytest.raises(DataError, match="--batch 4"):
        check_devices(4, batch=3)


def test_another_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    with pytest.raises(DataError, match="KERAS_BACKEND=jax, not torch"):
        choose_backend()
