"""Start a network with the weights of a smaller one, so that it computes the same at first.

After Chen et al. 2016, "Net2Net"; here the fresh units of a wider layer are random, and nothing
listens to them yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError

Array = NDArray[np.float32]

_HEADS = ("logits", "shortcut")
"""Layers with a unit for each letter."""


def grow(
    source: keras.Model, target: keras.Model, classes: Sequence[int | None] | None = None
) -> None:
    """Give `target` what `source` knows: layers of one name, as far as they reach.

    In a larger layer, units that the source has do not listen to inputs that it has not; other
    units are as they were. Layers that the source lacks stay as they are: harmless only where
    they begin as identity. Layers that only the source has are left out.

    Args:
        source: the smaller network.
        target: of the same kind, as large or larger.
        classes: where the target reads other letters, the source's class that each of its own begins
            as; None for those that begin as nothing.

    Raises:
        DataError: a layer of the source is larger, or of another kind, or it reads other letters.
    """
    if classes is not None:
        _relabel(source.get_layer("logits"), target.get_layer("logits"), classes)
    elif source.get_layer("logits").units != target.get_layer("logits").units:
        raise DataError(f"{source.name}: does not have as many letters as this run's charset")
    known = {layer.name: layer for layer in source.layers if layer.weights}
    for layer in target.layers:
        if not layer.weights or layer.name not in known:
            continue
        if classes is not None and layer.name in _HEADS:
            continue
        parts = _parts(layer)
        for new, old in zip(_sides(layer), _sides(known[layer.name]), strict=False):
            news, olds = new.get_weights(), old.get_weights()
            if type(new) is not type(old) or not all(map(_holds, news, olds)):
                raise DataError(f"{source.name}: its layer {layer.name} does not fit into this one")
            gates = 4 if isinstance(new, keras.layers.LSTM) else 1
            # Of an LSTM's weights the second reads its own units, which are no parts.
            groups = (parts, 1, 1) if gates == 4 else (parts,) * len(news)
            new.set_weights([_embed(*each, gates) for each in zip(news, olds, groups, strict=True)])


def _relabel(
    source: keras.layers.Layer, target: keras.layers.Layer, classes: Sequence[int | None]
) -> None:
    """Give each class of a head the weights of the source's class that it begins as."""
    new, old = target.get_weights(), source.get_weights()
    if new[0].shape[0] != old[0].shape[0]:
        raise DataError("only a network of the same size can learn other letters")
    for k, before in enumerate(classes):
        if before is not None:
            for to, of in zip(new, old, strict=True):
                to[..., k] = of[..., before]
    target.set_weights(new)


def _holds(new: Array, old: Array) -> bool:
    return new.ndim == old.ndim and all(n >= o for n, o in zip(new.shape, old.shape, strict=True))


def _sides(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    if isinstance(layer, keras.layers.Bidirectional):
        return [layer.forward_layer, layer.backward_layer]
    return [layer]


def _parts(layer: keras.layers.Layer) -> int:
    """How many equal parts its input is laid together from: sides of a BiLSTM, rows of a frame."""
    before = layer
    while True:
        before = before.input._keras_history.operation
        if isinstance(before, keras.layers.Bidirectional):
            return 2
        if isinstance(before, keras.layers.Reshape):
            return int(before.input.shape[-2])
        if before.weights or isinstance(before, keras.layers.InputLayer):
            return 1


def _embed(new: Array, old: Array, parts: int, gates: int) -> Array:
    """`old` (..., inputs, gates * units), or without inputs, in its places of the larger `new`."""
    out = new.reshape(*new.shape[:-1], gates, -1).copy()
    filling = old.reshape(*old.shape[:-1], gates, -1)
    units = filling.shape[-1]
    if new.ndim == 1:
        out[..., :units] = filling
    else:
        wide, narrow = new.shape[-2] // parts, old.shape[-2] // parts
        places = (np.arange(parts)[:, None] * wide + np.arange(narrow)).ravel()
        out[..., :units] = 0
        out[..., places, :, :units] = filling
    return out.reshape(new.shape)
