"""The same crops through every way to run a network: int8 and float, LiteRT, tflite-runtime and Keras.

    PYTHONPATH=tests python -m bench.runtimes [--tflite-python .venv-matrix/3.11-tflite-runtime/venv/bin/python]

All on one thread, in turn, beside the yardstick graph; preprocessing and decoding are not in it. `baseline`
is the original network with drawn weights, which takes as long as a trained one. tflite-runtime
cannot share an environment with Keras: --tflite-python names the Python of one that has it.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import hwr_convert  # noqa: F401  # before Keras: it says which backend and how loud
from bench.timing import ROOT, Call, canvases, in_turn, litert, machine, yardstick
from hwr_convert.lower import lower
from hwr_convert.options import Lowering
from hwr_convert.quantize import to_int8
from hwr_edge.line.card import read_flatbuffer
from hwr_edge.line.preprocess import Canvas
from hwr_train.network.artifact import load_artifact
from hwr_train.network.model import PRESETS

ROUNDS, CALIBRATION, CLASSES = 200, 12, 30
_OTHER = """
import sys, time, numpy as np
from tflite_runtime.interpreter import Interpreter
inputs = np.load(sys.argv[2])
interpreter = Interpreter(model_path=sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
(wanted,) = interpreter.get_input_details()
for line in sys.stdin:
    interpreter.set_tensor(wanted["index"], inputs[int(line)][None])
    began = time.process_time()
    interpreter.invoke()
    print(time.process_time() - began, flush=True)
"""


@contextmanager
def tflite_runtime(python: str, content: bytes, inputs: NDArray[np.uint8]) -> Iterator[Call]:
    """One invoke in tflite-runtime, in a process of its own that is asked for each."""
    with tempfile.TemporaryDirectory() as folder:
        model, crops = Path(folder) / "model.tflite", Path(folder) / "crops.npy"
        model.write_bytes(content)
        np.save(crops, inputs)
        command = [python, "-c", _OTHER, str(model), str(crops)]
        other = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True)
        with other:
            assert other.stdin
            assert other.stdout
            asks, tells = other.stdin, other.stdout

            def call(k: int) -> float:
                print(k, file=asks, flush=True)
                return float(tells.readline())

            yield call


def in_keras(model: keras.Model, inputs: NDArray[np.uint8]) -> Call:
    """One prediction of a batch of one."""

    def call(k: int) -> float:
        began = time.process_time()
        model.predict_on_batch(inputs[k][None])
        return time.process_time() - began

    return call


def float_file(model: keras.Model) -> bytes:
    """The inference graph as a float32 TFLite file; it takes pixel * scale + offset."""
    lowered = lower(model, Lowering.UNROLLED)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([lowered.concrete], lowered.module)
    return bytes(converter.convert())


def ways(model: Path, python: str | None, stack: ExitStack) -> dict[str, Call]:
    """Every way to run the shipped network and the baseline."""
    parent = load_artifact(ROOT / "models" / "names.keras").model
    original = PRESETS["baseline"].product(CLASSES)
    ours, theirs = canvases(PRESETS["edge"].canvas), canvases(PRESETS["baseline"].canvas)
    int8 = read_flatbuffer(model)
    baseline = to_int8(original, theirs[:CALIBRATION, ..., 0], Lowering.FOLDED)
    real: NDArray[Any] = (ours / np.float32(255) - 1).astype(np.float32)
    found = {
        "yardstick, int8, LiteRT": litert(yardstick(), canvases(Canvas(48, 384))),
        "shipped, int8, LiteRT": litert(int8, ours),
        "shipped, float32, LiteRT": litert(float_file(parent), real),
        "shipped, float32, Keras": in_keras(parent, ours),
        "baseline, int8, LiteRT": litert(baseline, theirs),
        "baseline, float32, Keras": in_keras(original, theirs),
    }
    if python:
        for name, content, inputs in (("shipped", int8, ours), ("baseline", baseline, theirs)):
            call = stack.enter_context(tflite_runtime(python, content, inputs))
            found[f"{name}, int8, tflite-runtime"] = call
    return found


def main() -> None:
    """Print a line each, against the shipped file in LiteRT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", type=Path, nargs="?", default=ROOT / "models/names-int8.tflite")
    parser.add_argument("--tflite-python", metavar="PYTHON")
    given = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    print(machine())
    with ExitStack() as stack:
        calls = ways(given.model, given.tflite_python, stack)
        times = in_turn(calls, ROUNDS, len(canvases(Canvas(48, 384))))
    print(f"one thread, medians of {ROUNDS} crops in turn; baseline has drawn weights")
    unit = times["shipped, int8, LiteRT"]
    for name, milliseconds in times.items():
        print(f"{name:<32}{milliseconds:8.2f} ms{milliseconds / unit:8.2f}x")


if __name__ == "__main__":
    main()
