"""Training on several devices, of one machine or of several, by Keras' distribution API on JAX.

Every device holds all weights and computes its share of each batch (data parallel). What is computed is the batch as
a whole: batch norm, dropout and losses are those of one device, within rounding.
No backend is imported here, and Keras only by what is called.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from hwr_edge.errors import DataError
from hwr_edge.native import quiet
from hwr_train.fitting.hosts import ALONE, Hosts
from hwr_train.fitting.meeting import free_port, meet
from hwr_train.interrupts import Interrupts

_SIMULATED = "XLA_FLAGS=--xla_force_host_platform_device_count="


def choose_backend() -> None:
    """Have Keras take JAX, before it is imported.

    Raises:
        DataError: JAX is not installed, or another backend was asked for or is at work.
    """
    if find_spec("jax") is None:
        raise DataError("--devices needs JAX; run: pip install 'hwr-edge[train,jax]'")
    asked = os.environ.setdefault("KERAS_BACKEND", "jax")
    if "keras" in sys.modules:
        import keras

        asked = keras.backend.backend()
    if asked != "jax":
        raise DataError(f"--devices needs KERAS_BACKEND=jax, not {asked}")


@contextmanager
def together(count: int, place: int, address: str) -> Iterator[Hosts]:
    """Within it, the devices of several hosts are there; to be entered before JAX is used.

    Args:
        count: how many hosts there are.
        place: which of them this is, from 0.
        address: HOST:PORT of host 0, where they meet.

    Raises:
        DataError, HwrError: as `meet`.
    """
    if count == 1:
        yield ALONE
        return
    with Interrupts():
        hosts = meet(count, place, address)
    try:
        os.environ.setdefault("JAX_CPU_COLLECTIVES_IMPLEMENTATION", "gloo")
        where = f"{address.rpartition(':')[0]}:{hosts.gather('port', free_port())[0]}"
        with quiet():
            import keras

            keras.distribution.initialize(where, count, place)
        with hosts.loss_is_the_cause():
            yield hosts
        hosts.end()
    finally:
        hosts.leave()


def check_devices(devices: int, batch: int, hosts: Hosts = ALONE) -> None:
    """See that each host has so many devices, and that all of them can share a batch.

    Raises:
        DataError: there are fewer, or they do not divide it.
    """
    total = devices * hosts.count
    if total == 1:
        return
    if batch % total:
        fit = max(1, batch // total) * total
        raise DataError(
            f"a batch of {batch} cannot be split over {total} devices; use --batch {fit}"
        )
    import keras

    there = len(keras.distribution.list_devices())
    if hosts.count > 1 and there != total:
        raise DataError(
            f"the {hosts.count} hosts have {there} devices in all, not {total}; set --devices to what "
            f"each host has, or simulate them with {_SIMULATED}{devices}"
        )
    if devices > there:
        raise DataError(
            f"there are {there} devices, not {devices}; use --devices {there}, "
            f"or simulate them with {_SIMULATED}{devices}"
        )


@contextmanager
def spread(devices: int) -> Iterator[None]:
    """Within it, models are made, loaded and trained on so many devices, those of all hosts."""
    if devices == 1:
        yield
        return
    import keras

    names = keras.distribution.list_devices()[:devices]
    # Each host gives its own share of a batch.
    with keras.distribution.DataParallel(devices=names, auto_shard_dataset=False).scope():
        yield


@contextmanager
def on_one_device() -> Iterator[None]:
    """Within it, also inside `spread`, models are made and measured on this host's first device.

    Nothing in it waits for other hosts: one may do it alone.
    """
    import keras

    before: Any = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)
