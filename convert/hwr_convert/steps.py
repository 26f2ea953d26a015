"""The steps of a written-out LSTM: found in a flatbuffer, and folded into one that all share.

Written out for 64 frames, a step's operators are in the file 64 times. An interpreter's delegate packs
the weights of each matrix product for itself, so that the same weights lie in memory 64 times and
are all read through in every invoke. Folded, a step is a subgraph of its own, packed once, and each
frame calls it: TFLite's IF with both branches the same. That takes steps that are quantized alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from hwr_convert.graph import Graph


class Step(NamedTuple):
    """One step: the operators between one hidden state and the next.

    operators: in an order of its own, the same in each step.
    inputs: tensors from elsewhere in the order of their use; constants are none.
    """

    operators: list[Any]
    inputs: list[int]

    @property
    def outputs(self) -> list[int]:
        """All tensors that it makes."""
        return [int(t) for op in self.operators for t in op.outputs]


def runs_of_steps(graph: Graph) -> list[list[Step]]:
    """The steps of each written-out BiLSTM but their first, which has no hidden state to start from."""
    kinds = [graph.kind(op) for op in graph.operators]
    begun = ["SPLIT", "FULLY_CONNECTED", "FULLY_CONNECTED"]
    heads = [k for k in range(len(kinds)) if kinds[k : k + 3] == begun]
    if len(heads) < 2:
        return []
    length = min(b - a for a, b in pairwise(heads))
    runs: list[list[Step]] = []
    before = None
    for head in heads:
        step = _step(graph, graph.operators[head : head + length])
        if before is None or head != before + length:
            runs.append([])
        runs[-1].append(step)
        before = head
    return runs


def _step(graph: Graph, operators: Sequence[Any]) -> Step:
    """Those operators, put in the order in which their last one needs them: the quantizer takes them in no fixed order."""
    maker = {int(t): op for op in operators for t in op.outputs}
    ordered: list[Any] = []
    inputs: list[int] = []

    def need(op: Any) -> None:
        for tensor in map(int, op.inputs):
            if tensor in maker:
                if not any(maker[tensor] is known for known in ordered):
                    need(maker[tensor])
            elif tensor >= 0 and not graph.is_constant(tensor) and tensor not in inputs:
                inputs.append(tensor)
        ordered.append(op)

    need(operators[-1])
    return Step(ordered, inputs)


def set_same_ranges(graph: Graph) -> None:
    """Give each tensor of a step the range that it has over all steps, in a calibrated graph."""
    for run in runs_of_steps(graph):
        inputs = list(zip(*(step.inputs for step in run), strict=True))
        outputs = list(zip(*(step.outputs for step in run), strict=True))
        # What a step takes, but for the first, is what the one before made: widened twice, all agree.
        for tensors in (*inputs, *outputs, *inputs):
            found = [known for known in map(graph.range, tensors) if known]
            for tensor in tensors if found else ():
                q = graph.tensors[tensor].quantization
                q.min, q.max = [min(low for low, _ in found)], [max(high for _, high in found)]


def fold(flatbuffer: bytes) -> bytes:
    """A quantized flatbuffer with the like steps of each run as one subgraph, which each frame calls.

    A run whose steps differ stays as it is.
    """
    graph = Graph.of(flatbuffer)
    for run in runs_of_steps(graph):
        if len({_described(graph, step) for step in run}) == 1:
            _fold_run(graph, run)
    _drop_unused(graph)
    return graph.to_bytes()


def _described(graph: Graph, step: Step) -> tuple[Any, ...]:
    """Everything that makes a step what it is, but for which frame it is of."""
    places = {tensor: ("in", k) for k, tensor in enumerate(step.inputs)}
    places |= {tensor: ("made", k) for k, tensor in enumerate(step.outputs)}
    operators = tuple(
        (
            graph.kind(op),
            repr(sorted(vars(op.builtinOptions).items())) if op.builtinOptions else "",
            tuple(places.get(t, ("constant", t)) for t in map(int, op.inputs)),
        )
        for op in step.operators
    )
    tensors = tuple(_type(graph, tensor) for tensor in (*step.inputs, *step.outputs))
    return operators, tensors


def _type(graph: Graph, tensor: int) -> tuple[Any, ...]:
    found = graph.tensors[tensor]
    q = found.quantization
    scales = () if q is None or q.scale is None else (*map(float, q.scale), *map(int, q.zeroPoint))
    return found.type, tuple(map(int, found.shape)), scales


def _fold_run(graph: Graph, run: list[Step]) -> None:
    """Put a subgraph beside the main one, and calls of it in place of a run's operators."""
    taken = [_taken_elsewhere(graph, step) for step in run]
    results = sorted(set().union(*taken))  # places among what a step makes
    graph.model.subgraphs.append(_subgraph(graph, run[0], results))
    place = len(graph.model.subgraphs) - 1
    always = graph.add_constant(np.array(True), schema.TensorType.BOOL)
    code = graph.operator_code(schema.BuiltinOperator.IF)
    calls = {}
    for step in run:
        call = schema.OperatorT()
        call.opcodeIndex = code
        call.inputs = [always, *step.inputs]
        call.outputs = [step.outputs[k] for k in results]
        call.builtinOptionsType = schema.BuiltinOptions.IfOptions
        call.builtinOptions = schema.IfOptionsT()
        call.builtinOptions.thenSubgraphIndex = call.builtinOptions.elseSubgraphIndex = place
        calls[id(step.operators[-1])] = call
    folded = {id(op) for step in run for op in step.operators}
    graph.operators[:] = [
        calls.get(id(op), op) for op in graph.operators if id(op) not in folded or id(op) in calls
    ]


def _taken_elsewhere(graph: Graph, step: Step) -> set[int]:
    own = {id(op) for op in step.operators}
    return {
        k
        for k, tensor in enumerate(step.outputs)
        if any(id(op) not in own for op in graph.takers[tensor])
    }


def _subgraph(graph: Graph, step: Step, results: Iterable[int]) -> Any:
    found = schema.SubGraphT()
    found.name, found.tensors, found.operators = b"step", [], []
    places = {-1: -1}  # no bias

    def here(tensor: int) -> int:
        if tensor not in places:
            places[tensor] = len(found.tensors)
            found.tensors.append(copy(graph.tensors[tensor]))
        return places[tensor]

    found.inputs = [here(tensor) for tensor in step.inputs]
    for op in step.operators:
        own = copy(op)
        own.inputs = [here(t) for t in map(int, op.inputs)]
        own.outputs = [here(t) for t in map(int, op.outputs)]
        found.operators.append(own)
    found.outputs = [here(step.outputs[k]) for k in results]
    return found


def _drop_unused(graph: Graph) -> None:
    """Take out the main graph's tensors that no operator has any more."""
    main = graph.model.subgraphs[0]
    used = {int(t) for op in main.operators for t in (*op.inputs, *op.outputs) if t >= 0}
    kept = sorted(used | {int(t) for t in (*main.inputs, *main.outputs)})
    place = {tensor: k for k, tensor in enumerate(kept)} | {-1: -1}
    for owner in (main, *main.operators):
        owner.inputs = [place[int(t)] for t in owner.inputs]
        owner.outputs = [place[int(t)] for t in owner.outputs]
    for signature in graph.model.signatureDefs or ():
        for named in (*signature.inputs, *signature.outputs):
            named.tensorIndex = place[int(named.tensorIndex)]
    main.tensors = [main.tensors[k] for k in kept]
