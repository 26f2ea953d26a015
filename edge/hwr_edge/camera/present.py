"""The cards in view: found, followed while they move, and given up when they are gone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import Anchor, brightness
from hwr_edge.camera.sheets import Hull, alike, papers_in, shared
from hwr_edge.image.pixels import Grey


@dataclass(frozen=True)
class _Staying:
    """there: correlation with itself from which a card is where it was looked for.
    same: of two outlines that they share, where they are one card's.
    near: of a card's size that it may have jumped, where only its paper is seen.
    shape: of both outlines that its paper's has in common with its own then.
    lighter: times that it may be lighter or darker then.
    seek: seconds from one search for a lost card's paper to the next.
    gone: seconds without any sign of it.
    loose: seconds in which its paper alone is seen.
    most: cards in view.
    """

    there: float = 0.5
    same: float = 0.6
    near: float = 0.6
    shape: float = 0.5
    lighter: float = 1.2
    seek: float = 0.1
    gone: float = 0.4
    loose: float = 1.5
    most: int = 60


_STAYING = _Staying()


class Present:
    """All cards in view.

    empty: uint8 (h, w), the last view with nothing written in it.
    """

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self._sought = -math.inf
        self.empty: Grey | None = None

    def nothing_there(self, view: Grey) -> None:
        """Remember a view, uint8 (h, w), if nothing is written in it."""
        if not any(card.tracks for card in self.cards):
            self.empty = view

    def follow(self, view: Grey, time: float) -> None:
        """Find the cards with writing in the next view, uint8 (h, w)."""
        astray = [card for card in self.cards if card.tracks and not _follow(card, view, time)]
        for card in astray:
            card.missing = time if card.missing is None else card.missing
        if not astray or time - self._sought < _STAYING.seek:
            return
        self._sought = time
        papers = papers_in(view)
        for card in sorted(astray, key=lambda card: -len(card.names)):
            others = [c.hull for c in self.cards if c is not card and c.missing is None]
            free = [p for p in papers if all(shared(p, o) < _STAYING.same for o in others)]
            paper = _nearest(card, free, view)
            if paper is not None:
                _jump(card, view, paper, time)

    def find(self, view: Grey, time: float) -> None:
        """Find papers that came into view, and those without writing again."""
        papers = papers_in(view)
        kept: list[Card] = []
        for paper in papers:
            blank = [c for c in self.cards if not c.tracks and alike(paper, c.hull) > _STAYING.same]
            if any(c.tracks and shared(paper, c.hull) > _STAYING.same for c in self.cards):
                continue
            card = blank[0] if blank else Card(Anchor(view, paper), np.eye(3), np.eye(3), time)
            card.behind = self.empty
            card.seen_blank(view, paper, time)
            kept.append(card)
        written = [card for card in self.cards if card.tracks]
        self.cards = written + kept[: _STAYING.most - len(written)]

    def gone(self, time: float) -> list[Card]:
        """Give up the cards that were not seen for a while."""
        lost = [
            card
            for card in self.cards
            if (card.missing is not None and time - card.missing >= _STAYING.gone)
            or (card.loose is not None and time - card.loose >= _STAYING.loose)
        ]
        self.cards = [card for card in self.cards if card not in lost]
        return lost


def _follow(card: Card, view: Grey, time: float) -> bool:
    """Whether a card is found near where it is guessed to be."""
    found = card.anchor.find(view, card.guess(time))
    if found is None or found.like < _STAYING.there:
        return False
    card.place(np.asarray(found.move @ card.base, np.float64), time)
    if card.has_changed and card.loose is None:
        card.anchored(view, card.hull)
        if card.undecided:
            card.next_look = time
    return True


def _nearest(card: Card, papers: list[Hull], view: Grey) -> Hull | None:
    """The paper that a card that was lost sight of must be: as bright, of its shape, and near."""
    if not card.paper:
        return None
    hull = card.hull
    middle, bright = hull.mean(0), card.anchor.brightness
    near: list[tuple[float, int]] = []
    for k, paper in enumerate(papers):
        way = paper.mean(0) - middle
        shape = alike(np.asarray(paper - way, np.float32), hull)
        light = brightness(view, paper) / max(bright, 1.0)
        if shape > _STAYING.shape and 1 / _STAYING.lighter < light < _STAYING.lighter:
            near.append((float(np.linalg.norm(way)), k))
    way, place = min(near, default=(np.inf, 0))
    return papers[place] if way < _STAYING.near * card.size else None


def _jump(card: Card, view: Grey, paper: Hull, time: float) -> None:
    """A card is where its paper is seen; where its lines are is known only about."""
    x, y = paper.mean(0) - card.hull.mean(0)
    jump = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
    card.place(np.asarray(jump @ card.pose, np.float64), time)
    card.anchored(view, paper)
    if card.loose is None:
        card.loose, card.looks, card.next_look = time, 0, time
