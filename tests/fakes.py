"""Hand-written stand-ins, and the image language that golden/tiny.tflite reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.card import read_card, read_flatbuffer, write_model

TINY_MODEL = Path(__file__).parent / "golden" / "tiny.tflite"
"""Reads the image language of `draw`; golden/make_tiny_model.py made it."""

TINY_LETTERS = "ABC"
TINY_CONFIDENCE = {
    "greedy": {"bias": 0.0, "picture": 1.0},
    "beam": {"bias": 0.0, "share": 1.0, "picture": 0.0},
    "roster": {"bias": 4.0, "gain": 0.7, "names": -0.5, "lead": 0.0},
    "roster-greedy": {"bias": 4.0, "gain": 0.7, "names": -0.5, "lead": 0.0},
}


def calibrated_tiny(path: Path) -> Path:
    """The tiny model with a calibrated card, written to `path`."""
    card = replace(read_card(TINY_MODEL), confidence=TINY_CONFIDENCE)
    write_model(path, read_flatbuffer(TINY_MODEL), card)
    return path


_HEIGHT, _WIDTH, _STEP, _BAND = 16, 64, 4, 5


def draw(text: str, scale: int = 4) -> NDArray[np.uint8]:
    """An image, uint8 (16 * scale, 64 * scale), that the tiny model reads as `text`.

    Args:
        text: at most 8 of the letters A, B, C.
        scale: pixels for one of the canvas.
    """
    if len(text) * 2 * _STEP > _WIDTH:
        raise ValueError(f"{text!r} is too long to draw")
    image = np.full((_HEIGHT, _WIDTH), 255, np.uint8)
    for place, letter in enumerate(text):
        top, left = TINY_LETTERS.index(letter) * _BAND, place * 2 * _STEP
        image[top : top + _BAND, left : left + _STEP] = 0
    return np.kron(image, np.ones((scale, scale), np.uint8))


class FakeInterpreter:
    """Behaves like an Interpreter with one input and one output, and gives scripted logits."""

    made = 0

    def __init__(self, logits: NDArray[Any], shape: tuple[int, ...], **output: Any) -> None:
        type(self).made += 1
        self.resets = 0
        self.fed: list[NDArray[np.uint8]] = []
        self._logits = logits
        self._in: dict[str, Any] = {"index": 0, "shape": np.array(shape), "dtype": np.uint8}
        self._out: dict[str, Any] = {"index": 1, "shape": np.array((1, *logits.shape)), **output}

    def allocate_tensors(self) -> None:
        """Nothing to do."""

    def get_input_details(self) -> list[dict[str, Any]]:
        return [self._in]

    def get_output_details(self) -> list[dict[str, Any]]:
        return [self._out]

    def reset_all_variables(self) -> None:
        self.resets += 1

    def set_tensor(self, index: int, value: NDArray[np.uint8]) -> None:
        assert index == 0
        assert value.shape == tuple(self._in["shape"])
        self.fed.append(value.copy())

    def invoke(self) -> None:
        assert self.fed, "nothing was fed"

    def get_tensor(self, index: int) -> NDArray[Any]:
        assert index == 1
        return self._logits[None]
