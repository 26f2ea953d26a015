"""How like a printed word is what stands in its place on a scan: two correlations, and a score fitted on them.

Rows are compared each about its own mean: all words are dark rows on paper, what tells them apart lies along the rows.
In the second correlation ink that is beside the word's is left out, as people write across print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.print_words import PrintedWord
from hwr_edge.image.pixels import PAPER, Grey, Mask

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Limits:
    """How words are compared; chosen by `python -m bench.form_words`.

    Pixels of a form 1,600 long, unless they are grey levels or parts of something named.

    soft: deviation of the blur that evens out grain.
    around: of a word, that is compared with it; off: that it is looked for around its place.
    more: times as dark as the word, and grey levels: darker is ink that is beside it.
    usual: per cent of a scan's words are less like their own than what is usual on it.
    paper: of a word's darkness, is paper or shade between its letters; shade: grey levels that it is dark, at least.
    letters: grey levels, by which a word's pixels are off their row's mean, at least.
    long: natural logarithm of times as wide as high: a longer word says no more.
    """

    soft: float = 0.8
    around: int = 2
    off: int = 3
    more: tuple[float, float] = (1.15, 25.0)
    usual: float = 75.0
    paper: float = 0.35
    shade: float = 15.0
    letters: float = 20.0
    long: float = 1.2


_LIMITS = _Limits()

WEIGHTS = (-6.77, -14.14, -9.63, -3.68)
"""Of `features`: together the log odds that other print stands there, less what one scan of the form in a hundred
has at most (`python -m bench.form_words` fits them)."""


def darkness(flat: Grey) -> Floats:
    """How dark an image on evened light is, grain evened out, float32 (H, W)."""
    return cv2.GaussianBlur(PAPER - flat, (0, 0), _LIMITS.soft).astype(np.float32)


class WordMatcher:
    """The words of an empty form, as they are looked for in scans."""

    def __init__(self, dark: Floats, ink: Mask, words: Sequence[PrintedWord]) -> None:
        """Take how dark the form is, float32 (H, W), its ink, uint8 (H, W), and its words."""
        self.words = words = [w for w in words if _has_letters(_cut(dark, w, 0))]
        self._own = [_cut(dark, word, _LIMITS.around) for word in words]
        inked = [
            _cut(np.where(ink > 0, PAPER, 0).astype(np.float32), w, _LIMITS.around) for w in words
        ]
        self._ink = [patch > 0 for patch in inked]
        size = np.array([word.box[2:] for word in words], np.float64).reshape(-1, 2)
        self.long = np.minimum(np.log(size[:, 0] / size[:, 1]), _LIMITS.long)

    def likeness(self, dark: Floats, which: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of some words on a scan laid on the form, float (N, 3).

        Both correlations, from -1 to 1, and how much of the shade between its letters is dark, from 0 to 1;
        of a light word 1 where its bar shows no letters.
        """
        seen = [(k, self._seen(k, dark)) for k in which.tolist()]
        parts = [
            float(there[self._ink[k]].sum() / max(1.0, self._own[k][self._ink[k]].sum()))
            for k, there in seen
        ]
        gain = max(0.05, float(np.median(parts))) if parts else 1.0  # a pale scan's words all are
        pairs = [
            (_light_likeness if self.words[k].light else _likeness)(self._own[k], there / gain)
            for k, there in seen
        ]
        return np.array(pairs, np.float64).reshape(-1, 3)

    def _seen(self, k: int, dark: Floats) -> Floats:
        """What is most like a word near its place."""
        around = _cut(dark, self.words[k], _LIMITS.around + _LIMITS.off)
        scores = cv2.matchTemplate(around, self._own[k], cv2.TM_CCOEFF_NORMED)
        row, column = np.unravel_index(int(scores.argmax()), scores.shape)
        height, width = self._own[k].shape
        return around[row : row + height, column : column + width]


def features(likeness: NDArray[np.float64], long: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a score is made of, float (N, 4), of all words that a scan shows.

    Args:
        likeness: of them, as `WordMatcher.likeness` gives it.
        long: `WordMatcher.long` of them.

    These are 1, the two correlations less what is usual on the scan, and how long the word is.
    """
    ones, off = np.ones(len(likeness)), likeness[:, :2] - usual_of(likeness)
    return np.column_stack([ones, off, long]).astype(np.float64)


def usual_of(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the two correlations usually are on a scan, float (2,)."""
    return np.asarray(np.percentile(likeness[:, :2], _LIMITS.usual, axis=0), np.float64)


def _has_letters(dark: Floats) -> bool:
    """Whether a word's rows have letters and gaps along them: a slit between bars has none."""
    return float((dark - dark.mean(axis=1, keepdims=True)).std()) >= _LIMITS.letters


def _cut(dark: Floats, word: PrintedWord, around: int) -> Floats:
    """A word's place and what is around it, light words as dark ones; nothing is where the image ends."""
    x, y, width, height = word.box
    most = cv2.copyMakeBorder(
        dark[max(0, y - around) : y + height + around, max(0, x - around) : x + width + around],
        max(0, around - y), max(0, y + height + around - dark.shape[0]),
        max(0, around - x), max(0, x + width + around - dark.shape[1]),
        cv2.BORDER_CONSTANT, value=[0.0],
    )  # fmt: skip
    return np.asarray(PAPER - most if word.light else most, np.float32)


def _likeness(own: Floats, seen: Floats) -> tuple[float, float, float]:
    times, more = _LIMITS.more
    bare = np.minimum(seen, times * cv2.dilate(own, np.ones((3, 3), np.uint8)) + more)
    between = own < _LIMITS.paper * own.max()
    on_shade = between.any() and float(np.median(own[between])) >= _LIMITS.shade
    dark = float((seen[between] > own.max() / 2).mean()) if on_shade else 0.0
    return _correlation(own, seen), _correlation(own, bare), dark


def _light_likeness(own: Floats, seen: Floats) -> tuple[float, float, float]:
    """Of a light word: no pen writes beside it, and a two-tone scan may make its bar all white."""
    like = _correlation(own, seen)
    return like, like, 0.0 if _has_letters(seen) else 1.0


def _correlation(one: Floats, other: Floats) -> float:
    """From -1 to 1, each row about its own mean; 0 where one is even."""
    one = one - one.mean(axis=1, keepdims=True)
    other = other - other.mean(axis=1, keepdims=True)
    size = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / size if size > 1e-6 else 0.0
