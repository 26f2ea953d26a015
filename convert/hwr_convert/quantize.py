"""From a float graph to a full-int8 flatbuffer: calibrate, set ranges, quantize, fold, widen, check."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.tools import flatbuffer_utils

from hwr_convert.graph import Graph
from hwr_convert.lower import Lowered, check_same, lower
from hwr_convert.options import Lowering
from hwr_convert.ranges import set_ranges
from hwr_convert.steps import fold
from hwr_convert.wide import widen
from hwr_edge.errors import ModelError
from hwr_edge.native import quiet

_CHECKED = 4  # canvases on which the lowered graph is compared with the model


def to_int8(model: keras.Model, canvases: NDArray[np.uint8], lowering: Lowering) -> bytes:
    """Quantize a model: uint8 canvas in, int8 logits out, nothing float between.

    Args:
        model: logits out, Rescaling first.
        canvases: uint8 (N, H, W), what the ranges are calibrated with.
        lowering: how its LSTMs are written.

    Raises:
        ModelError: the model cannot be lowered, or the converter fails on it.
    """
    lowered = lower(model, lowering)
    check_same(lowered, model, canvases[:_CHECKED])
    try:
        with quiet():
            calibrated = _calibrate(lowered, canvases)
            ranged = set_ranges(calibrated, lowered.offset, lowered.offset + 255 * lowered.scale)
            raw = mlir_quantize(ranged, input_data_type=tf.uint8, output_data_type=tf.int8)
            whole = fold(bytes(raw)) if lowering is Lowering.FOLDED else bytes(raw)
            whole = widen(whole)
    except Exception as error:  # the converter raises bare Exception and RuntimeError
        why = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise ModelError(f"{model.name}: the converter failed ({why})") from error
    slim = _without_names(whole)
    check_int8(slim, lowered)
    return slim


def _calibrate(lowered: Lowered, canvases: NDArray[np.uint8]) -> bytes:
    """The float flatbuffer with the range of every tensor in it."""

    def representative() -> Iterator[list[NDArray[np.float32]]]:
        for canvas in canvases:
            yield [lowered.as_input(canvas)]

    with tempfile.TemporaryDirectory() as folder:
        if lowered.stateful:
            # Only the import of a SavedModel keeps composite functions whole.
            tf.saved_model.save(lowered.module, folder, signatures=lowered.concrete)
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        else:
            functions = [lowered.concrete]
            converter = tf.lite.TFLiteConverter.from_concrete_functions(functions, lowered.module)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.int8
        # Stop before quantizing, as TFLite's own QuantizationDebugger does, to set ranges.
        converter._experimental_calibrate_only = True
        return bytes(converter.convert())


def _without_names(flatbuffer: bytes) -> bytes:
    """Without the tensors' names, some 150 kB where LSTMs are written out."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(flatbuffer))
    flatbuffer_utils.strip_strings(model)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def check_int8(flatbuffer: bytes, lowered: Lowered) -> None:
    """See that canvases go in as they are, and that no float is left.

    Raises:
        ModelError: they don't, or some is.
    """
    graph = Graph.of(flatbuffer)
    (place,) = graph.model.subgraphs[0].inputs
    tensor: Any = graph.tensors[place]
    scale, zero = float(tensor.quantization.scale[0]), int(tensor.quantization.zeroPoint[0])
    types = schema.TensorType
    same = np.isclose(scale, lowered.scale, rtol=1e-5) and zero == lowered.zero_point
    if tensor.type != types.UINT8 or not same:
        raise ModelError(
            f"the quantized input has scale {scale:.6g} and zero point {zero}, not "
            f"{lowered.scale:.6g} and {lowered.zero_point}: canvases would be read wrongly"
        )
    floats = 0
    for part in graph.parts():
        used = {t for op in part.operators for t in (*op.inputs, *op.outputs) if t >= 0}
        floats += sum(part.tensors[t].type in (types.FLOAT32, types.FLOAT16) for t in used)
    if floats:
        raise ModelError(f"{floats} tensors stayed float; the file is not full int8")
