"""Training on several devices of one machine, by Keras' distribution API on JAX.

Every device holds all weights and computes its share of each batch (data parallel). What is computed is the batch as
a whole: batch norm, dropout and losses are those of one device, within rounding.
No backend is imported here, and Keras only by what is called.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hwr_edge.errors import DataError

_SIMULATED = "XLA_FLAGS=--xla_force_host_platform_device_count="


def choose_backend() -> None:
    """Have Keras take JAX, before it is imported.

    Raises:
        DataError: another backend was asked for, or is at work.
    """
    asked = os.environ.setdefault("KERAS_BACKEND", "jax")
    if "keras" in sys.modules:
        import keras

        asked = keras.backend.backend()
    if asked != "jax":
        raise DataError(f"--devices needs KERAS_BACKEND=jax, not {asked}")


def check_devices(devices: int, batch: int) -> None:
    """See that there are so many devices, and that they can share a batch.

    Raises:
        DataError: there are fewer, or they do not divide it.
    """
    if devices == 1:
        return
    if batch % devices:
        fit = max(1, batch // devices) * devices
        raise DataError(f"a batch of {batch} cannot be shared by {devices} devices: --batch {fit}")
    import keras

    there = len(keras.distribution.list_devices())
    if devices > there:
        raise DataError(
            f"there are {there} devices, not {devices}: give --devices {there}, "
            f"or simulate them with {_SIMULATED}{devices}"
        )


@contextmanager
def spread(devices: int) -> Iterator[None]:
    """Within it, models are made, loaded and trained on so many devices."""
    if devices == 1:
        yield
        return
    import keras

    names = keras.distribution.list_devices()[:devices]
    with keras.distribution.DataParallel(devices=names).scope():
        yield


@contextmanager
def on_one_device() -> Iterator[None]:
    """Within it, also inside `spread`, models are made and measured on the first device."""
    import keras

    before: Any = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)
