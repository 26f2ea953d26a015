"""Ways to run a model, timed in turn, so that what else the machine does falls on all of them.

Times are the processor's, which on one thread and an idle machine is what a clock shows, and on a busy one
comes closer to that than a clock.

The yardstick is five int8 3x3 convolutions (16 with stride 2, 32, 64, 96, 96) on 48x384 with pools
2x2, 2x1, 2x1, Dense 96 and 30 outputs: 124 million multiplications.
"""

from __future__ import annotations

import io
import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from hwr_edge.line.bench import machine_name
from hwr_edge.line.preprocess import Canvas, preprocess
from hwr_train.synthetic.fields import FieldGenerator

ROOT = Path(__file__).resolve().parents[2]
WARM, FIELDS = 10, 45
Call = Callable[[int], float]
"""Runs crop k, and gives the processor's seconds that it took."""


def yardstick() -> bytes:
    """The yardstick as a full-int8 TFLite file, weights and calibration drawn."""
    import keras
    import tensorflow as tf
    from keras import layers

    keras.utils.set_random_seed(0)
    image = x = keras.Input((48, 384, 1), batch_size=1)
    pools = {1: (2, 2), 2: (2, 1), 4: (2, 1)}
    for k, filters in enumerate((16, 32, 64, 96, 96)):
        strides = 2 if k == 0 else 1
        x = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
        if k in pools:
            x = layers.MaxPooling2D(pools[k])(x)
    x = layers.Permute((2, 1, 3))(x)
    x = layers.Reshape((96, 288))(x)
    x = layers.Dense(30)(layers.Dense(96, activation="relu")(x))
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(image, x))
    rng = np.random.default_rng(0)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [rng.random((1, 48, 384, 1), np.float32)] for _ in range(20)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    with redirect_stdout(io.StringIO()):  # it tells where its drafts are
        return bytes(converter.convert())


def crops() -> list[Grey]:
    """The examples and drawn fields, grey."""
    maker, rng = FieldGenerator(seed=7), np.random.default_rng(7)
    examples = [read_grey(path) for path in sorted((ROOT / "examples").glob("*.png"))]
    return [*examples, *(maker.make(rng)[1] for _ in range(FIELDS))]


def canvases(canvas: Canvas) -> NDArray[np.uint8]:
    """The crops as a model takes them, uint8 (N, H, W, 1)."""
    return np.stack([preprocess(crop, canvas) for crop in crops()])[..., None]


def litert(content: bytes, inputs: NDArray[Any], stateful: bool = False) -> Call:
    """One invoke in LiteRT on one thread; `stateful`: the graph keeps state, which is put back."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    (wanted,) = interpreter.get_input_details()

    def call(k: int) -> float:
        interpreter.set_tensor(wanted["index"], inputs[k][None].astype(wanted["dtype"]))
        began = time.process_time()
        if stateful:
            interpreter.reset_all_variables()
        interpreter.invoke()
        return time.process_time() - began

    return call


def in_turn(calls: Mapping[str, Call], rounds: int, count: int) -> dict[str, float]:
    """Median milliseconds of each, over crops 0 to `count`, all of them one after another."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for k in range(WARM + rounds):
        for name, call in calls.items():
            seconds = call(k % count)
            if k >= WARM:
                spent[name].append(seconds)
    return {name: float(np.median(seconds)) * 1e3 for name, seconds in spent.items()}


def machine() -> str:
    """The processor, and how busy the machine was before."""
    load = os.getloadavg()[0]
    return f"{machine_name()}, {os.cpu_count()} cores, {platform.system()}; load before {load:.1f}"
