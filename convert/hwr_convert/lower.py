"""The inference graph: batch 1, logits out, every BiLSTM written so that TFLite can hold it.

The plain converter makes WHILE loops of a Keras LSTM, and full-int8 calibration of those
crashes. Three lowerings convert:

unrolled: the input projection of all frames as one matrix product, then the recurrent step written
    out for each frame, both directions side by side as two rows. Stateless.
folded: the default. The same, and after quantization all steps of a BiLSTM become one subgraph that each
    frame calls (`steps.py`): the same logits, faster, in a smaller file and much less memory.
fused: an experiment. One UNIDIRECTIONAL_SEQUENCE_LSTM a direction: the smallest file, a slow int8
    kernel, and it KEEPS ITS STATE between invokes, which the card must say. Its float graph gives
    the model's logits, but on small models its int8 outputs were far off, for an unknown cause;
    so it is never chosen by itself, and verification against the parent decides on each file.

The graph's input is what the Rescaling layer gives, so that a quantized canvas, uint8 with that
layer's scale and offset, goes in as it is and costs no operator.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from hwr_convert.options import Lowering
from hwr_edge.errors import ModelError

_CLOSE = 1e-3  # logits; float32 sums in another order differ by less


@dataclass(frozen=True)
class Lowered:
    """An inference graph.

    concrete: float32 (1, H, W, 1) in [offset, offset + 255 * scale] -> logits (1, T, classes).
    scale, offset: a canvas value v, 0 to 255, goes in as v * scale + offset.
    module: what holds the graph and its variables, to be saved.
    """

    concrete: Any
    module: Any
    scale: float
    offset: float
    lowering: Lowering

    @property
    def stateful(self) -> bool:
        """Whether the TFLite graph keeps state between invokes."""
        return self.lowering is Lowering.FUSED

    @property
    def zero_point(self) -> int:
        """The canvas value that stands for 0."""
        return round(-self.offset / self.scale)

    def as_input(self, canvas: NDArray[np.uint8]) -> NDArray[np.float32]:
        """A canvas uint8 (H, W) as the graph takes it, float32 (1, H, W, 1)."""
        return (canvas[None, ..., None] * np.float32(self.scale) + np.float32(self.offset)).astype(
            np.float32
        )


def lower(model: keras.Model, lowering: Lowering) -> Lowered:
    """Build the inference graph of a chain of layers that begins with Rescaling.

    Raises:
        ModelError: the model is built otherwise.
    """
    rescaling, *chain = [k for k in model.layers if not isinstance(k, keras.layers.InputLayer)]
    if not isinstance(rescaling, keras.layers.Rescaling):
        raise ModelError(f"{model.name}: does not begin with a Rescaling layer")
    bilstm = _fused_bilstm if lowering is Lowering.FUSED else _written_out_bilstm
    calls: list[Callable[[Any], Any]] = []
    for layer in chain:
        if isinstance(layer, keras.layers.Bidirectional):
            calls.append(bilstm(*_directions(layer)))
        elif not isinstance(layer, keras.layers.Dropout):
            calls.append(partial(layer, training=False))

    def infer(x: Any) -> Any:
        for call in calls:
            x = call(x)
        return x

    shape = (1, *model.input_shape[1:])
    module = tf.Module()
    module.infer = tf.function(infer, autograph=False)
    module.weights = [v.value for v in model.variables]
    spec = tf.TensorSpec(shape, tf.float32, name="canvas")
    try:
        concrete = module.infer.get_concrete_function(spec)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{model.name}: its layers are no plain chain") from error
    scale, offset = float(rescaling.scale), float(rescaling.offset)
    return Lowered(concrete, module, scale, offset, lowering)


def check_same(lowered: Lowered, model: keras.Model, canvases: NDArray[np.uint8]) -> None:
    """Compare the graph with its model on a few canvases, uint8 (N, H, W).

    Raises:
        ModelError: their logits differ: the model is no plain chain of layers.
    """
    wanted = np.asarray(model.predict_on_batch(canvases[..., None]))
    found = np.concatenate([lowered.concrete(lowered.as_input(c)).numpy() for c in canvases])
    if found.shape != wanted.shape or np.abs(found - wanted).max() > _CLOSE:
        raise ModelError(f"{model.name}: the lowered graph does not give the model's logits")


@dataclass(frozen=True)
class _Direction:
    """Weights of one LSTM, gates in Keras' order: input, forget, cell, output.

    kernel float32 (D, 4U), recurrent (U, 4U), bias (4U,).
    """

    kernel: NDArray[np.float32]
    recurrent: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def units(self) -> int:
        return int(self.recurrent.shape[0])

    def with_doubled_cell_gate(self) -> _Direction:
        """The same with the cell gate's input doubled: tanh(x) = 2 * sigmoid(2 * x) - 1."""
        factor = np.ones(4 * self.units, np.float32)
        factor[2 * self.units : 3 * self.units] = 2
        return _Direction(self.kernel * factor, self.recurrent * factor, self.bias * factor)


def _directions(layer: keras.layers.Bidirectional) -> tuple[_Direction, _Direction]:
    sides = (layer.forward_layer, layer.backward_layer)
    for side in sides:
        usual = isinstance(side, keras.layers.LSTM) and side.return_sequences and side.use_bias
        usual = usual and side.activation is keras.activations.tanh
        if not usual or layer.merge_mode != "concat":
            raise ModelError(f"{layer.name}: only a plain LSTM over whole sequences can be lowered")
    forward, backward = (_Direction(*map(np.asarray, side.get_weights())) for side in sides)
    return forward, backward


def _written_out_bilstm(forward: _Direction, backward: _Direction) -> Callable[[Any], Any]:
    """Row 0 of every step runs forward, row 1 backward.

    One sigmoid serves all four gates, so that a step is 14 operators for both directions.
    """
    units = forward.units
    forward, backward = (side.with_doubled_cell_gate() for side in (forward, backward))

    def call(x: Any) -> Any:
        _, frames, depth = x.shape
        turned = list(range(frames - 1, -1, -1))
        rows = tf.reshape(x, (frames, depth))  # x[0] would be copied, value by value
        ahead = tf.matmul(rows, forward.kernel) + forward.bias
        back = tf.matmul(tf.gather(rows, turned), backward.kernel) + backward.bias
        inputs = tf.stack([ahead, back], axis=1)
        hidden, cell, steps = None, None, []
        for z in tf.unstack(inputs):
            if hidden is not None:
                top, bottom = tf.split(hidden, 2)
                parts = tf.matmul(top, forward.recurrent), tf.matmul(bottom, backward.recurrent)
                z = z + tf.concat(parts, 0)
            gates = tf.sigmoid(z)
            if cell is None:
                # The forget gate has nothing to forget, and a split with an unused output stays
                # float now and then: the quantizer takes its operators in no fixed order.
                gate_in, doubled, gate_out = (
                    gates[:, k * units : (k + 1) * units] for k in (0, 2, 3)
                )
                cell = gate_in * (doubled * 2.0 - 1.0)
            else:
                gate_in, forget, doubled, gate_out = tf.split(gates, 4, axis=-1)
                cell = forget * cell + gate_in * (doubled * 2.0 - 1.0)
            hidden = gate_out * tf.tanh(cell)
            steps.append(hidden)
        ahead, back = tf.unstack(tf.reshape(tf.stack(steps), (frames, 2, units)), axis=1)
        both = tf.concat([ahead, tf.gather(back, turned)], -1)
        return tf.reshape(both, (1, frames, 2 * units))

    return call


def _fused_bilstm(forward: _Direction, backward: _Direction) -> Callable[[Any], Any]:
    ahead, back = _composite(forward, False), _composite(backward, True)
    return lambda x: tf.concat([ahead(x), tf.reverse(back(x), [1])], -1)


def _composite(side: _Direction, backwards: bool) -> Callable[[Any], Any]:
    """A function that the converter knows by its attributes and replaces as a whole.

    Arguments and results are those of Keras 2's `standard_lstm`, which the converter expects:
    last output, outputs, new hidden state, new cell state, runtime. Outputs come in the order
    of processing.
    """

    def lstm(x: Any, hidden: Any, cell: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        rows = tf.split(tf.matmul(x[0], kernel) + bias, x.shape[1])
        outputs = []
        for row in reversed(rows) if backwards else rows:
            z = tf.split(row + tf.matmul(hidden, recurrent), 4, axis=-1)
            cell = tf.sigmoid(z[1]) * cell + tf.sigmoid(z[0]) * tf.tanh(z[2])
            hidden = tf.sigmoid(z[3]) * tf.tanh(cell)
            outputs.append(hidden)
        return hidden, tf.concat(outputs, 0)[None], hidden, cell, tf.constant(0.0)

    attributes = {
        "api_implements": f"lstm_{uuid.uuid4()}",
        "api_preferred_device": "CPU",
        "time_major": False,
        "go_backwards": backwards,
    }
    function = tf.function(lstm, autograph=False, experimental_attributes=attributes)

    def call(x: Any) -> Any:
        zeros = tf.zeros((1, side.units))
        weights = [tf.constant(w) for w in (side.kernel, side.recurrent, side.bias)]
        return function(x, zeros, zeros, *weights)[1]

    return call
