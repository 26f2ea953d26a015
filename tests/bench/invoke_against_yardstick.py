"""One invoke of a model file against the yardstick graph, both int8 in LiteRT on one thread.

Both are invoked in turn; the ratio of the medians is what counts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.timing import canvases, in_turn, litert, machine, yardstick
from hwr_edge.line.card import read_card
from hwr_edge.line.preprocess import Canvas

ROUNDS = 400


def main() -> None:
    """Print both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", type=Path, nargs="?", default=Path("models/names-int8.tflite"))
    model: Path = parser.parse_args().model
    inputs = canvases(read_card(model).canvas)
    calls = {
        "yardstick": litert(yardstick(), canvases(Canvas(48, 384))),
        "model": litert(model.read_bytes(), inputs),
    }
    print(machine())
    yard, ours = in_turn(calls, ROUNDS, len(inputs)).values()
    print(f"one thread, medians of {ROUNDS} invokes in turn")
    print(f"yardstick {yard:.3f} ms   {model} {ours:.3f} ms   ratio {ours / yard:.2f}")


if __name__ == "__main__":
    main()
