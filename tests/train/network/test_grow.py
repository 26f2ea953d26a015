"""A network that starts with a smaller one's weights computes the same."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from hwr_edge.errors import DataError
from hwr_train.network.grow import grow
from hwr_train.network.model import PRESETS, identity, to_frames


def _network(width: int, units: int, deeper: bool = False, classes: int = 9) -> keras.Model:
    image = x = keras.Input((8, 24, 1))
    x = layers.Conv2D(width, 3, padding="same", name="conv0")(x)
    x = layers.BatchNormalization(name="norm0")(x)
    x = layers.ReLU()(x)
    if deeper:
        x = layers.Conv2D(width + 2, 3, padding="same", kernel_initializer=identity, name="conv0b")(
            x
        )
        x = layers.ReLU()(x)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Conv2D(width, 3, padding="same", name="conv1")(x)
    x = to_frames(x)
    x = layers.Dense(10 + units, activation="relu", name="frames_dense")(x)
    for k in (0, 1):
        x = layers.Bidirectional(layers.LSTM(units, return_sequences=True), name=f"bilstm{k}")(x)
        x = layers.Dropout(0.2)(x)
    return keras.Model(image, layers.Dense(classes, name="logits")(x))


@pytest.mark.parametrize(
    ("width", "units", "deeper"), [(5, 6, True), (8, 6, False), (5, 9, False), (7, 8, True)]
)
def test_a_larger_network_computes_what_the_smaller_one_did(
    width: int, units: int, deeper: bool
) -> None:
    small, large = _network(5, 6), _network(width, units, deeper)
    for layer in small.layers:  # none of its weights as they began
        rng = np.random.default_rng(len(layer.weights))
        layer.set_weights([rng.uniform(0.1, 0.5, w.shape) for w in layer.get_weights()])
    image = np.random.default_rng(1).normal(0, 1, (3, 8, 24, 1)).astype(np.float32)
    wanted = np.asarray(small(image))
    assert np.abs(np.asarray(large(image)) - wanted).max() > 1e-2
    grow(small, large)
    np.testing.assert_allclose(np.asarray(large(image)), wanted, atol=1e-5)


def test_each_letter_begins_as_the_class_that_is_named_for_it() -> None:
    before, after = _network(5, 6), _network(5, 6, classes=4)
    fresh = np.asarray(after.get_layer("logits").get_weights()[0])
    grow(before, after, [0, 3, None, 3])
    image = np.random.default_rng(1).normal(0, 1, (3, 8, 24, 1)).astype(np.float32)
    wanted, found = np.asarray(before(image)), np.asarray(after(image))
    np.testing.assert_allclose(found[..., [0, 1, 3]], wanted[..., [0, 3, 3]], atol=1e-5)
    np.testing.assert_array_equal(after.get_layer("logits").get_weights()[0][:, 2], fresh[:, 2])
    with pytest.raises(DataError, match="of the same size"):
        grow(_network(5, 6), _network(5, 7, classes=4), [0, 3, None, 3])


def test_fresh_units_are_not_dead() -> None:
    small, large = _network(5, 6), _network(7, 8, deeper=True)
    grow(small, large)
    for name in ("conv0", "conv0b", "conv1"):
        kernel = large.get_layer(name).get_weights()[0]
        assert np.abs(kernel[..., -1]).max() > 0, name


def test_a_larger_or_other_network_is_refused() -> None:
    with pytest.raises(DataError, match="conv0 does not fit"):
        grow(_network(7, 6), _network(5, 6))
    with pytest.raises(DataError, match="not have as many letters"):
        grow(_network(5, 6, classes=8), _network(5, 6))
    with pytest.raises(DataError, match="conv0 does not fit"):
        grow(PRESETS["baseline"].product(9), PRESETS["edge"].product(9))
