"""A first convolution of step 2 on the grey image itself, written wide: the same sums, in a third of the time.

Eight columns of the image are made to lie side by side as channels, and four of its outputs too, for kernels of
matrix products are made for many channels, not for one. In memory nothing moves: columns of one channel and
channels of one column are the same bytes. It is done to the quantized file, so that what was calibrated
does not hang on how it is written.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema

from hwr_convert.graph import Graph

_COLUMNS = 8  # that the first convolution takes at once
_OUTPUTS = _COLUMNS // 2  # columns that it gives


def widen(flatbuffer: bytes) -> bytes:
    """A quantized flatbuffer with its first convolution wide; as it is where that does not begin so."""
    graph = Graph.of(flatbuffer)
    convolutions = (op for op in graph.operators if graph.kind(op) == "CONV_2D")
    first = next(convolutions, None)
    if first is None or not _can_be_wide(graph, first):
        return flatbuffer
    taken, made = graph.tensors[first.inputs[0]], graph.tensors[first.outputs[0]]
    _, rows, columns, _ = map(int, taken.shape)
    _, rows_made, _, filters = map(int, made.shape)
    blocks = (1, rows, columns // _COLUMNS, _COLUMNS)
    wide = (1, rows_made, columns // _COLUMNS, _OUTPUTS * filters)
    before, after = graph.add_tensor_like(taken, blocks), graph.add_tensor_like(made, wide)

    convolution = copy(first)
    convolution.inputs = [before, *_wide_weights(graph, first, filters)]
    convolution.outputs = [after]
    convolution.builtinOptions = copy(first.builtinOptions)
    convolution.builtinOptions.strideW = 1
    place = next(k for k, op in enumerate(graph.operators) if op is first)
    graph.operators[place : place + 1] = [
        _reshape(graph, first.inputs[0], before),
        convolution,
        _reshape(graph, after, first.outputs[0]),
    ]
    return graph.to_bytes()


def _can_be_wide(graph: Graph, op: Any) -> bool:
    """Whether it is 3x3 in steps of 2 on one channel, in int8, and fits."""
    if len(op.inputs) < 3 or min(op.inputs) < 0:
        return False  # no bias
    taken, weights, bias = (graph.tensors[tensor] for tensor in op.inputs)
    images, rows, columns, channels = map(int, taken.shape)
    options = op.builtinOptions
    return (
        tuple(map(int, weights.shape[1:])) == (3, 3, 1)
        and (options.strideH, options.strideW) == (2, 2)
        and (options.dilationHFactor, options.dilationWFactor) == (1, 1)
        and options.padding == schema.Padding.SAME
        and weights.type == taken.type == schema.TensorType.INT8
        and bias.type == schema.TensorType.INT32
        and len(weights.quantization.scale) == weights.shape[0]
        and (images, rows % 2, columns % _COLUMNS, channels) == (1, 0, 0, 1)
    )


def _wide_weights(graph: Graph, op: Any, filters: int) -> tuple[int, int]:
    """New tensors: weights int8 (outputs * filters, 3, 2, columns) and biases.

    In steps of 2, "same" padding lies below and to the right alone: output k of a block sees its
    columns 2k to 2k + 2, of which the last of all is the next block's first.
    """
    weights, bias = (graph.tensors[tensor] for tensor in op.inputs[1:3])
    narrow = graph.values(op.inputs[1], np.int8).reshape(filters, 3, 3)
    wide = np.zeros((_OUTPUTS, filters, 3, 2, _COLUMNS), np.int8)
    for output in range(_OUTPUTS):
        for k in range(3):
            block, column = divmod(2 * output + k, _COLUMNS)
            wide[output, :, :, block, column] = narrow[:, :, k]
    found = wide.reshape(-1, *wide.shape[2:])
    biases = np.tile(graph.values(op.inputs[2], np.int32), _OUTPUTS)
    return (
        graph.add_constant(found, weights.type, _repeated(weights.quantization)),
        graph.add_constant(biases, bias.type, _repeated(bias.quantization)),
    )


def _repeated(quantization: Any) -> Any:
    """A quantization by channel, for as many outputs."""
    found = copy(quantization)
    found.scale = np.tile(np.asarray(quantization.scale, np.float32), _OUTPUTS)
    found.zeroPoint = np.tile(np.asarray(quantization.zeroPoint, np.int64), _OUTPUTS)
    return found


def _reshape(graph: Graph, taken: int, made: int) -> Any:
    shape: NDArray[np.int32] = np.array(graph.tensors[made].shape, np.int32)
    op = schema.OperatorT()
    op.opcodeIndex = graph.operator_code(schema.BuiltinOperator.RESHAPE)
    op.inputs = [taken, graph.add_constant(shape, schema.TensorType.INT32)]
    op.outputs = [made]
    return op
