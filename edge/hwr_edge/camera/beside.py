"""What the other cards in view tell of a line: a thing behind may be outlined together with a card or part of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwr_edge.camera.cards import Card
from hwr_edge.camera.sheets import overlap
from hwr_edge.camera.tracks import Track

# Set by hand; `make bench-camera` measures what they lead to.
SAME_PLACE = 0.2
"""Part of the smaller of two lines' outlines that they share if they are one name."""
_SAME_LINE = 0.5  # likewise, if one of them is part of the other
_LONGER = 1.3  # times that this is longer then


def is_others(card: Card, track: Track, cards: Sequence[Card]) -> bool:
    """Whether a line lies where a name was reported of another card: a thing behind that was taken for a card."""
    place = card.place_of(track)
    seen = [one for one in cards if one is not card and one.missing is None]
    return any(
        overlap(place, one.place_of(name)) > SAME_PLACE for one in seen for name in one.names
    )


def is_part(card: Card, track: Track, cards: Sequence[Card]) -> bool:
    """Whether a longer line of another card, which is being read, lies over a line: that card was outlined in part."""
    place = card.place_of(track)
    least = _LONGER * float(np.linalg.norm(place[1] - place[0]))
    for one in cards:
        if one is card or one.missing is not None or not one.paper:
            continue
        for other in one.tracks:
            if other.closed or other.fault is not None or not other.text:
                continue
            whole = one.place_of(other)
            longer = float(np.linalg.norm(whole[1] - whole[0])) > least
            if longer and overlap(place, whole) > _SAME_LINE:
                return True
    return False
