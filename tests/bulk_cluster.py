"""A Ray cluster of simulated nodes on this machine, and who kills its parts while `hwr-edge bulk` reads."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from commands import HWR_EDGE, environment
from fakes import TINY_MODEL

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
_STORE = 80 << 20


def _patient(get_node: Callable[..., Any]) -> Callable[..., Any]:
    """Ray gives a node 30 seconds to start, which on a busy machine may be too few."""

    def get(*given: Any) -> Any:
        late = time.monotonic() + 240
        while True:
            try:
                return get_node(*given)
            except RuntimeError:
                if time.monotonic() > late:
                    raise
                time.sleep(0.5)

    return get


class Process(NamedTuple):
    """A process of this machine: its parent, what it calls itself, and the memory and time it takes.

    rss: MB that are its own or shared.
    seconds: of the processor, with those of its children that ended.
    """

    pid: int
    parent: int
    name: str
    rss: float
    seconds: float


def processes() -> list[Process]:
    """All of this machine."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            name = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            ticks = sum(map(int, stat[11:15]))
            rss = int(stat[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
            seconds = ticks / os.sysconf("SC_CLK_TCK")
            found.append(Process(int(folder.name), int(stat[1]), name, rss, seconds))
    return found


def below(pid: int) -> list[Process]:
    """A process and all that it began, directly or not."""
    everything, family = processes(), {pid}
    for _ in range(8):  # generations
        family |= {one.pid for one in everything if one.parent in family}
    return [one for one in everything if one.pid in family]


class Nodes:
    """So many nodes with one processor each, and a head with none."""

    def __init__(self, count: int) -> None:
        os.environ.update(_QUIET, **{"PYTHONPATH": environment()["PYTHONPATH"]})
        from ray._private import services
        from ray.cluster_utils import Cluster

        services.get_node = _patient(services.get_node)
        self._cluster = Cluster(
            initialize_head=True,
            head_node_args={
                "num_cpus": 0,
                "object_store_memory": _STORE,
                "include_dashboard": False,
            },
        )
        self.address: str = self._cluster.address
        self._nodes = [self._node() for _ in range(count)]
        self._cluster.wait_for_nodes()

    def _node(self) -> Any:
        return self._cluster.add_node(num_cpus=1, object_store_memory=_STORE)

    def lose_node(self, again: bool = True) -> None:
        """Kill a node with all that runs on it; another one comes in its place, if `again`."""
        self._cluster.remove_node(self._nodes.pop(0), allow_graceful=False)
        if again:
            self._nodes.append(self._node())

    def lose_all(self) -> None:
        """Kill all nodes."""
        while self._nodes:
            self.lose_node(again=False)

    def kill_worker(self) -> bool:
        """Kill a process that reads; False where none does."""
        for pid in self.workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def workers(self) -> list[int]:
        """The processes that are reading."""
        raylets = {
            str(info.process.pid) for node in self._nodes for info in node.all_processes["raylet"]
        }
        return [
            process.pid
            for process in processes()
            if str(process.parent) in raylets and process.name.startswith("ray::_read")
        ]

    def close(self) -> None:
        """End all of it."""
        self._cluster.shutdown()


def command(inputs: Path | str, out: Path | str, *options: str) -> list[str]:
    """`hwr-edge bulk`, as a command line."""
    return [*HWR_EDGE, "bulk", str(inputs), "--output", str(out), "--format", "jsonl", *options]


def rows(out: Path) -> dict[str, bytes]:
    """The parts that are there."""
    return {path.name: path.read_bytes() for path in sorted(out.glob("rows/part-*"))}


def read_with_kills(
    nodes: Nodes,
    inputs: Path,
    out: Path,
    kills: list[str],
    again: bool = True,
    seed: int = 0,
    model: str = str(TINY_MODEL),
) -> Iterator[str]:
    """Read an archive, while things are killed at random moments; yields each kill as it is done.

    Args:
        nodes: the cluster.
        inputs: what is read.
        out: where rows go.
        kills: "driver", "worker" or "node", in their order.
        again: whether another node comes in the place of one that is lost.
        seed: of the moments.
        model: what reads.

    Raises:
        AssertionError: a part that was there changed, or the command failed by itself.
    """
    rng, left = random.Random(seed), list(kills)
    there: dict[str, tuple[int, int]] = {}
    while True:
        driver = subprocess.Popen(
            command(inputs, out, "--address", nodes.address),
            env=environment(HWR_EDGE_MODEL=model),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            while driver.poll() is None:
                _check(out, there)
                if not left or not nodes.workers():
                    time.sleep(0.05)
                    continue
                time.sleep(rng.uniform(0, 0.6))
                kind = left[0]
                if kind == "driver":
                    driver.kill()
                    driver.wait()
                elif kind == "node":
                    nodes.lose_node(again)
                elif not nodes.kill_worker():
                    continue
                yield left.pop(0)
        finally:
            driver.kill()
            _, told = driver.communicate()
        _check(out, there)
        if driver.returncode == 0:
            return
        assert driver.returncode == -signal.SIGKILL, told.decode()


def _check(out: Path, there: dict[str, tuple[int, int]]) -> None:
    """Note what parts there are; none that was noted may have been written again."""
    for path in out.glob("rows/part-*"):
        found = path.stat()
        identity = found.st_ino, found.st_mtime_ns
        assert there.setdefault(path.name, identity) == identity, f"{path} was read twice"
