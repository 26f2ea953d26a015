"""Ranges of a calibrated graph, set by what the values are for, before it is quantized.

Calibration takes the widest value seen, and int8 has 256 steps for it. In an unrolled LSTM
that is wasteful: gates see sums of +-50 where a sigmoid is flat beyond +-8, and cells that
count frames reach +-50 where tanh is flat beyond +-4. Cutting those ranges (an int8 tensor
saturates by itself, without an operator) brought the error of the logits to less than half.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

GATE_LIMIT = 8.0
"""Sigmoid of it is 1 but for 0.0003, less than a tenth of an int8 step."""
CELL_LIMIT = 8.0
"""Far into the flat part of tanh; a cell that counted further would only forget more slowly."""

_MOVERS = {"UNPACK", "PACK", "GATHER", "RESHAPE", "SPLIT", "CONCATENATION", "STRIDED_SLICE"}
_NAMES = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}


@dataclass
class Graph:
    """The one subgraph of a flatbuffer as objects, with who makes and who takes each tensor."""

    model: Any

    def __post_init__(self) -> None:
        self.tensors = self.model.subgraphs[0].tensors
        self.operators = self.model.subgraphs[0].operators
        self.maker = {t: op for op in self.operators for t in op.outputs}
        self.takers: dict[int, list[Any]] = defaultdict(list)
        for op in self.operators:
            for t in op.inputs:
                self.takers[t].append(op)

    @classmethod
    def of(cls, flatbuffer: bytes) -> Graph:
        """Read a flatbuffer."""
        return cls(flatbuffer_utils.convert_bytearray_to_object(bytearray(flatbuffer)))

    def to_bytes(self) -> bytes:
        """Write it."""
        return bytes(flatbuffer_utils.convert_object_to_bytearray(self.model))

    def kind(self, op: Any) -> str:
        """An operator's name, such as "CONV_2D"."""
        code = self.model.operatorCodes[op.opcodeIndex]
        return str(_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)])

    def inputs_of(self, kind: str) -> list[int]:
        """The first input of each operator of a kind."""
        return [op.inputs[0] for op in self.operators if self.kind(op) == kind]

    def added(self, tensor: int) -> list[int]:
        """The two terms where an ADD makes the tensor, else none."""
        op = self.maker.get(tensor)
        return list(op.inputs) if op and self.kind(op) == "ADD" else []

    def range(self, tensor: int) -> tuple[float, float] | None:
        """The calibrated range; None for a constant or an integer."""
        q = self.tensors[tensor].quantization
        known = q is not None and q.min is not None and q.max is not None and len(q.min) == 1
        return (float(q.min[0]), float(q.max[0])) if known else None

    def cut(self, tensor: int, limit: float) -> None:
        """Keep the range within +-limit."""
        if found := self.range(tensor):
            q = self.tensors[tensor].quantization
            q.min, q.max = [max(found[0], -limit)], [min(found[1], limit)]


def set_ranges(calibrated: bytes, low: float, high: float) -> bytes:
    """The calibrated flatbuffer with the input's range exactly [low, high] and LSTM ranges cut."""
    graph = Graph.of(calibrated)
    for tensor in graph.model.subgraphs[0].inputs:
        q = graph.tensors[tensor].quantization
        q.min, q.max = [low], [high]
    _cut_cells(graph)
    _cut_gates(graph)
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
