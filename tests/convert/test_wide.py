"""The first convolution, on eight columns at once."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from keras import layers
from numpy.typing import NDArray

from hwr_convert import quantize
from hwr_convert.graph import Graph
from hwr_convert.options import Lowering
from hwr_convert.wide import widen

CANVASES = np.random.default_rng(3).integers(0, 256, (6, 8, 48), np.uint8)


def _narrow(
    monkeypatch: pytest.MonkeyPatch, columns: int = 48, filters: int = 5, **options: Any
) -> bytes:
    """A quantized network that begins with a convolution on grey pixels, weights drawn, not widened."""
    image = keras.Input((8, columns, 1), dtype="uint8")
    x = layers.Rescaling(1 / 255, offset=-1.0)(image)
    x = layers.Conv2D(filters, padding="same", **({"kernel_size": 3, "strides": 2} | options))(x)
    x = layers.ReLU()(x)
    model = keras.Model(image, layers.Conv2D(2, 3)(x))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0.1, 0.5, w.shape) for w in model.get_weights()])
    monkeypatch.setattr(quantize, "widen", lambda flatbuffer: flatbuffer)
    return quantize.to_int8(model, CANVASES[:, :, :columns], Lowering.UNROLLED)


def _run(flatbuffer: bytes, kernels: OpResolverType) -> NDArray[np.int8]:
    interpreter = Interpreter(model_content=flatbuffer, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    found = []
    for canvas in CANVASES:
        interpreter.set_tensor(taken["index"], canvas[None, :, :, None])
        interpreter.invoke()
        found.append(interpreter.get_tensor(given["index"]))
    return np.concatenate(found)


def _channels(flatbuffer: bytes) -> list[int]:
    """What each convolution takes."""
    graph = Graph.of(flatbuffer)
    return [int(graph.tensors[t].shape[-1]) for t in graph.inputs_of("CONV_2D")]


@pytest.mark.parametrize(
    "kernels", [OpResolverType.BUILTIN, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES]
)
def test_a_wide_convolution_gives_the_same_values(
    kernels: OpResolverType, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = _narrow(monkeypatch)
    wide = widen(narrow)
    assert (_channels(narrow), _channels(wide)) == ([1, 5], [8, 5])
    wanted = _run(narrow, kernels)
    np.testing.assert_array_equal(_run(wide, kernels), wanted)
    assert len(np.unique(wanted)) > 50
    assert widen(wide) == wide


@pytest.mark.parametrize(
    "options",
    [{"columns": 44}, {"strides": 1}, {"kernel_size": 5}, {"strides": (2, 1)}],
    ids=["not in eights", "step 1", "5x5", "step 1 to the right"],
)
def test_what_does_not_fit_stays_as_it_is(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = _narrow(monkeypatch, **options)
    assert widen(narrow) == narrow


def test_a_conversion_widens() -> None:
    image = keras.Input((8, 48, 1), dtype="uint8")
    x = layers.Rescaling(1 / 255, offset=-1.0)(image)
    model = keras.Model(image, layers.Conv2D(2, 3, strides=2, padding="same")(x))
    assert _channels(quantize.to_int8(model, CANVASES, Lowering.FOLDED)) == [8]
