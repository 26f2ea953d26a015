"""Recognizer: picture in, Reading out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.card import ModelCard, read_card
from hwr_edge.ctc import DecodedText, decode_beam, decode_text
from hwr_edge.decoder import Decoder
from hwr_edge.errors import ModelError
from hwr_edge.image import read_grey, to_grey
from hwr_edge.namemodel import NameModel
from hwr_edge.preprocess import Grey, preprocess
from hwr_edge.runtime import Runtime

_SHIPPED = "names-int8.tflite"
_NAME_MODEL = "name-model.npz"


class Alternative(NamedTuple):
    """Another text that the picture may show, with its probability, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Reading:
    """What was read in one picture.

    text: the name without outer spaces, "" where nothing is written.
    confidence: probability that the whole text is right, 0 to 1.
    letter_confidences: one for each letter of text, 0 to 1.
    box: x, y, width, height in pixels of the upright picture.
    alternatives: what it may be instead, the likeliest first, where they were asked for.
    """

    text: str
    confidence: float
    letter_confidences: tuple[float, ...]
    box: tuple[int, int, int, int]
    alternatives: tuple[Alternative, ...] = ()


def default_model() -> Path:
    """`HWR_EDGE_MODEL`, else the model inside the installed package, else the checkout's.

    Raises:
        ModelError: none of them is there.
    """
    if named := os.environ.get("HWR_EDGE_MODEL"):
        return Path(named)
    if path := _shipped(_SHIPPED):
        return path
    raise ModelError(f"no {_SHIPPED} is installed; name a model with --model or HWR_EDGE_MODEL")


class Recognizer:
    """Reads one written line a picture; one interpreter is kept for all of them."""

    def __init__(
        self,
        model: Path | str | None = None,
        threads: int = 1,
        decoder: Decoder | str | None = None,
        name_model: Path | str | None = None,
        top: int = 0,
    ) -> None:
        """Load a model file; `default_model()` where none is named.

        Args:
            model: a .tflite file with its card.
            threads: processor threads of one reading, from 1.
            decoder: how logits become a name; where none is named the beam, if a name model of the
                model's letters is at hand.
            name_model: for the beam; the shipped one where none is named.
            top: how many alternatives a reading gets beside its text; the beam alone has any.

        Raises:
            ModelError: a file is missing or cannot be used.
            RuntimeMissing: no interpreter is installed.
        """
        self.path = Path(model) if model is not None else default_model()
        self.card: ModelCard = read_card(self.path)
        self.charset = self.card.charset
        asked = decoder is not None or name_model is not None or top > 0
        self.names = None if decoder == Decoder.GREEDY else self._names(name_model, asked)
        self.decoder = Decoder.BEAM if self.names else Decoder.GREEDY
        self.top = top
        self.runtime = Runtime(self.path, self.card, threads)

    def _names(self, name_model: Path | str | None, asked: bool) -> NameModel | None:
        """The name model; None where no beam was asked for and none fits."""
        path = Path(name_model) if name_model is not None else _shipped(_NAME_MODEL)
        if path is None:
            if not asked:
                return None
            raise ModelError(f"no {_NAME_MODEL} is installed; name one, or take --decoder greedy")
        names = NameModel.load(path)
        if names.letters == self.charset.letters:
            return names
        if not asked:
            return None
        raise ModelError(
            f"{path}: made for other letters than {self.path}; make it anew, or take "
            "--decoder greedy"
        )

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
        box = (0, 0, grey.shape[1], grey.shape[0])
        best, *others = self._decode(logits)
        alternatives = tuple(Alternative(other.text, other.confidence) for other in others)
        return Reading(best.text, best.confidence, best.letter_confidences, box, alternatives)

    def _decode(self, logits: NDArray[np.float32]) -> list[DecodedText]:
        if self.names is None:
            return [decode_text(logits, self.charset, self.card.drop_frames)]
        return decode_beam(logits, self.charset, self.names, self.card.drop_frames, 1 + self.top)


def _shipped(name: str) -> Path | None:
    """A file inside the installed package, else in the checkout's models/; None without it."""
    here = Path(__file__).resolve().parent
    return next((p for p in (here / name, here.parents[1] / "models" / name) if p.is_file()), None)
