"""What a line is: handwriting, print, digits alone, or some other mark; told by a small network.

The network sees windows of a line, 32 pixels high. It learns from windows that `windows_of` makes, too.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ModelError
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.line.card import CARD_ENTRY, read_flatbuffer, with_card
from hwr_edge.line.ctc import log_softmax
from hwr_edge.line.preprocess import Canvas
from hwr_edge.line.runtime import Runtime
from hwr_edge.line.shipped import shipped_file
from hwr_edge.page.among import FEATURES, Look, Weights, handwriting_among, look
from hwr_edge.page.locate import Line
from hwr_edge.page.recurrence import recurring

HEIGHT, WIDTH = 32, 192
"""Pixels of a window."""
_MOST = 4  # windows of a line, evenly spaced
_INK = 0.35  # of the way from paper to the darkest ink: what counts as ink in a column
_SHIPPED = "print-int8.tflite"
_CARD_VERSION = 2


class Kind(IntEnum):
    """What a line is; the network's classes."""

    HANDWRITING = 0
    PRINT = 1
    DIGITS = 2
    MARK = 3


def windows_of(crop: Grey) -> tuple[NDArray[np.uint8], list[tuple[int, int]]]:
    """What the network sees of a line.

    Args:
        crop: uint8 (H, W), the line alone, ink dark on even paper, as `Line.crop`.

    Returns:
        uint8 (N, 32, 192), ink stretched to black, N from 0 (nothing is in it) to 4; and the columns of the
        crop from and to which each shows, without paper at its ends.
    """
    paper, dark = float(np.median(crop)), float(crop.min())
    if paper - dark < 1:
        return np.zeros((0, HEIGHT, WIDTH), np.uint8), []
    inked = np.flatnonzero((crop < paper - _INK * (paper - dark)).any(axis=0))
    left, right = int(inked[0]), int(inked[-1]) + 1
    scale = HEIGHT / crop.shape[0]
    size = max(1, round((right - left) * scale)), HEIGHT
    line = cv2.resize(crop[:, left:right], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    dark = min(float(np.percentile(line, 1)), paper - 1)
    line = np.clip((line - dark) / (paper - dark), 0, 1) * PAPER
    count = min(_MOST, -(-size[0] // WIDTH))
    firsts = np.linspace(0, max(0, size[0] - WIDTH), count).astype(int)
    windows = np.full((count, HEIGHT, WIDTH), PAPER, np.uint8)
    spans = []
    for window, first in zip(windows, firsts, strict=True):
        part = line[:, first : first + WIDTH]
        window[:, : part.shape[1]] = part
        spans.append((left + int(first / scale), left + int((first + part.shape[1]) / scale)))
    return windows, spans


@dataclass(frozen=True)
class KindCard:
    """What the model file says of itself.

    least: probability of handwriting from which a line by itself is read.
    among: bias and weights, by which a line among others of its page is (`among.Weights`).
    crc32: CRC-32 of the flatbuffer, 8 hexadecimal digits.
    training, figures: how the file came to be and how well it tells lines, for people.
    """

    least: float
    among: dict[str, Any] = field(default_factory=dict)
    crc32: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    version: int = _CARD_VERSION

    canvas = Canvas(HEIGHT, WIDTH)
    classes = len(Kind)
    drop_frames = 0
    stateful = False


def kinds_bytes(flatbuffer: bytes, card: KindCard) -> bytes:
    """The content of a model file, its checksum put into the card."""
    card = replace(card, crc32=f"{zlib.crc32(flatbuffer):08x}")
    return with_card(flatbuffer, json.dumps(asdict(card), indent=1))


@dataclass(frozen=True)
class AmongLimits:
    """How the lines beside a line tell what it is; chosen on empty forms, filled ones and class lists (`make bench-pages`).

    others: so many lines of the page, those that look most like handwriting, speak for the others.
    sure: log odds of handwriting from which one of them is as good as certain.
    weight: log odds that a line must have more on a page where nothing else looks like handwriting.
    """

    others: int = 5
    sure: float = 1.0
    weight: float = 2.0


AMONG = AmongLimits()


def written_among(written: Sequence[float], least: float) -> list[bool]:
    """Which lines of a card are handwriting: among print alone, a line must look more like it.

    Of few lines each speaks for itself. The lines of a page are told by more: `LineKinds.written_of`.

    Args:
        written: of each line, the probability that it is handwriting.
        least: the probability from which a line by itself is.
    """
    odds = _log_odds(np.asarray(written, np.float64))
    told = []
    for k, own in enumerate(odds):
        others = np.sort(np.delete(odds, k))[::-1][: AMONG.others]
        like = np.ones(AMONG.others)
        like[: len(others)] = np.clip(others, 0, AMONG.sure) / AMONG.sure
        told.append(bool(own - AMONG.weight * (1 - like.mean()) >= _log_odds(np.array(least))))
    return told


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    sure = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(sure / (1 - sure)), np.float64)


class LineKinds:
    """Tells what lines are. Any number of threads may share it."""

    def __init__(self, path: Path, workers: int = 1) -> None:
        """Load a model file.

        Raises:
            ModelError: it is missing, damaged or another kind of model.
            RuntimeMissing: no interpreter is installed.
        """
        self.card = _read_card(path)
        self._weights = Weights(**self.card.among)
        self._runtime = Runtime(path, self.card, workers=workers)

    def probabilities(self, crop: Grey) -> NDArray[np.float32]:
        """Of each `Kind`, float32 (4,), for a line's crop; a line with a written part is handwriting."""
        windows, _ = windows_of(crop)
        if not len(windows):
            return np.asarray(np.eye(len(Kind))[Kind.MARK], np.float32)
        each = np.stack([np.exp(log_softmax(self.logits(w)))[0] for w in windows])
        most = each[int(each[:, Kind.HANDWRITING].argmax())]
        return np.asarray(most, np.float32)

    def logits(self, window: Grey) -> NDArray[np.float32]:
        """Of one window, uint8 (32, 192); float32 (1, 4)."""
        return self._runtime.logits(window)

    def is_written(self, crop: Grey) -> bool:
        """Whether a line is handwriting with letters, wholly or in part; of a page's, `written_of`."""
        return bool(self.probabilities(crop)[Kind.HANDWRITING] >= self.card.least)

    def written_of(self, lines: Sequence[Line]) -> list[bool]:
        """Likewise of each line of one page, where they tell of each other."""
        least = math.log(self.card.least / (1 - self.card.least))
        return handwriting_among(self.looks(lines), least, self._weights)

    def looks(self, lines: Sequence[Line]) -> list[Look]:
        """How the lines of one page look, and how many of their letters recur on it where some look written."""
        looks = [self.look(line) for line in lines]
        if len(lines) < 2 or not any(max(one.odds, default=0.0) > 0 for one in looks):
            return looks
        counts = recurring([line.crop for line in lines])
        return [replace(one, apart=k, recur=n) for one, (k, n) in zip(looks, counts, strict=True)]

    def look(self, line: Line) -> Look:
        """How a line by itself looks, for `written_of`."""
        logits = [self.logits(window)[0].astype(np.float64) for window in windows_of(line.crop)[0]]
        odds = [
            float(one[Kind.HANDWRITING] - np.logaddexp.reduce(np.delete(one, Kind.HANDWRITING)))
            for one in logits
        ]
        _, (_, _, width, height) = line.on_sheet
        return look(line.crop, odds, line.letter, width / max(1, height))


@cache
def shipped_kinds() -> LineKinds:
    """The shipped model, loaded when it is first asked for.

    Raises:
        ModelError: it is not installed.
    """
    if path := shipped_file(_SHIPPED):
        return LineKinds(path)
    raise ModelError(f"no {_SHIPPED} is installed; install hwr-edge again")


def _read_card(path: Path) -> KindCard:
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read(CARD_ENTRY))
        card = KindCard(**found)
        if card.version != _CARD_VERSION or not 0 < card.least < 1:
            raise ValueError("another version")
        if len(Weights(**card.among).each) not in (0, FEATURES):
            raise ValueError("weights of other features")
        if card.crc32 != f"{zlib.crc32(read_flatbuffer(path)):08x}":
            raise ValueError("its checksum is another")
        return card
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError) as error:
        raise ModelError(
            f"{path}: no model that tells print from handwriting ({error}); install hwr-edge again"
        ) from error
