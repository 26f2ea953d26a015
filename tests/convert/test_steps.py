"""Steps of a written-out LSTM, folded into one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hwr_convert.graph import Graph
from hwr_convert.options import Lowering
from hwr_convert.quantize import to_int8
from hwr_convert.steps import fold, runs_of_steps
from hwr_edge.line.card import ModelCard, write_model
from hwr_edge.line.runtime import Runtime
from small_models import LETTERS, SMALL, small_model

FRAMES = 12


@pytest.fixture(scope="module")
def unrolled(canvases: NDArray[np.uint8]) -> bytes:
    """The small model with two BiLSTMs, each step its own."""
    return to_int8(small_model(-1.0), canvases, Lowering.UNROLLED)


def _calls(flatbuffer: bytes) -> int:
    graph = Graph.of(flatbuffer)
    return sum(graph.kind(op) == "IF" for op in graph.operators)


def _logits(flatbuffer: bytes, folder: Path, canvases: NDArray[np.uint8]) -> NDArray[np.float32]:
    path, card = folder / "some.tflite", ModelCard("small", LETTERS.letters, SMALL)
    write_model(path, flatbuffer, card)
    runtime = Runtime(path, card)
    return np.stack([runtime.logits(canvas) for canvas in canvases])


def test_all_steps_but_the_first_are_found(unrolled: bytes) -> None:
    graph = Graph.of(unrolled)
    runs = runs_of_steps(graph)
    assert [len(run) for run in runs] == [FRAMES - 1] * 2
    for run in runs:
        for step, after in pairwise(run):
            hidden = step.outputs[-1]
            assert hidden in after.inputs


def test_a_folded_file_gives_the_same_logits_and_is_smaller(
    unrolled: bytes, canvases: NDArray[np.uint8], tmp_path: Path
) -> None:
    folded = fold(unrolled)
    assert (_calls(unrolled), _calls(folded)) == (0, 2 * (FRAMES - 1))
    assert len(Graph.of(folded).parts()) == 3
    assert len(folded) < len(unrolled)
    wanted = _logits(unrolled, tmp_path, canvases)
    np.testing.assert_array_equal(_logits(folded, tmp_path, canvases), wanted)
    assert wanted.std() > 0.1


@pytest.mark.parametrize("place", [0, 1])
def test_a_run_with_a_step_unlike_the_others_stays_as_it_is(
    unrolled: bytes, canvases: NDArray[np.uint8], tmp_path: Path, place: int
) -> None:
    graph = Graph.of(unrolled)
    # The second product of a step in the middle takes the first one's weights.
    _, _, product, *_ = runs_of_steps(graph)[place][5].operators
    other = runs_of_steps(graph)[place][5].operators[1]
    product.inputs[1] = other.inputs[1]
    changed = graph.to_bytes()
    folded = fold(changed)
    assert _calls(folded) == FRAMES - 1
    wanted = _logits(changed, tmp_path, canvases)
    np.testing.assert_array_equal(_logits(folded, tmp_path, canvases), wanted)
    assert not np.array_equal(wanted, _logits(unrolled, tmp_path, canvases))


def test_a_graph_without_steps_stays_as_it_is(unrolled: bytes) -> None:
    folded = fold(unrolled)
    assert runs_of_steps(Graph.of(folded)) == []
    assert fold(folded) == folded
