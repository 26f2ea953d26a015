"""What other BiLSTMs, and other ways to write them out, would cost: a table for ARCHITECTURE.md.

    PYTHONPATH=tests python -m bench.lowerings

Each has the convolutions of the shipped float model with its weights; a recurrent part of another shape has
drawn weights, so this tells speed and size, never how well it would read. All are full int8,
timed in turn in LiteRT on one thread. Operators are the file's own, before the delegate;
partitions are the pieces of the main graph that XNNPACK runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import layers

import hwr_convert  # noqa: F401  # before Keras: it says which backend and how loud
from bench.timing import ROOT, canvases, in_turn, litert, machine, yardstick
from hwr_convert.graph import Graph
from hwr_convert.options import Lowering
from hwr_convert.quantize import to_int8
from hwr_edge.preprocess import Canvas
from hwr_train.artifact import load_artifact

ROUNDS, CALIBRATION = 200, 12
CANVAS, CLASSES = Canvas(48, 384), 30
_BEFORE = "frames_dense"
"""The last layer of the shipped model before its BiLSTMs."""


class Variant(NamedTuple):
    """A recurrent part: units a side of each BiLSTM, columns of the convolutions a frame, lowering."""

    name: str
    units: Sequence[int] = (128, 128)
    pooled: int = 1
    lowering: Lowering = Lowering.FOLDED


VARIANTS = (
    Variant("written out, folded (ships)"),
    Variant("written out", lowering=Lowering.UNROLLED),
    Variant("fused operator", lowering=Lowering.FUSED),
    Variant("folded, two of 192", (192, 192)),
    Variant("folded, two of 96", (96, 96)),
    Variant("folded, one layer of 128", (128,)),
    Variant("folded, half the frames", pooled=2),
    Variant("no recurrence at all", ()),
)


def build(shipped: keras.Model, variant: Variant) -> keras.Model:
    """The shipped convolutions with that recurrent part."""
    names = [layer.name for layer in shipped.layers]
    chain = shipped.layers[1 : names.index(_BEFORE) + 1]
    if variant.pooled > 1:
        chain.append(layers.MaxPooling1D(variant.pooled))
    chain += [
        layers.Bidirectional(layers.LSTM(units, return_sequences=True)) for units in variant.units
    ]
    model = keras.Sequential(
        [
            keras.Input((CANVAS.height, CANVAS.width, 1), dtype="uint8"),
            *chain,
            layers.Dense(CLASSES),
        ]
    )
    if tuple(variant.units) == (128, 128):
        for layer, name in zip(model.layers[-3:-1], ("bilstm0", "bilstm1"), strict=True):
            layer.set_weights(shipped.get_layer(name).get_weights())
    return model


def partitions(content: bytes) -> int:
    """How many pieces of the graph XNNPACK took over."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    return sum(op["op_name"] == "DELEGATE" for op in interpreter._get_ops_details())


def main() -> None:
    """Print the table in Markdown."""
    keras.utils.set_random_seed(0)
    shipped = load_artifact(ROOT / "models" / "names.keras").model
    inputs = canvases(CANVAS)
    calibration = inputs[:CALIBRATION, ..., 0]
    files = {
        variant.name: to_int8(build(shipped, variant), calibration, variant.lowering)
        for variant in VARIANTS
    }
    print(machine())
    calls = {
        variant.name: litert(files[variant.name], inputs, variant.lowering is Lowering.FUSED)
        for variant in VARIANTS
    }
    calls["yardstick"] = litert(yardstick(), inputs)
    times = in_turn(calls, ROUNDS, len(inputs))
    print("| BiLSTMs | one invoke | against the yardstick | file | operators | partitions |")
    print("|---|---|---|---|---|---|")
    for name, content in files.items():
        operators = sum(len(part.operators) for part in Graph.of(content).parts())
        counts = f"{operators:,} | {partitions(content)}"
        ratio = times[name] / times["yardstick"]
        print(f"| {name} | {times[name]:.2f} ms | {ratio:.2f} | {len(content):,} B | {counts} |")


if __name__ == "__main__":
    main()
