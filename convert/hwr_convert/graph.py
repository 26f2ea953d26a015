"""A TFLite flatbuffer as objects that can be looked at and changed."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

_NAMES = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}


@dataclass
class Graph:
    """A subgraph of a flatbuffer as objects, the main one where none is named, with who makes and who takes each tensor."""

    model: Any
    place: int = 0

    def __post_init__(self) -> None:
        self.tensors = self.model.subgraphs[self.place].tensors
        self.operators = self.model.subgraphs[self.place].operators
        self.maker = {t: op for op in self.operators for t in op.outputs}
        self.takers: dict[int, list[Any]] = defaultdict(list)
        for op in self.operators:
            for t in op.inputs:
                self.takers[t].append(op)

    @classmethod
    def of(cls, flatbuffer: bytes) -> Graph:
        """Read a flatbuffer."""
        return cls(flatbuffer_utils.convert_bytearray_to_object(bytearray(flatbuffer)))

    def parts(self) -> list[Graph]:
        """All subgraphs of its flatbuffer, the main one first."""
        return [Graph(self.model, place) for place in range(len(self.model.subgraphs))]

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

    def is_constant(self, tensor: int) -> bool:
        """Whether its values are in the file."""
        return self.model.buffers[self.tensors[tensor].buffer].data is not None

    def cut(self, tensor: int, limit: float) -> None:
        """Keep the range within +-limit."""
        if found := self.range(tensor):
            q = self.tensors[tensor].quantization
            q.min, q.max = [max(found[0], -limit)], [min(found[1], limit)]

    def values(self, tensor: int, kind: type[Any]) -> NDArray[Any]:
        """A constant's values, flat."""
        data = self.model.buffers[self.tensors[tensor].buffer].data
        return np.frombuffer(bytes(data), kind)

    def add_constant(self, values: NDArray[Any], kind: int, quantization: Any | None = None) -> int:
        """A new tensor with these values, of one of the schema's types."""
        buffer, tensor = schema.BufferT(), schema.TensorT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        tensor.shape, tensor.type, tensor.quantization = list(values.shape), kind, quantization
        tensor.buffer = len(self.model.buffers) - 1
        return self._add(tensor)

    def add_tensor_like(self, known: Any, shape: tuple[int, ...]) -> int:
        """A new tensor, computed as a known one is, that differs from it in its shape alone."""
        tensor = copy(known)
        tensor.shape, tensor.shapeSignature = list(shape), None
        return self._add(tensor)

    def _add(self, tensor: Any) -> int:
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def operator_code(self, builtin: int) -> int:
        """The place of a built-in operator's code, which may be new."""
        codes = self.model.operatorCodes
        for place, known in enumerate(codes):
            if max(known.builtinCode, known.deprecatedBuiltinCode) == builtin:
                return place
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = 1
        codes.append(code)
        return len(codes) - 1
