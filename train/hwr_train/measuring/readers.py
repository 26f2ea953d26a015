"""What reads a grey image: a .tflite file as on the device, or a .keras file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hwr_edge.image.pixels import Grey
from hwr_edge.line.card import read_card
from hwr_edge.line.greedy import decode_text
from hwr_edge.line.preprocess import preprocess
from hwr_edge.line.recognizer import Recognizer
from hwr_train.config import TrainConfig


def folds_for(model: Path, config: TrainConfig) -> bool:
    """Whether labels are folded to measure a model: as asked, else as its letters say.

    Raises:
        DataError, ModelError: the model cannot be used.
    """
    if config.fold is not None:
        return config.fold
    if model.suffix != ".keras":
        return read_card(model).charset.folded
    from hwr_train.network.artifact import charset_beside  # with it comes Keras

    return charset_beside(model).folded


Reader = Callable[[Grey], tuple[str, float]]


def device_reader(recognizer: Recognizer) -> Reader:
    """Text and confidence of a grey image, as the device has them."""

    def read(grey: Grey) -> tuple[str, float]:
        reading = recognizer.read_grey(grey)
        return reading.text, reading.confidence

    return read


def keras_reader(path: Path) -> Reader:
    """Text and confidence of a grey image, as Keras has them.

    Raises:
        DataError: the model file cannot be used.
    """
    # With it comes Keras: not needed, and slow to load, for a .tflite.
    from hwr_train.network.artifact import load_artifact

    artifact = load_artifact(path)
    preset = artifact.preset

    def read(grey: Grey) -> tuple[str, float]:
        canvas = preprocess(grey, preset.canvas)
        # Compiled; called as it is, a recurrent model takes a second for each image.
        logits = np.asarray(artifact.model.predict_on_batch(canvas[None, :, :, None]))[0]
        decoded = decode_text(logits, artifact.charset, preset.drop_frames)
        return decoded.text, decoded.confidence

    return read
