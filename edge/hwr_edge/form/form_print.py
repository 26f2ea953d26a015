"""Whether a form's print is on a scan laid over it: what tells another form, of the same family too.

Each printed word is compared with what stands in its place. People write across print, and bad scans lose some, so how
like is like enough is told by the scan's other words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place, place_of, print_of
from hwr_edge.form.print_words import PrintedWord, printed_words, without_lines
from hwr_edge.form.word_places import move_of
from hwr_edge.form.word_score import WEIGHTS, WordMatcher, darkness, features, usual_of
from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.image.morphology import dilated
from hwr_edge.image.pixels import Box, Grey, Mask
from hwr_edge.page.sheet import Matrix

LOOK = 1600
"""Pixels of the longer side of a form whose words are compared: 137 dpi of an A4 page."""


@dataclass(frozen=True)
class _Limits:
    """When the form's words are there; chosen by `make bench-forms`.

    near, away: pixels of a square in which print counts as there; to places where it is by chance.

    least: of all print there, of what is not by chance: less is another page; asked of fewer words than `enough`.
    lost: of its thin lines, that a scan has: of fewer nothing is asked.
    usual: of the correlation of most words with their own: less is another page; and of one that is there.
    covered: of the shade between a word's letters: where a two-tone scan makes more dark, nothing can be told.
    seen: of all words, that a scan shows: of fewer no form is known.
    """

    near: int = 5
    away: int = 12
    least: float = 0.3
    enough: int = 8
    lost: float = 0.2
    usual: float = 0.7
    covered: float = 0.3
    seen: float = 0.25


_LIMITS = _Limits()


class Difference(NamedTuple):
    """How a scan differs from its form.

    share: of the form's words that are there, 0 to 1.
    places: of the words that are not, in pixels of the form as it was given.
    """

    share: float
    places: tuple[Box, ...]


class FormPrint:
    """The print of an empty form, word by word."""

    def __init__(self, small: Grey, fields: Sequence[Box]) -> None:
        """Take the form, uint8 (H, W), at most LOOK long, and where one may write on it."""
        flat = flatten_light(small)
        self._ink, _ = ink_of(flat)
        self._dark = darkness(flat)
        written = [place_of(box) for box in fields]
        page = print_of(small)
        self._letter, self._bare = page.letter, without_lines(self._ink, page.letter)
        words = [
            word
            for word in printed_words(page)
            if not any(_stands_in(word, field) for field in written)
        ]
        self.words = WordMatcher(self._dark, self._ink, words)

    def move(self, scan: Grey) -> Matrix | None:
        """The move of the form's points to those of a scan nearly laid on it, of its size, paper white; None if unknown."""
        return move_of(self.words.words, self._dark, darkness(scan))

    def difference(self, scan: Grey, beyond: Mask | None = None) -> Difference | None:
        """What of it is not on a scan of the form's size, uint8 (H, W), paper white; None where all is.

        beyond: where the scan shows nothing of the form, as it was cut off there.
        """
        words = self.words.words
        # of many words each says more than all lines do
        if len(words) < _LIMITS.enough and self._share(ink_of(scan)[0]) < _LIMITS.least:
            return Difference(0.0, ())
        shown = self.shown(beyond)
        if len(shown) < _LIMITS.seen * len(words):
            return Difference(0.0, ())
        if not words:
            return None
        likeness = self.words.likeness(darkness(scan), shown)
        other = features(likeness, self.words.long[shown]) @ np.array(WEIGHTS) > 0
        other &= likeness[:, 2] < _LIMITS.covered
        if not other.any() and usual_of(likeness)[0] >= _LIMITS.usual:
            return None
        absent = other | (likeness[:, 1] < _LIMITS.usual)
        return Difference(float(1 - absent.mean()), tuple(words[k].box for k in shown[absent]))

    def _share(self, ink: Mask) -> float:
        """Of the form's print what is there, on a scan that lost its thin lines without those."""
        kept = int(ink.sum()) - int(without_lines(ink, self._letter).sum())
        lost = kept < _LIMITS.lost * (int(self._ink.sum()) - int(self._bare.sum()))
        return _share(self._bare if lost else self._ink, ink)

    def shown(self, beyond: Mask | None) -> NDArray[np.int64]:
        """The indices of the words that a scan shows whole."""
        words = self.words.words
        return np.array([k for k, w in enumerate(words) if not _is_cut(w, beyond)], np.int64)


def _stands_in(word: PrintedWord, field: Place) -> bool:
    """Whether the middle of a word is in a field; a label may reach into one."""
    x, y, width, height = word.box
    middle = x + width / 2, y + height / 2
    return field.left <= middle[0] < field.right and field.top <= middle[1] < field.low


def _is_cut(word: PrintedWord, beyond: Mask | None) -> bool:
    """Whether the scan does not show all of a word's place."""
    if beyond is None:
        return False
    x, y, width, height = word.box
    return bool(beyond[y : y + height, x : x + width].any())


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
