"""The cards in view: found, followed while they move, and given up when they are gone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import Anchor, brightness, moved
from hwr_edge.camera.sheets import Hull, iou, overlap, papers_in
from hwr_edge.camera.stillness import changed, softened
from hwr_edge.image.pixels import Grey


@dataclass(frozen=True)
class _Limits:
    """When a card is still there; chosen on made films (`make bench-camera`).

    there: correlation with itself from which a card is where it was looked for.
    same: of two outlines that they share, where they are one card's.
    grown: times that a card's outline is larger where more of it is seen.
    near: of a card's size that it may have jumped, where only its paper is seen.
    shape: of both outlines that its paper's has in common with its own then.
    lighter: times that it may be lighter or darker then.
    seek: seconds from one search for a lost card's paper to the next; twice as long if its name was reported.
    gone: seconds without any sign of it.
    loose: seconds in which its paper alone is seen.
    most: cards in view.
    beside: pixels around a card whose name was reported, in which it and what holds it may be.
    empty: seconds that a view is still before it is taken for empty, and after which one is that is not.
    new: pixels, a side of the smallest square that changes where a paper comes into view.
    """

    there: float = 0.5
    same: float = 0.6
    grown: float = 1.15
    near: float = 0.6
    shape: float = 0.5
    lighter: float = 1.2
    seek: float = 0.1
    gone: float = 0.4
    loose: float = 1.5
    most: int = 60
    beside: int = 12
    empty: tuple[float, float] = (0.5, 1.0)
    new: int = 11


_LIMITS = _Limits()


class Present:
    """All cards in view.

    empty: uint8 (h, w), the last view with nothing written in it.
    """

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self._sought = -math.inf
        self.empty: Grey | None = None
        self._perhaps_empty: Grey | None = None
        self._emptied = -math.inf
        self._replaced_cards: list[Card] = []
        self._searched: Grey | None = None
        self._papers: tuple[Grey, list[Hull]] | None = None

    def nothing_there(self, view: Grey, time: float, still: float) -> None:
        """Remember a view, uint8 (h, w), if nothing is written in it.

        That is known when something moves again after it was still for a while: until then writing may be found.
        Where something moves all the time, it is taken for empty now and then.
        """
        if any(card.tracks for card in self.cards):
            self._perhaps_empty = None
        elif still >= _LIMITS.empty[0]:
            self._perhaps_empty = view
        elif self._perhaps_empty is not None or time - self._emptied >= _LIMITS.empty[1]:
            self.empty = view if self._perhaps_empty is None else self._perhaps_empty
            self._perhaps_empty, self._emptied = None, time

    def let_go(self, view: Grey) -> None:
        """Give up the cards that cannot be read if their outlines are no paper's: lines may be found without."""
        papers = self._papers_in(view)
        for card in [card for card in self.cards if card.is_stuck]:
            if all(iou(paper, card.hull) < _LIMITS.same for paper in papers):
                self.cards.remove(card)
                self._replaced_cards.append(card)

    def follow(self, view: Grey, time: float, everything: bool = True) -> None:
        """Find the cards with writing in the next view, uint8 (h, w); all, or those alone that are to be read."""
        cards = [card for card in self.cards if card.tracks and (everything or card.is_read(time))]
        astray = [card for card in cards if not _follow(card, view, time)]
        for card in astray:
            card.missing = time if card.missing is None else card.missing
        named = all(card.names for card in astray)
        if not astray or time - self._sought < _LIMITS.seek * (2 if named else 1):
            return
        self._sought = time
        papers = self._papers_in(view)
        for card in sorted(astray, key=lambda card: -len(card.names)):
            others = [c.hull for c in self.cards if c is not card and c.missing is None]
            free = [p for p in papers if all(overlap(p, o) < _LIMITS.same for o in others)]
            paper = _nearest(card, free, view)
            if paper is not None:
                _jump(card, view, paper, time)

    def _papers_in(self, view: Grey) -> list[Hull]:
        """The papers in a view, looked for once."""
        if self._papers is None or self._papers[0] is not view:
            self._papers = view, papers_in(view)
        return self._papers[1]

    def may_find(self, view: Grey) -> bool:
        """Whether anything as large as a paper changed since they were last looked for, but the cards with names."""
        before, self._papers = self._searched, None
        if before is None or before.shape != view.shape:
            return True
        other = changed(before, softened(view))
        for card in self.cards:
            if card.names and card.missing is None and card.cut is None:
                hull = np.round(card.hull).astype(np.int32)
                cv2.fillConvexPoly(other, hull, [0])
                cv2.polylines(other, [hull], True, [0], 2 * _LIMITS.beside)
        square = np.ones((_LIMITS.new, _LIMITS.new), np.uint8)
        return bool(cv2.erode(other, square, borderValue=0).any())

    def find(self, view: Grey, time: float, covered: Sequence[Card] = ()) -> list[Card]:
        """Find papers that came into view, those without writing again, and better outlines of others.

        Args:
            view: uint8 (h, w).
            time: seconds.
            covered: cards that were lost sight of, something may lie on them.

        Returns:
            Those of the covered ones that are seen again, in part at least; they are in view again.
        """
        self._searched = softened(view)
        kept: list[Card] = []
        back: list[Card] = []
        for paper in self._papers_in(view):
            under = [card for card in covered if overlap(paper, card.hull) > _LIMITS.same]
            if under and not _is_whole(paper, under[0]):
                back += [
                    card for card in under if card not in back and _is_part(card, paper, view, time)
                ]
                continue
            over = [c for c in self.cards if c.tracks and overlap(paper, c.hull) > _LIMITS.same]
            over = [card for card in over if not self._replaced(card)]
            if over:
                self._outline(over, paper, view, time)
                continue
            blank = [c for c in self.cards if not c.tracks and iou(paper, c.hull) > _LIMITS.same]
            card = blank[0] if blank else Card(Anchor(view, paper), np.eye(3), np.eye(3), time)
            card.behind = self.empty
            card.seen_blank(view, paper, time)
            kept.append(card)
        written = [card for card in self.cards if card.tracks]
        self.cards = back + written + kept[: _LIMITS.most - len(written)]
        return back

    def _replaced(self, card: Card) -> bool:
        """Give up a card that is not found now, where another is, unless anything that may be a name was read on it.

        Such are cards that came into view, seen in part, and lines taken for writing where no paper was seen.
        """
        read = card.names or (card.paper and any(track.number for track in card.tracks))
        if read or card.missing is None:
            return False
        self.cards.remove(card)
        self._replaced_cards.append(card)
        return True

    def _outline(self, over: list[Card], paper: Hull, view: Grey, time: float) -> None:
        """A paper is seen where cards with writing are: the outline of one of them, or part of it.

        An outline is a guess until a name was read in it: a card that comes into view, or from behind
        something, is seen in part at first, and a thing in the room may have been taken for it.
        """
        best = max(over, key=lambda card: (bool(card.names), iou(paper, card.hull)))
        grown = cv2.contourArea(paper) > _LIMITS.grown * cv2.contourArea(best.hull)
        other = grown or iou(paper, best.hull) < _LIMITS.same
        complete = best.cut is not None and not _is_cut(paper, view)
        guessed = (not best.paper and grown) if best.names else other
        if best.missing is not None or not (complete or guessed):
            return
        best.paper = True
        best.outlined(view, paper)
        best.look_anew(time)
        for card in over:
            if card is not best and not card.names:
                self.cards.remove(card)
                self._replaced_cards.append(card)

    def gone(self, time: float) -> list[Card]:
        """Give up the cards that were not seen for a while."""
        lost = [
            card
            for card in self.cards
            if (card.missing is not None and time - card.missing >= _LIMITS.gone)
            or (card.loose is not None and time - card.loose >= _LIMITS.loose)
        ]
        self.cards = [card for card in self.cards if card not in lost]
        lost, self._replaced_cards = lost + self._replaced_cards, []
        return lost


def _is_whole(paper: Hull, card: Card) -> bool:
    """Whether a paper is about as large as a card."""
    return cv2.contourArea(paper) * _LIMITS.grown > cv2.contourArea(card.hull)


def _is_part(card: Card, paper: Hull, view: Grey, time: float) -> bool:
    """Whether a paper is what can be seen of a card on which something lies; the card is followed then."""
    found = card.anchor.find(view, card.guess(time))
    if found is None:
        return False
    part = moved(paper, np.asarray(np.linalg.inv(found.move), np.float64))
    if card.anchor.similarity(view, found.move, part) < _LIMITS.there:
        return False
    card.place(np.asarray(found.move @ card.base, np.float64), time)
    return True


def _is_cut(hull: Hull, view: Grey) -> bool:
    """Whether an outline goes on beyond the view."""
    high, wide = view.shape
    return bool(hull.min() <= 1 or (hull >= (wide - 2, high - 2)).any())


def _follow(card: Card, view: Grey, time: float) -> bool:
    """Whether a card is found near where it is guessed to be."""
    found = card.anchor.find(view, card.guess(time))
    if found is None or found.similarity < _LIMITS.there:
        return False
    card.place(np.asarray(found.move @ card.base, np.float64), time)
    if card.has_changed and card.loose is None:
        card.anchored(view, card.hull)
        if card.undecided:
            card.look_anew(time)
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
        shape = iou(np.asarray(paper - way, np.float32), hull)
        light = brightness(view, paper) / max(bright, 1.0)
        if shape > _LIMITS.shape and 1 / _LIMITS.lighter < light < _LIMITS.lighter:
            near.append((float(np.linalg.norm(way)), k))
    way, place = min(near, default=(np.inf, 0))
    return papers[place] if way < _LIMITS.near * card.size else None


def _jump(card: Card, view: Grey, paper: Hull, time: float) -> None:
    """A card is where its paper is seen; where its lines are is known only about."""
    x, y = paper.mean(0) - card.hull.mean(0)
    jump = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
    card.place(np.asarray(jump @ card.pose, np.float64), time)
    card.anchored(view, paper)
    if card.loose is None:
        card.loose = time
        card.look_anew(time)
