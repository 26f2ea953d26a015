"""Whether a form's print is on a scan laid over it: what tells another form, of the same family too.

Each printed word is looked for in its place. People write across print, so more ink there says nothing; print
that is missing does, and most of all where other print stands instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place, place_of, print_of, words_of
from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.image.morphology import dilated
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask


@dataclass(frozen=True)
class _Limits:
    """When the form's words are there; chosen by `make bench-forms`.

    near, away: pixels of a square in which print counts as there; to places where it is by chance.

    least: of all print there, of what is not by chance: less is another page; asked of fewer words than `enough`.
    search: pixels that a word is looked for around its place.
    letters: of a word that is looked for, heights of a letter that it is wide.
    off, even: times as far from the usual as most words of the scan are, that one is at most; they are so far at least.
    usual: per cent of a scan's words have less contrast than what is usual.
    like: of that, what a word has at least by which is told how even a scan is.
    there: of the usual contrast, between which that lies; covered: of the usual darkness.
    gone: of its usual darkness, where nothing is in its place.
    words: of the words there, of those that are not covered.
    other: of the words, where other print is: at most, and one more.
    bare: of all words, that are there and have nothing across them: a page of which fewer are is not known.
    """

    near: int = 5
    away: int = 12
    least: float = 0.3
    enough: int = 8
    search: int = 4
    letters: float = 1.5
    off: float = 6.0
    even: float = 0.015
    usual: float = 90.0
    like: float = 0.65
    there: tuple[float, float] = (0.5, 0.85)
    covered: tuple[float, float] = (0.5, 0.92)
    gone: float = 0.5
    words: float = 0.6
    other: float = 0.01
    bare: float = 0.25


_LIMITS = _Limits()


class State(Enum):
    """What is in a word's place."""

    THERE = "the word"
    COVERED = "something across it"
    GONE = "nothing"
    OTHER = "other print"


class Difference(NamedTuple):
    """How a scan differs from its form.

    share: of the form's words that are there, 0 to 1.
    places: of the words that are not, in pixels of the form as it was given.
    """

    share: float
    places: tuple[Box, ...]


class _Word(NamedTuple):
    """A printed word: its box, its ink less what is around it, and its ink; all of these weigh 1.

    usual, own, dark: what the empty form has of the two, and how dark all of its place is.
    """

    box: Box
    contrast: NDArray[np.float32]
    ink: NDArray[np.float32]
    usual: float
    own: float
    dark: float


class FormPrint:
    """The print of an empty form, word by word."""

    def __init__(self, small: Grey, fields: Sequence[Box]) -> None:
        """Take the form, uint8 (H, W), some 1,200 pixels long, and where one may write on it."""
        flat = flatten_light(small)
        self._ink, _ = ink_of(flat)
        page = print_of(small)
        written = [place_of(box) for box in fields]
        words = [w for w in words_of(page) if w.width >= _LIMITS.letters * page.letter]
        free = [w for w in words if not any(w.overlaps(field) for field in written)]
        self._words = [word for w in free if (word := _word(flat, self._ink, w))]

    def difference(self, scan: Grey, beyond: Mask | None = None) -> Difference | None:
        """What of it is not on a scan of the form's size, uint8 (H, W), paper white; None where all is.

        beyond: where the scan shows nothing of the form, as it was cut off there.
        """
        few = len(self._words) < _LIMITS.enough  # of many words each says more than all lines do
        if few and _share(self._ink, ink_of(scan)[0]) < _LIMITS.least:
            return Difference(0.0, ())
        states = self.states(scan, beyond)
        seen = [state for state in states if state is not State.COVERED]
        there = sum(state is State.THERE for state in seen)
        share = there / max(1, len(seen))
        missing = [k for k, state in enumerate(states) if state in (State.OTHER, State.GONE)]
        other = sum(state is State.OTHER for state in states)
        unknown = there < _LIMITS.bare * len(states)
        if unknown or (seen and (share < _LIMITS.words or other > _LIMITS.other * len(states))):
            return Difference(share, tuple(self._words[k].box for k in missing))
        return None

    def states(self, scan: Grey, beyond: Mask | None = None) -> list[State]:
        """What is in the place of each word, as `difference` takes a scan."""
        dark = cv2.GaussianBlur(PAPER - scan, (0, 0), 0.7).astype(np.float32)
        there = [word for word in self._words if not _is_cut(word, beyond)]
        if not there:
            return [State.COVERED] * len(self._words)
        values = np.array([_seen(word, dark) for word in there])
        usual = np.maximum(0.05, np.percentile(values, _LIMITS.usual, axis=0))
        values = values / usual  # a pale scan's words are all pale
        like = values[values[:, 0] >= _LIMITS.like]  # those of another form's words are no measure
        off = np.median(np.abs(like - 1), axis=0)
        least = 1 - _LIMITS.off * np.maximum(off, _LIMITS.even)
        contrast, own = np.clip(least[0], *_LIMITS.there), np.clip(least[1], *_LIMITS.covered)
        found = iter([_state(c, o, w, float(contrast), float(own)) for c, o, w in values.tolist()])
        return [State.COVERED if _is_cut(w, beyond) else next(found) for w in self._words]


def _word(flat: Grey, ink: Mask, place: Place) -> _Word | None:
    """A word of the form, as it is looked for."""
    x, y = max(0, int(place.left) - 1), max(0, int(place.top) - 1)
    there = np.s_[y : int(place.low) + 1, x : int(place.right) + 1]
    own = ink[there].astype(np.float32)
    around = 1 - dilated(ink[there], 3, 3).astype(np.float32)
    if not own.any() or not around.any():
        return None
    dark = cv2.GaussianBlur(PAPER - flat[there], (0, 0), 0.7).astype(np.float32)
    contrast = own / own.sum() - around / around.sum()
    usual = float((dark * contrast).sum())
    box = x, y, own.shape[1], own.shape[0]
    if usual < 1:
        return None
    inked = own / own.sum()
    return _Word(box, contrast, inked, usual, float((dark * inked).sum()), float(dark.mean()))


def _is_cut(word: _Word, beyond: Mask | None) -> bool:
    """Whether the scan does not show all of a word's place."""
    if beyond is None:
        return False
    x, y, width, height = word.box
    return bool(beyond[y : y + height, x : x + width].any())


def _seen(word: _Word, dark: NDArray[np.float32]) -> tuple[float, float, float]:
    """Where a word is seen best near its place: its contrast, its ink's darkness, and all of its place's.

    Each is a part of that on the empty form.
    """
    x, y, width, height = word.box
    more = _LIMITS.search
    around = cv2.copyMakeBorder(dark, more, more, more, more, cv2.BORDER_CONSTANT, value=[0.0])
    around = around[y : y + height + 2 * more, x : x + width + 2 * more]
    scores = cv2.matchTemplate(around, word.contrast, cv2.TM_CCORR)
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    seen = around[row : row + height, column : column + width]
    own = float((seen * word.ink).sum())
    return float(scores[row, column]) / word.usual, own / word.own, float(seen.mean()) / word.dark


def _state(contrast: float, own: float, whole: float, there: float, covered: float) -> State:
    """What is in a word's place: parts of what usually is, and what they must be at least."""
    if contrast >= there:
        return State.THERE
    if own >= covered:
        return State.COVERED
    return State.GONE if whole < _LIMITS.gone else State.OTHER


def _share(print_: Mask, ink: Mask) -> float:
    """Of the print that is not on ink by chance, what is on ink: 1 for all, about 0 for chance."""
    near = dilated(ink, _LIMITS.near, _LIMITS.near)
    whole = max(1, int(print_.sum()))

    def share(x: int, y: int) -> float:
        return float((print_ & np.roll(near, (y, x), (0, 1))).sum()) / whole

    chance = np.mean(
        [share(x, y) for x in (-_LIMITS.away, _LIMITS.away) for y in (-_LIMITS.away, _LIMITS.away)]
    )
    return (share(0, 0) - float(chance)) / max(1e-6, 1 - float(chance))
