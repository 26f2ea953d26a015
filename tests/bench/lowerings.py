"""What other BiLSTMs, and other ways to write them out, would cost: a table for ARCHITECTURE.md.

    PYTHONPATH=tests python -m bench.lowerings

Each has the convolutions of the shipped float model with its weights; a recurrent part of another shape has
drawn weights, so this tells speed and size, never how well it would read. All are full int8,
timed in turn in LiteRT on one thread. Operators are the file's own, before the delegate; loading, with the
memory that it takes, is that of fresh processes.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import layers

import hwr_convert  # noqa: F401  # before Keras: it says which backend and how loud
from bench.timing import ROOT, canvases, in_turn, litert, machine, yardstick
from hwr_convert.graph import Graph
from hwr_convert.options import Lowering
from hwr_convert.quantize import to_int8
from hwr_edge.line.preprocess import Canvas
from hwr_train.network.artifact import load_artifact

ROUNDS, CALIBRATION = 200, 12
CANVAS, CLASSES = Canvas(48, 384), 30
_BEFORE = "frames_dense"
"""The last layer of the shipped model before its BiLSTMs."""


_UNITS = (160, 160)
"""Of the shipped model's BiLSTMs, a side."""


class Variant(NamedTuple):
    """A recurrent part: units a side of each BiLSTM, columns of the convolutions a frame, lowering."""

    name: str
    units: Sequence[int] = _UNITS
    pooled: int = 1
    lowering: Lowering = Lowering.FOLDED


VARIANTS = (
    Variant("written out, folded (ships)"),
    Variant("written out", lowering=Lowering.UNROLLED),
    Variant("fused operator", lowering=Lowering.FUSED),
    Variant("folded, two of 192", (192, 192)),
    Variant("folded, two of 128", (128, 128)),
    Variant("folded, one layer of 160", (160,)),
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
    if tuple(variant.units) == _UNITS:
        for layer, name in zip(model.layers[-3:-1], ("bilstm0", "bilstm1"), strict=True):
            layer.set_weights(shipped.get_layer(name).get_weights())
    return model


_LOAD = """
import re, sys, time
from ai_edge_litert.interpreter import Interpreter
# Not ru_maxrss, which a process takes over from the one that started it.
memory = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
before, began = memory(), time.process_time()
interpreter = Interpreter(model_path=sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
interpreter.invoke()
print(1000 * (time.process_time() - began), memory() - before)
"""


def loading(content: bytes, rounds: int = 5) -> tuple[float, float]:
    """Milliseconds to the end of the first invoke, and MB of memory more; medians of fresh processes."""
    with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
        file.write(content)
        file.flush()
        command = [sys.executable, "-c", _LOAD, file.name]
        found = [
            subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            for _ in range(rounds)
        ]
    spent, memory = (statistics.median(map(float, column)) for column in zip(*found, strict=True))
    return spent, memory


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
    print("| BiLSTMs | one invoke | against the yardstick | loading | memory | file | operators |")
    print("|---|---|---|---|---|---|---|")
    for name, content in files.items():
        operators = sum(len(part.operators) for part in Graph.of(content).parts())
        spent, memory = loading(content)
        ratio = times[name] / times["yardstick"]
        print(
            f"| {name} | {times[name]:.2f} ms | {ratio:.2f} | {spent:.0f} ms | {memory:.0f} MB "
            f"| {len(content):,} B | {operators:,} |"
        )


if __name__ == "__main__":
    main()
