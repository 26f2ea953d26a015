"""Workers on one machine or many: Ray's tasks. The only place that knows Ray.

A part is one task: it reads, and puts its rows where they belong, so nothing but a few numbers travels
between machines. Ray Data, which streams rows from task to task, would have nothing to stream. Ray gives
a task to another worker where its own was killed or its machine went away.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any

from hwr_edge.bulk.parts import Part
from hwr_edge.bulk.storage import no_cluster
from hwr_edge.bulk.work import Done, Setup, Worker
from hwr_edge.errors import DataError, HwrError
from hwr_edge.native import quiet


@dataclass(frozen=True)
class _Limits:
    """How long a cluster is waited for, and what it may hold; `make bench-bulk` kills workers and nodes to try them.

    again: times that a part is tried after its worker was killed.
    tick: seconds between looks at what is done.
    patience: seconds without any processor, until that is an error.
    starts: tries to start; Ray gives its processes 30 seconds, which on a busy machine may be too few.
    knock: seconds for a cluster to answer.
    store: bytes of Ray's object store: its least, since no image goes through it.
    more: tasks beyond the processors that there are, so that a cluster that grows sees a need.
    """

    again: int = 5
    tick: float = 1.0
    patience: float = 60.0
    starts: int = 3
    knock: float = 10.0
    store: int = 80 << 20
    more: int = 2


_LIMITS = _Limits()
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


class Engine:
    """A cluster that runs, or workers of our own."""

    def __init__(self, ray: ModuleType, workers: int | None) -> None:
        self._ray, self._workers = ray, workers
        self._read = ray.remote(
            num_cpus=1, max_retries=_LIMITS.again, scheduling_strategy="SPREAD"
        )(_read)

    def run(self, setup: Setup, parts: Iterable[Part]) -> Iterator[Done | None]:
        """Read parts; yields each as it is done, in any order, and None at least each second.

        Raises:
            HwrError: a part cannot be read or written, killed its workers, or no processor is left.
        """
        shared = [self._ray.put(setup)]  # in a list: each worker takes it once
        yield None  # whoever counts time begins here
        rest, flying, seen = iter(parts), dict[Any, Part](), time.monotonic()
        while True:
            free = self._most() - len(flying)
            for part in islice(rest, max(0, free)):
                flying[self._read.remote(setup.digest, shared, part)] = part
            if not flying:
                return
            ready, _ = self._ray.wait(list(flying), timeout=_LIMITS.tick)
            for one in ready:
                yield self._result(one, flying.pop(one))
            if not ready:
                seen = self._checked(seen)
                yield None
            else:
                seen = time.monotonic()

    def _most(self) -> int:
        """How many tasks there may be."""
        return self._workers or int(self._ray.cluster_resources().get("CPU", 0)) + _LIMITS.more

    def _checked(self, seen: float) -> float:
        """When there last was a processor; HwrError where that is long ago."""
        now = time.monotonic()
        if self._ray.cluster_resources().get("CPU", 0) >= 1:
            return now
        if now - seen > _LIMITS.patience:
            raise HwrError(
                f"the cluster has had no processor for {_LIMITS.patience:.0f} seconds; start its nodes again, "
                "and repeat the command to continue"
            )
        return seen

    def _result(self, one: Any, part: Part) -> Done:
        errors = self._ray.exceptions
        try:
            done: Done = self._ray.get(one)
        except errors.RayTaskError as error:
            if isinstance(error.cause, HwrError):
                raise type(error.cause)(str(error.cause)) from None
            raise HwrError(f"{part.name}: a worker failed ({error.cause!r})") from error
        except errors.RayError as error:
            raise HwrError(
                f"{part.name} ({part.names[0]} and on): its worker was killed {_LIMITS.again + 1} times "
                "(not enough memory?); use fewer --workers, or remove the image that causes it"
            ) from error
        return done


@contextmanager
def engine(address: str | None, workers: int | None) -> Iterator[Engine]:
    """A cluster at an address, or one of our own on this machine for as long as it is needed.

    Args:
        address: as Ray takes it: HOST:PORT, ray://HOST:PORT or auto; None for this machine alone.
        workers: how many parts are read at once, from 1; None for as many as there are processors.

    Raises:
        RuntimeMissing: Ray is not installed.
        HwrError: the cluster cannot be reached, or the engine does not start.
    """
    os.environ.update({k: v for k, v in _ENVIRONMENT.items() if k not in os.environ})
    try:
        with quiet():
            import ray
    except ImportError as error:
        raise no_cluster("many workers") from error
    folder = None if address else tempfile.mkdtemp(prefix="hwr-")
    try:
        _begin(ray, address, workers, folder)
        yield Engine(ray, workers)
    finally:
        with quiet():
            ray.shutdown()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _check_reachable(address: str) -> None:
    """Ray itself tries for minutes where nobody is."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal():
        if address != "auto":
            raise DataError(f"{address}: not the address of a cluster; use HOST:PORT or auto")
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _LIMITS.knock).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise HwrError(f"{address}: no Ray cluster can be reached there ({why})") from error


def _begin(ray: ModuleType, address: str | None, workers: int | None, folder: str | None) -> None:
    import logging

    own: dict[str, Any] = {
        "num_cpus": workers or os.cpu_count(),
        "num_gpus": 0,
        "include_dashboard": False,
        "object_store_memory": _LIMITS.store,
        "_temp_dir": folder,
        "_node_ip_address": "127.0.0.1",
    }
    silent = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if address:
        _check_reachable(address)
    for left in reversed(range(_LIMITS.starts)):
        try:
            with quiet():
                ray.init(address or "local", **silent, **({} if address else own))
            return
        except Exception as error:  # Ray has no one error for it
            ray.shutdown()
            if address or not left:
                where = f"{address}: no Ray cluster can be reached there" if address else ""
                why = " ".join(str(error).split())[:200]
                raise HwrError(f"{where or 'the workers do not start'} ({why})") from error


_made: tuple[str, Worker] | None = None


def _read(digest: str, shared: list[Any], part: Part) -> Done:
    """In a worker's process, which keeps what it once made."""
    global _made
    if _made is None or _made[0] != digest:
        import ray

        _made = digest, Worker(ray.get(shared[0]))
    return _made[1].read(part)
