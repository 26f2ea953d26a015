"""Makes tiny.tflite: a full-int8 model that reads an image language, not handwriting.

Run with the development venv: python tests/golden/make_tiny_model.py

The canvas is 16 rows by 64 columns, cut into 16 frames of 4 columns. A frame whose upper third
is dark is an A, the middle third a B, the lower third a C, and a white one is blank: one
convolution whose weights are written by hand. `fakes.draw` draws in it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from hwr_edge.line.card import ModelCard, write_model
from hwr_edge.line.preprocess import Canvas

HEIGHT, WIDTH, STEP, BAND = 16, 64, 4, 5
LETTERS = "ABC"


def _weights() -> tuple[np.ndarray, np.ndarray]:
    kernel = np.zeros((HEIGHT, STEP, 1, len(LETTERS) + 1), np.float32)
    for k in range(len(LETTERS)):
        kernel[k * BAND : (k + 1) * BAND, :, 0, k + 1] = 12 / (BAND * STEP)
    return kernel, np.array([6, 0, 0, 0], np.float32)


def _flatbuffer() -> bytes:
    kernel, bias = _weights()

    def model(canvas: tf.Tensor) -> tf.Tensor:
        ink = 1 - canvas / 255
        scores = tf.nn.conv2d(ink, kernel, strides=(HEIGHT, STEP), padding="VALID")
        return tf.reshape(tf.nn.bias_add(scores, bias), (1, WIDTH // STEP, len(LETTERS) + 1))

    canvas = tf.TensorSpec((1, HEIGHT, WIDTH, 1), tf.float32)
    graph = tf.function(model).get_concrete_function(canvas)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([graph])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [np.full((1, HEIGHT, WIDTH, 1), level, np.float32)] for level in (0, 128, 255)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.int8
    return bytes(converter.convert())


if __name__ == "__main__":
    card = ModelCard("tiny image language", LETTERS, Canvas(HEIGHT, WIDTH, fit="stretch"))
    write_model(Path(__file__).with_name("tiny.tflite"), _flatbuffer(), card)
