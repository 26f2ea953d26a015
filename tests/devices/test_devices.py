"""Training on several devices, which XLA simulates on one processor, and on two hosts, which are processes here.

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
from typing import NamedTuple

import pytest

from hwr_edge.errors import DataError
from hwr_train.config import TrainConfig
from hwr_train.fitting.devices import check_devices, choose_backend
from hwr_train.fitting.meeting import free_port

pytest.importorskip("jax")

_CONFIG = TrainConfig(preset="tiny", epochs=2, batch=8, made=40, workers=1)
_NAMES = "NAME,COUNT\nLEA,5\nTOM,4\nANA,3\n"  # short: few widths to compile for


class Shape(NamedTuple):
    """What a run trains on: so many devices of each host."""

    devices: int
    hosts: int = 1

    @property
    def name(self) -> str:
        return f"{self.devices}x{self.hosts}"


ONE, FOUR, TWO_HOSTS = Shape(1), Shape(4), Shape(2, 2)


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

    def start_on(self, shape: Shape, *options: str) -> list[subprocess.Popen[str]]:
        """The command on each host."""
        if shape.hosts == 1:
            return [self.start(shape.devices, *options)]
        meet = ("--hosts", str(shape.hosts), "--meet", f"127.0.0.1:{free_port()}")
        return [
            self.start(shape.devices, *meet, "--host", str(k), *options, simulated=shape.devices)
            for k in range(shape.hosts)
        ]

    def new(self, name: str) -> Path:
        """The folder of a run that has not begun."""
        folder = self.folder / name
        folder.mkdir()
        replace(_CONFIG, names=str(self.folder / "names.csv")).save(folder / "config.json")
        return folder

    def begin(self, shape: Shape) -> Path:
        """A finished run of two epochs; the folder with -1 behind is the run as it was after one."""
        folder = self.new(shape.name)
        hosts = self.start_on(shape, "--resume", str(folder))
        wait_for(folder / "state.json", hosts)
        hosts[0].send_signal(signal.SIGSTOP)
        shutil.copytree(folder, self.folder / f"{shape.name}-1")
        hosts[0].send_signal(signal.SIGCONT)
        for host in hosts:
            said, _ = host.communicate(timeout=900)
            assert host.returncode == 0, said
        return folder

    def refused(self, devices: int, *options: str) -> str:
        """The one line of a run that does not begin."""
        new = ["--preset", "tiny", "--runs", str(self.folder / "none"), *options]
        with self.start(devices, *new, simulated=2) as process:
            said, _ = process.communicate(timeout=900)
        assert process.returncode == 1
        assert not list((self.folder / "none").iterdir())
        (line,) = [line for line in said.splitlines() if line.startswith("error:")]
        assert line == said.splitlines()[-1]
        assert "Traceback" not in said
        return line


def wait_for(path: Path, hosts: list[subprocess.Popen[str]]) -> None:
    """Until a file is there."""
    deadline = time.monotonic() + 900
    while not path.exists() and time.monotonic() < deadline:
        for host in hosts:
            assert host.poll() is None, host.communicate()[0]
        time.sleep(0.02)


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
def whole(runs: Runs) -> dict[Shape, Path]:
    """Uninterrupted runs, by what they trained on."""
    shapes = (ONE, FOUR, TWO_HOSTS)
    with ThreadPoolExecutor() as pool:
        return dict(zip(shapes, pool.map(runs.begin, shapes), strict=True))


@pytest.mark.parametrize("shape", [FOUR, TWO_HOSTS])
def test_several_devices_and_hosts_learn_what_one_does(
    shape: Shape, whole: dict[Shape, Path]
) -> None:
    one, several = losses(whole[ONE]), losses(whole[shape])
    assert len(one) == 2
    assert one[1] < one[0]
    assert several == pytest.approx(one, rel=1e-3)


@pytest.mark.parametrize(
    ("before", "after"), [(FOUR, ONE), (ONE, FOUR), (TWO_HOSTS, ONE), (ONE, TWO_HOSTS)]
)
def test_a_run_goes_on_with_others(
    before: Shape, after: Shape, whole: dict[Shape, Path], runs: Runs
) -> None:
    folder = runs.folder / f"{before.name}-on-{after.name}"
    shutil.copytree(runs.folder / f"{before.name}-1", folder)
    assert len(losses(folder)) == 1
    for host in runs.start_on(after, "--resume", str(folder)):
        said, _ = host.communicate(timeout=900)
        assert host.returncode == 0, said
    assert losses(folder) == pytest.approx(losses(whole[before]), rel=1e-3)


def test_when_a_host_is_killed_the_other_ends_with_one_line(runs: Runs) -> None:
    folder = runs.new("killed")
    first, other = runs.start_on(TWO_HOSTS, "--resume", str(folder))
    wait_for(folder / "state.json", [first, other])
    other.kill()
    said, _ = first.communicate(timeout=900)
    other.communicate()
    assert first.returncode == 1
    assert "Traceback" not in said
    told = "error: host 1 is gone; start all hosts again with --resume and the run's folder"
    assert said.splitlines()[-1] == told
    assert len(losses(folder)) >= 1


def test_hosts_that_differ_are_one_line(runs: Runs) -> None:
    folder = runs.new("differ")
    meet = ("--hosts", "2", "--meet", f"127.0.0.1:{free_port()}", "--resume")
    other = runs.new("differ-1")
    text = (other / "config.json").read_text()
    (other / "config.json").write_text(text.replace('"seed": 0', '"seed": 1'))
    hosts = [
        runs.start(1, *meet, str(where), "--host", str(k), simulated=1)
        for k, where in enumerate((folder, other))
    ]
    said = [host.communicate(timeout=900)[0] for host in hosts]
    assert [host.returncode for host in hosts] == [1, 1]
    assert "Traceback" not in "".join(said)
    assert "error: host 1: its options, or the run's folder, differ from host 0's" in "".join(said)


def test_hosts_that_nobody_can_meet_are_one_line(runs: Runs) -> None:
    new = ["--preset", "tiny", "--runs", str(runs.folder / "nobody"), "--hosts", "2"]
    with runs.start(1, *new) as process:
        said, _ = process.communicate(timeout=900)
    assert process.returncode == 1
    assert said == "error: several hosts need --hosts, --host and --meet HOST:PORT\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_ended_while_jax_computes_says_one_line(
    number: signal.Signals, status: int, runs: Runs
) -> None:
    folder = runs.new(f"ended-{number.name}")
    (process,) = runs.start_on(ONE, "--resume", str(folder), "--epochs", "9")
    wait_for(folder / "state.json", [process])
    process.send_signal(number)
    said, _ = process.communicate(timeout=900)
    assert process.returncode == status
    assert "Traceback" not in said
    assert said.splitlines()[-1] == f"interrupted; go on with RESUME={folder}"


def test_more_devices_than_there_are_are_one_line(runs: Runs) -> None:
    assert "there are 2 devices, not 4; use --devices 2" in runs.refused(4)


def test_a_batch_that_cannot_be_shared_is_one_line_with_one_that_can(runs: Runs) -> None:
    assert "a batch of 11 cannot be split over 2 devices; use --batch 10" in runs.refused(
        2, "--batch", "11"
    )
    with pytest.raises(DataError, match="--batch 4"):
        check_devices(4, batch=3)


def test_without_jax_that_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwr_train.fitting.devices.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"--devices needs JAX; run: pip install 'hwr-edge\[train,"):
        choose_backend()


def test_another_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    with pytest.raises(DataError, match="KERAS_BACKEND=jax, not torch"):
        choose_backend()
