"""Ranges of a calibrated graph, set by what the values are for, before it is quantized.

Calibration takes the widest value seen, and int8 has 256 steps for it. In a written-out LSTM
that is wasteful: gates see sums of +-50 where a sigmoid is flat beyond +-8, and cells that
count frames reach +-50 where tanh is flat beyond +-4. Cutting those ranges (an int8 tensor
saturates by itself, without an operator) brought the error of the logits to less than half.
"""

from __future__ import annotations

from hwr_convert.graph import Graph
from hwr_convert.steps import set_same_ranges

GATE_LIMIT = 8.0
"""Sigmoid of it is 1 but for 0.0003, less than a tenth of an int8 step."""
CELL_LIMIT = 5.0
"""In the flat part of tanh; a cell that counted further would only forget more slowly, and steps would be coarser.

Of 5, 6 and 8 the one that read most validation names, when all steps had come to share one range.
"""

_MOVERS = {"UNPACK", "PACK", "GATHER", "RESHAPE", "SPLIT", "CONCATENATION", "STRIDED_SLICE"}


def set_ranges(calibrated: bytes, low: float, high: float) -> bytes:
    """The calibrated flatbuffer with the input's range exactly [low, high], and LSTM ranges cut and the same in each step."""
    graph = Graph.of(calibrated)
    for tensor in graph.model.subgraphs[0].inputs:
        q = graph.tensors[tensor].quantization
        q.min, q.max = [low], [high]
    _cut_cells(graph)
    _cut_gates(graph)
    set_same_ranges(graph)
    return graph.to_bytes()


def _cut_cells(graph: Graph) -> None:
    for cell in graph.inputs_of("TANH"):
        for tensor in (cell, *graph.added(cell)):
            graph.cut(tensor, CELL_LIMIT)


def _cut_gates(graph: Graph) -> None:
    """Cut each gate's sum; and the inputs' part of it to what the recurrent part could undo."""
    inputs, widest = set(), 0.0
    for gate in graph.inputs_of("LOGISTIC"):
        for term in graph.added(gate):
            if graph.kind(graph.maker[term]) == "UNPACK":
                inputs.add(term)
            elif found := graph.range(term):
                widest = max(widest, -found[0], found[1])
        graph.cut(gate, GATE_LIMIT)
    _cut_back(graph, inputs, GATE_LIMIT + widest)


def _cut_back(graph: Graph, tensors: set[int], limit: float) -> None:
    """Cut tensors and, through operators that only move values, where they came from."""
    todo, done = list(tensors), set()
    while todo:
        tensor = todo.pop()
        if tensor in done:
            continue
        done.add(tensor)
        graph.cut(tensor, limit)
        op = graph.maker.get(tensor)
        if op is not None and graph.kind(op) in _MOVERS:
            todo.extend([*op.inputs, *op.outputs])
