"""Which names were reported and may still be there: a name is reported once for each appearance of its card."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hwr_edge.camera.cards import Card
from hwr_edge.camera.sheets import Hull
from hwr_edge.camera.stillness import differs
from hwr_edge.camera.tracks import Track
from hwr_edge.image.pixels import Grey

# Set by hand; `make bench-camera` measures what they lead to.
_COVERED = 3.0  # seconds that something may lie on a card
_BARE = 0.03  # of the pixels of its place that may differ from what was there before it
_IN_PLACE = 0.5  # of a letter's height that it may have moved by then


@dataclass(frozen=True, eq=False)
class _Left:
    track: Track
    place: Hull
    letter: float
    time: float
    card: Hull
    behind: Grey | None
    whose: Card


def _is_bare(left: _Left, view: Grey) -> bool:
    if left.behind is None or left.behind.shape != view.shape:
        return False
    x, y, width, height = cv2.boundingRect(left.card)
    part = np.s_[max(y, 0) : y + height, max(x, 0) : x + width]
    before, now = (cv2.blur(one[part], (3, 3)) for one in (left.behind, view))
    return not differs(np.asarray(before, np.uint8), np.asarray(now, np.uint8), _BARE)


class Appearances:
    """The names whose cards are lost sight of, but may only be covered."""

    def __init__(self) -> None:
        self._left: list[_Left] = []

    def lost(self, card: Card, shape: tuple[int, ...], time: float) -> None:
        """A card is not seen any more; its names may only be covered unless it went out of view or moved."""
        edge = np.array([shape[1], shape[0]], np.float32) - 2
        inside = bool((card.hull > 1).all() and (card.hull < edge).all())
        if not (inside and card.at_rest):
            return
        for track in card.names:
            place = card.place_of(track)
            letter = float(np.linalg.norm(place[3] - place[0]))
            self._left.append(_Left(track, place, letter, time, card.hull, card.behind, card))

    @property
    def tracks(self) -> list[Track]:
        """The lines that may only be covered."""
        return [one.track for one in self._left]

    @property
    def covered(self) -> list[Card]:
        """The cards that may only be covered."""
        return list({id(one.whose): one.whose for one in self._left}.values())

    def resumed(self, card: Card) -> None:
        """A card that was covered is seen again, by itself."""
        self._left = [one for one in self._left if one.whose is not card]

    def forget(self, view: Grey, time: float) -> None:
        """Give up lines that were covered for too long, or in whose place is what was there before them."""
        self._left = [
            one for one in self._left if time - one.time < _COVERED and not _is_bare(one, view)
        ]

    def back(self, track: Track, card: Card) -> Track | None:
        """The line that a settled one is, where that was only covered."""
        place = card.place_of(track)
        for one in self._left:
            near = float(np.abs(place - one.place).max()) < _IN_PLACE * one.letter + 1
            if near and one.track.is_same_line(track.ink, track.text):
                self._left.remove(one)
                return one.track
        return None
