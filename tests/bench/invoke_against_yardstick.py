"""One invoke of a model file against the yardstick graph, both int8 in LiteRT on one thread.

The yardstick is five int8 3x3 convolutions (16 with stride 2, 32, 64, 96, 96) on 48x384 with pools
2x2, 2x1, 2x1, Dense 96 and 30 outputs: 124 million multiplications. Both are invoked in turn, so that
what else the machine does falls on both; the ratio of the medians is what counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

ROUNDS, WARM = 400, 30


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
    return bytes(converter.convert())


def loaded(content: bytes) -> Any:
    """An interpreter with a drawn canvas set."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    (wanted,) = interpreter.get_input_details()
    canvas = np.random.default_rng(0).integers(0, 256, wanted["shape"]).astype(wanted["dtype"])
    interpreter.set_tensor(wanted["index"], canvas)
    return interpreter


def main() -> None:
    """Print both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, nargs="?", default=Path("models/names-int8.tflite"))
    model: Path = parser.parse_args().model
    pair = [loaded(yardstick()), loaded(model.read_bytes())]
    times: list[list[float]] = [[], []]
    for k in range(WARM + ROUNDS):
        for interpreter, own in zip(pair, times, strict=True):
            start = time.perf_counter()
            interpreter.invoke()
            if k >= WARM:
                own.append(time.perf_counter() - start)
    yard, ours = (float(np.median(own)) * 1e3 for own in times)
    print(f"{platform.machine()}, one thread, medians of {ROUNDS} invokes in turn")
    print(f"yardstick {yard:.3f} ms   {model} {ours:.3f} ms   ratio {ours / yard:.2f}")


if __name__ == "__main__":
    main()
