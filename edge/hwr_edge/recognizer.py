"""Recognizer: picture in, Reading out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwr_edge.card import ModelCard, read_card
from hwr_edge.ctc import decode_text
from hwr_edge.errors import ModelError
from hwr_edge.image import read_grey, to_grey
from hwr_edge.preprocess import Grey, preprocess
from hwr_edge.runtime import Runtime

_SHIPPED = "names-int8.tflite"


@dataclass(frozen=True)
class Reading:
    """What was read in one picture.

    text: the name without outer spaces, "" where nothing is written.
    confidence: probability that the whole text is right, 0 to 1.
    letter_confidences: one for each letter of text, 0 to 1.
    box: x, y, width, height in pixels of the upright picture.
    """

    text: str
    confidence: float
    letter_confidences: tuple[float, ...]
    box: tuple[int, int, int, int]


def default_model() -> Path:
    """`HWR_EDGE_MODEL`, else the model inside the installed package, else the checkout's.

    Raises:
        ModelError: none of them is there.
    """
    if named := os.environ.get("HWR_EDGE_MODEL"):
        return Path(named)
    here = Path(__file__).resolve().parent
    for path in (here / _SHIPPED, here.parents[1] / "models" / _SHIPPED):
        if path.is_file():
            return path
    raise ModelError(f"no {_SHIPPED} is installed; name a model with --model or HWR_EDGE_MODEL")


class Recognizer:
    """Reads one written line a picture; one interpreter is kept for all of them."""

    def __init__(self, model: Path | str | None = None, threads: int = 1) -> None:
        """Load a model file; `default_model()` where none is named.

        Args:
            model: a .tflite file with its card.
            threads: processor threads of one reading, from 1.

        Raises:
            ModelError: the file is missing or cannot be used.
            RuntimeMissing: no interpreter is installed.
        """
        self.path = Path(model) if model is not None else default_model()
        self.card: ModelCard = read_card(self.path)
        self.charset = self.card.charset
        self.runtime = Runtime(self.path, self.card, threads)

    def read(self, picture: Path | str | NDArray[np.uint8]) -> Reading:
        """Read a file, or pixels: uint8 (H, W) grey or (H, W, 3) BGR.

        Raises:
            ImageError: the file is not a readable picture.
        """
        if isinstance(picture, np.ndarray):
            return self.read_grey(to_grey(picture))
        return self.read_grey(read_grey(Path(picture)))

    def read_grey(self, grey: Grey) -> Reading:
        """Read grey pixels, uint8 (H, W)."""
        logits = self.runtime.logits(preprocess(grey, self.card.canvas))
        found = decode_text(logits, self.charset, self.card.drop_frames)
        box = (0, 0, grey.shape[1], grey.shape[0])
        return Reading(found.text, found.confidence, found.letter_confidences, box)
