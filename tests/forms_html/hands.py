"""Who fills a form in: drawn hands that no training saw, or crops of real writing that the user has."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.decode import read_grey
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pixels import PAPER, Grey
from made_pages import UNSEEN_HANDS, names, new_pen

_DIGITS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "0": (((0.3, 0), (0.05, 0.3), (0.05, 0.7), (0.3, 1), (0.55, 0.7), (0.55, 0.3), (0.3, 0)),),
    "1": (((0.1, 0.25), (0.35, 0), (0.35, 1)),),
    "2": (((0.05, 0.2), (0.3, 0), (0.55, 0.25), (0.3, 0.65), (0.05, 1), (0.6, 0.97)),),
    "3": (((0.1, 0.05), (0.5, 0.1), (0.3, 0.45), (0.55, 0.7), (0.3, 1), (0.05, 0.9)),),
    "4": (((0.4, 0), (0.05, 0.65), (0.6, 0.62)), ((0.45, 0.35), (0.42, 1))),
    "5": (((0.55, 0), (0.15, 0.02), (0.1, 0.42), (0.5, 0.5), (0.5, 0.85), (0.05, 1)),),
    "6": (((0.5, 0), (0.1, 0.5), (0.15, 0.95), (0.5, 0.9), (0.5, 0.6), (0.12, 0.65)),),
    "7": (((0.05, 0.03), (0.58, 0), (0.25, 1)), ((0.15, 0.5), (0.5, 0.48))),
    "8": (((0.5, 0.15), (0.2, 0), (0.15, 0.3), (0.5, 0.65), (0.4, 1), (0.1, 0.85), (0.5, 0.3), (0.5, 0.12)),),
    "9": (((0.5, 0.3), (0.2, 0.4), (0.1, 0.15), (0.4, 0), (0.52, 0.3), (0.4, 1)),),
    "/": (((0.5, -0.1), (0.05, 1.1)),),
    " ": (),
}  # fmt: skip
"""Strokes of digits in a box about 0.6 wide and 1 high."""


@dataclass(frozen=True)
class Ink:
    """Something written.

    image: uint8 (H, W), dark on 255, trimmed to the ink.
    text: folded to capitals.
    base: rows from the top to the line that it stands on.
    cap: height of its capitals, pixels.
    """

    image: Grey
    text: str
    base: float
    cap: float


class Hand(Protocol):
    """One person's hand for one form."""

    def name(self, cap: float, most: float) -> Ink | None:
        """A name with capitals `cap` pixels high and at most so wide; None for none that fits."""

    def letters(self, count: int, cap: float, each: float) -> Sequence[Ink]:
        """A name of at most so many letters for the cells of a comb, `each` pixels wide."""

    def digits(self, text: str, cap: float, most: float) -> Ink:
        """Digits, spaces and slashes."""


class DrawnHand:
    """Strokes from the project's own alphabet."""

    def __init__(self, rng: np.random.Generator, drawn: int = UNSEEN_HANDS) -> None:
        """One of the hands drawn with that seed."""
        self._rng, self._pen = rng, new_pen(rng, drawn)
        self._shade, self._thick = int(rng.integers(10, 110)), rng.uniform(0.07, 0.14)

    def name(self, cap: float, most: float) -> Ink | None:
        """See `Hand`."""
        for _ in range(6):
            text = names().draw(self._rng)
            strokes, drawn = self._pen.line(text)
            if drawn * 0.7 * cap <= most:
                return self._drawn(text, strokes, min(cap, most / drawn))
        return None

    def text(self, text: str, cap: float, most: float) -> Ink:
        """A text with capitals at most `cap` pixels high, and at most `most` wide."""
        strokes, drawn = self._pen.line(text)
        return self._drawn(text, strokes, min(cap, most / drawn))

    def letters(self, count: int, cap: float, each: float) -> Sequence[Ink]:
        """See `Hand`."""
        text = next(t for t in iter(lambda: names().draw(self._rng), "") if len(t) <= max(count, 5))
        return [self._letter(letter, cap, each) for letter in text[:count]]

    def _letter(self, letter: str, cap: float, each: float) -> Ink:
        strokes, drawn = self._pen.line(letter)
        return self._drawn(letter, strokes, cap * min(1.0, 0.85 * each / max(drawn * cap, 1e-9)))

    def digits(self, text: str, cap: float, most: float) -> Ink:
        """See `Hand`."""
        strokes, x, rng = [], 0.0, self._rng
        for digit in text:
            turn = rng.uniform(-0.1, 0.1)
            for line in _DIGITS[digit]:
                points = _smooth(np.array(line) + rng.normal(0, 0.025, (len(line), 2)))
                points[:, 0] += turn * (1 - points[:, 1]) + x
                strokes.append(points)
            x += rng.uniform(0.75, 0.95)
        return self._drawn(text, strokes, min(cap, most / max(x, 1e-9)))

    def _drawn(self, text: str, strokes: Sequence[NDArray[np.float64]], cap: float) -> Ink:
        every = np.concatenate([s for s in strokes if len(s)]) * cap
        pen = max(1, round(self._thick * cap))
        low, high = every.min(0) - pen, every.max(0) + pen
        width, height = (int(side) for side in np.ceil(high - low))
        image: Grey = np.full((height, width), PAPER, np.uint8)
        for stroke in strokes:
            at = np.round((stroke * cap - low) * 16).astype(np.int32)
            cv2.polylines(image, [at], False, self._shade, pen, cv2.LINE_AA, shift=4)
        return Ink(image, text, cap - low[1], cap)


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners rounded twice (Chaikin 1974)."""
    for _ in range(2):
        a, b = points[:-1], points[1:]
        inner = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], 1).reshape(-1, 2)
        points = np.concatenate([points[:1], inner, points[-1:]])
    return points


class CropHand(DrawnHand):
    """Names cut out of real crops: a folder with labels.csv (FILENAME,IDENTITY[,WRITER]) and images/.

    One writer's crops fill a form where writers are known; letters and digits are drawn.
    """

    def __init__(
        self,
        folder: Path,
        rng: np.random.Generator,
        writers: tuple[int, int] | None = None,
        drawn: int = UNSEEN_HANDS,
    ) -> None:
        """`writers` are the numbers of the first and the last writer to take; for `drawn` see `DrawnHand`."""
        super().__init__(rng, drawn)
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["IDENTITY"]]
        known = sorted({row.get("WRITER") or "" for row in rows})
        if writers:
            known = [name for name in known if writers[0] <= int(name) <= writers[1]]
        writer = known[int(rng.integers(len(known)))]
        self._rows = [row for row in rows if (row.get("WRITER") or "") == writer]
        self._images = folder / "images"

    def name(self, cap: float, most: float) -> Ink | None:
        """See `Hand`."""
        for k in self._rng.permutation(len(self._rows))[:6]:
            row = self._rows[int(k)]
            ink = _cut(read_grey(self._images / row["FILENAME"]))
            if ink is None:
                continue
            size = 1.5 * cap / ink.shape[0]
            if ink.shape[1] * size > most:
                continue
            image = cv2.resize(ink, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
            return Ink(np.asarray(image, np.uint8), row["IDENTITY"], 0.85 * image.shape[0], cap)
        return None


def _cut(crop: Grey) -> Grey | None:
    """A crop's ink on white paper, trimmed; None where there is hardly any."""
    even = flatten_light(crop)
    dark = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    y, x = np.nonzero(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)))
    if len(x) < 30:
        return None
    cut = even[y.min() : y.max() + 1, x.min() : x.max() + 1].astype(np.float32)
    paper = np.percentile(even, 85)
    return np.asarray(np.clip((cut - 10) / (0.88 * paper - 10) * 255, 0, 255), np.uint8)
