"""Small Keras models with drawn weights for the tests of conversion; nothing is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

import hwr_convert  # noqa: F401  # before Keras: it says which backend and how loud
from hwr_convert.calibrate import NameSource
from hwr_edge.line.card import ModelCard
from hwr_edge.line.charset import Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData
from hwr_train.fitting.loader import SyntheticNames
from hwr_train.network.artifact import save_artifact
from hwr_train.network.model import PRESETS
from hwr_train.synthetic.fields import FieldGenerator

SMALL = Canvas(16, 48)
LETTERS = Charset("ABCDEFG")


def small_model(offset: float, seed: int = 0) -> keras.Model:
    """Every kind of layer that the presets have; 12 frames, two BiLSTMs."""
    keras.utils.set_random_seed(seed)
    image = x = keras.Input((SMALL.height, SMALL.width, 1), dtype="uint8")
    x = layers.Rescaling(1 / 255, offset=offset)(x)
    x = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Permute((2, 1, 3))(x)
    x = layers.Reshape((12, 16))(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(6, activation="relu")(x)
    for units in (5, 4):
        x = layers.Bidirectional(layers.LSTM(units, return_sequences=True, dropout=0.2))(x)
    model = keras.Model(image, layers.Dense(LETTERS.classes)(x), name="small")
    rng = np.random.default_rng(seed)
    model.set_weights([_drawn(w, rng) for w in model.get_weights()])
    return model


def _drawn(weight: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Weights large enough that frames differ and gates saturate; variances stay positive."""
    if weight.ndim == 1:
        return (np.abs(weight + rng.normal(0, 0.3, weight.shape)) + 0.1).astype(np.float32)
    return rng.normal(0, 1.2 / weight.shape[-2] ** 0.5, weight.shape).astype(np.float32)


@dataclass(frozen=True)
class SmallFile:
    """A quantized small model."""

    path: Path
    card: ModelCard
    model: keras.Model


class FewNames(NameSource):
    """Made fields, a few of them, whose truths can be set to what some model reads."""

    truths: tuple[str, ...] | None = None
    passes_for_real = True

    @property
    def real(self) -> bool:
        return type(self).passes_for_real

    def calibration(self, canvas: Canvas, count: int, seed: int) -> NDArray[np.uint8]:
        return SyntheticNames(FieldGenerator(seed=1), canvas, 8, seed).dataset(1).canvases

    def held_out(self, canvas: Canvas) -> NameData:
        made = SyntheticNames(FieldGenerator(seed=1), canvas, 12, 5).dataset(2)
        return NameData(made.canvases, type(self).truths or made.texts, made.ids)

    def training_texts(self) -> list[str]:
        return ["ABBA", "CAFE", "GAGE", "DAB", "BAGAGE"]


def tiny_run(folder: Path, seed: int) -> Path:
    """A run's folder with drawn weights of the tiny preset."""
    keras.utils.set_random_seed(seed)
    preset, charset = PRESETS["tiny"], LETTERS
    model = preset.product(charset.classes)
    rng = np.random.default_rng(seed)
    model.set_weights([_drawn(w, rng) for w in model.get_weights()])
    folder.mkdir(parents=True)
    save_artifact(folder / "best.keras", model, charset, TrainConfig(preset="tiny", data="/gone"))
    return folder
