"""The inference graph against the Keras model it was made of."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from numpy.typing import NDArray

from hwr_convert.lower import check_same, lower
from hwr_convert.options import Lowering
from hwr_edge.errors import ModelError
from hwr_train.network.model import PRESETS
from small_models import SMALL, small_model


@pytest.mark.parametrize("lowering", Lowering)
def test_the_lowered_graph_gives_the_models_logits(
    lowering: Lowering, canvases: NDArray[np.uint8]
) -> None:
    model = small_model(-1.0)
    lowered = lower(model, lowering)
    wanted = np.asarray(model.predict_on_batch(canvases[:8, ..., None]))
    found = np.concatenate([lowered.concrete(lowered.as_input(c)).numpy() for c in canvases[:8]])
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert wanted.std() > 0.1


@pytest.mark.parametrize(("preset", "zero_point"), [("edge", 255), ("tiny", 255), ("baseline", 0)])
def test_every_preset_can_be_lowered(preset: str, zero_point: int) -> None:
    found = PRESETS[preset]
    model = found.product(9)
    lowered = lower(model, Lowering.UNROLLED)
    shape = (2, found.canvas.height, found.canvas.width)
    check_same(lowered, model, np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    assert lowered.zero_point == zero_point


def test_a_model_of_another_build_is_refused() -> None:
    image = keras.Input((SMALL.height, SMALL.width, 1), dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.Reshape((SMALL.height, SMALL.width))(x)
    sums = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode="sum")(x)
    with pytest.raises(ModelError, match="only a plain LSTM"):
        lower(keras.Model(image, sums), Lowering.UNROLLED)
    with pytest.raises(ModelError, match="Rescaling"):
        lower(keras.Model(image, layers.Dense(3)(layers.Flatten()(image))), Lowering.UNROLLED)


@pytest.mark.parametrize("merge", [layers.Add(), layers.Concatenate(), sum])
def test_a_model_that_is_no_chain_is_refused(merge: Any, canvases: NDArray[np.uint8]) -> None:
    image = keras.Input((SMALL.height, SMALL.width, 1), dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.Reshape((SMALL.height, SMALL.width))(x)
    y = layers.Dense(SMALL.width)(layers.Dense(SMALL.width)(x))
    model = keras.Model(image, merge([x, y]))
    with pytest.raises(ModelError, match=r"no plain chain|does not give the model's logits"):
        check_same(lower(model, Lowering.UNROLLED), model, canvases[:2])
