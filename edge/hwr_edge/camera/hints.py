"""What the person should know about the cards in view."""

from __future__ import annotations

import cv2

from hwr_edge.camera.cards import Card
from hwr_edge.camera.quality import Hint

_ASKEW = 33.0, 45.0  # degrees from level within which nobody can say which way up a card is


def hint_of(cards: list[Card]) -> Hint:
    """What the person should know about the cards in view."""
    cards = sorted(cards, key=lambda card: -card.size)
    open_ = [card for card in cards if card.undecided and not card.names]
    if any(c.fault is None and c.loose is None and c.may_be_name for c in open_):
        return Hint.READING
    names = any(card.names for card in cards)
    faults = [card.fault for card in open_ if card.fault and (card.paper or not names)]
    if faults:
        return faults[0]
    if names:
        return Hint.DONE
    if any(card.loose is not None for card in cards):
        return Hint.HOLD
    return Hint.TURN if any(_is_askew(card) for card in cards) else Hint.LAY


def _is_askew(card: Card) -> bool:
    """Whether a card lies so that nobody can say which way up it is."""
    angle = abs((cv2.minAreaRect(card.hull)[2] + 45) % 90 - 45)
    return card.paper and _ASKEW[0] < angle <= _ASKEW[1]
