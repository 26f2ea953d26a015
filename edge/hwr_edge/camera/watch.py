"""The loop: frames in, settled names out. No I/O and no clock of its own.

nothing changed, and nothing is to be read: nothing to do
else: cards are followed -> new ones found -> their lines located, judged, read frame by frame
-> the vote settles each -> reported once for each appearance of its card.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hwr_edge.camera.appearances import Appearances
from hwr_edge.camera.cards import Card
from hwr_edge.camera.examine import Read
from hwr_edge.camera.follow import moved
from hwr_edge.camera.frames import Area, Frame
from hwr_edge.camera.hints import hint_of
from hwr_edge.camera.look import Look, Mark, ReportedName
from hwr_edge.camera.present import Present
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.reading import Reader
from hwr_edge.camera.seen import Unseen, scale_of
from hwr_edge.camera.stillness import Stillness, differs, softened
from hwr_edge.camera.tracks import Track
from hwr_edge.image.pixels import Box, Grey


@dataclass(frozen=True)
class _Pace:
    """How often cards are looked for, in seconds; chosen on made films (`make bench-camera`).

    follow, find: at least from one view in which cards are followed, or looked for, to the next, while
        nothing is read.
    others: likewise, for further cards beside one that was read.
    rest: without a change, after which nothing moves.
    still: likewise, before lines are looked for where no paper's edges are seen.
    doubt: likewise, before a card that cannot be read is looked for again.
    anywhere: from one such look to the next, while something changes.
    again, late: the same, where nothing changes: after a look that found lines, and after others.
    same: before what looks as it did when no line was found.
    tries: times that `anywhere` is doubled while that finds no name.
    """

    follow: float = 0.1
    find: float = 0.2
    others: float = 0.35
    rest: float = 0.1
    still: float = 0.2
    doubt: float = 0.5
    anywhere: float = 1.0
    again: float = 0.35
    late: float = 4.0
    same: float = 20.0
    tries: int = 2


_PACE = _Pace()


def watch(
    frames: Iterable[Frame | None], read: Read, area: Area | None = None, top: int = 0
) -> Iterator[Look]:
    """Look at each frame; report each name once for each appearance of its card.

    Args:
        frames: in the order of their time; None where none came.
        read: a line's crop, with a calibrated confidence and some alternatives for the vote.
        area: the part of the frames to look at; None for all.
        top: how many alternatives a settled reading has.

    Raises:
        CameraError: the area lies outside a frame.
    """
    watcher = _Watcher(read, area, top)
    for frame in frames:
        yield Look(None, Hint.LOST) if frame is None else watcher.see(frame)


class _Watcher:
    def __init__(self, read: Read, area: Area | None, top: int) -> None:
        self._area = area
        self._appearances = Appearances()
        self._reader = Reader(read, top, self._appearances)
        self._announced: dict[int, Mark] = {}
        self._shape: tuple[int, ...] = ()
        self._late, self._last = 0.0, -math.inf
        self._begin()

    def _begin(self) -> None:
        """Nothing is known of what is in view."""
        self._present, self._stillness = Present(), Stillness()
        self._moved = self._came = True
        self._doubted = False
        self._lost = False  # a card, since papers were looked for
        self._followed = self._found = -math.inf
        self._anywhere = math.inf  # not yet
        self._looks = self._tries = 0
        self._bare: tuple[Grey, float] | None = None

    def see(self, frame: Frame) -> Look:
        """Take the next frame."""
        view, time = frame.view(), self._time(frame.time)
        if frame.pixels.shape[:2] != self._shape:
            self._shape = frame.pixels.shape[:2]
            self._begin()
        still = self._stillness.update(frame.view(self._area) if self._area else view, time)
        if still == 0:
            self._moved = self._came = True
            self._looks = 0
        if still > _PACE.rest:
            for card in self._present.cards:
                if card.missing is None:
                    card.velocity = np.zeros(2)
        self._present.nothing_there(view, time, still)
        self._follow(view, time)
        self._doubt(view, still)
        reported = tuple(self._look(Unseen(frame, view, time, self._area), still))
        return self._result(frame, time, still, reported)

    def _doubt(self, view: Grey, still: float) -> None:
        """Where nothing moves and nothing can be read, look once whether the cards are any."""
        if still < _PACE.doubt:
            self._doubted = False
        elif not self._doubted:
            self._doubted = True
            if any(card.is_stuck for card in self._present.cards):
                self._present.let_go(view)

    def _time(self, time: float) -> float:
        """A clock that never goes back."""
        if time + self._late < self._last:
            self._late = self._last - time
        self._last = time + self._late
        return self._last

    @property
    def _reading(self) -> bool:
        return any(card.undecided for card in self._present.cards)

    def _follow(self, view: Grey, time: float) -> None:
        """What can be done with the view alone."""
        present = self._present
        lost = any(card.missing is not None for card in present.cards)
        due = time - self._followed >= _PACE.follow
        if (self._moved or lost) and (due or any(card.is_read(time) for card in present.cards)):
            present.follow(view, time, everything=due)
            if due:
                self._moved, self._followed = False, time
        named = any(card.names for card in present.cards)
        if self._came and time - self._found >= (_PACE.others if named else _PACE.find):
            if self._lost or present.may_find(view):
                for card in present.find(view, time, self._appearances.covered):
                    self._appearances.resumed(card)
            self._came, self._lost, self._found = False, False, time
        for card in present.gone(time):
            self._appearances.lost(card, view.shape, time)
            self._came = self._lost = True
        self._appearances.forget(view, time)

    def _look(self, frame: Unseen, still: float) -> Iterator[ReportedName]:
        """What takes the whole frame."""
        cards, reader, time = self._present.cards, self._reader, frame.time
        if any(c.paper and c.missing is None and time >= c.next_look for c in cards):
            reader.examine(cards, frame.seen)
        if self._look_anywhere(time, still) and not self._is_bare(frame):
            found = reader.anywhere(cards, frame.seen, self._present.empty)
            cards += found
            self._anywhere, self._looks = time, self._looks + 1 if found else 2
            self._bare = None if found else (softened(frame.seen.view), time)
            self._tries = min(self._tries + 1, _PACE.tries)
        if not self._reading:
            return
        for card, track in reader.read(cards, frame.seen, still > 0):
            name = reader.name_of(card, track, frame.seen, cards)
            if name is not None:
                assert name.reading is not None
                assert name.crop is not None
                frames = name.ballot.frames
                yield ReportedName(frame.frame.time, name.reading, frames, name.crop, name.number)
        for card in cards:
            reader.count(card)
            reader.consider_turning(card, frame.seen)
            self._finish(card, frame)
        self._present.cards = [card for card in cards if card.tracks or card.paper]

    def _finish(self, card: Card, frame: Unseen) -> None:
        """A card with nothing left to read: with a name it is done; else it may lie turned."""
        if card.undecided or card.loose is not None:
            return
        if card.names:
            card.next_look = math.inf
        elif card.tracks and not self._reader.turns(card, frame.seen, 0.0):
            card.leave()

    def _look_anywhere(self, time: float, still: float) -> bool:
        """Whether lines are to be looked for where no paper's edges are seen."""
        cards = self._present.cards
        if any(card.undecided and (card.paper or card.fault is None) for card in cards):
            return False
        if any(card.names for card in self._present.cards):
            self._tries = 0
            return False
        self._anywhere = min(self._anywhere, time)
        past = time - self._anywhere
        if still < _PACE.still:
            return past >= _PACE.anywhere * (1 << self._tries)
        return past >= ((0.0, _PACE.again)[self._looks] if self._looks < 2 else _PACE.late)

    def _is_bare(self, frame: Unseen) -> bool:
        """Whether it looks as it did when no line was found anywhere."""
        if self._bare is None or frame.time - self._bare[1] >= _PACE.same:
            return False
        return not differs(self._bare[0], softened(frame.view))

    def _result(
        self, frame: Frame, time: float, still: float, reported: tuple[ReportedName, ...]
    ) -> Look:
        cards = [card for card in self._present.cards if card.missing is None]
        scale = scale_of(frame, self._present.cards[0].anchor.view.shape) if cards else np.eye(3)
        tracks = [(card, track) for card in cards for track in card.tracks]
        boxes = tuple(_box(card, track, scale, self._shape) for card, track in tracks)
        seen, gone = self._marks(frame.time)
        readings = [t.reading for _, t in sorted(tracks, key=lambda one: one[1].reported) if t.text]
        last = readings[-1] if readings else None
        return Look(frame, hint_of(cards), boxes, last, reported, seen, gone)

    def _marks(self, time: float) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
        """The lines that came into view, and those that left it or turned out to be none."""
        tracks = [track for card in self._present.cards for track in card.tracks]
        tracks += self._appearances.tracks
        now = {
            t.number: Mark(time, t.reading, t.number)
            for t in tracks
            if t.number and t.text and t.reading
        }
        seen = tuple(mark for number, mark in now.items() if number not in self._announced)
        gone = tuple(
            mark._replace(time=time)
            for number, mark in self._announced.items()
            if number not in now
        )
        self._announced = now
        return seen, gone


def _box(card: Card, track: Track, scale: np.ndarray, shape: tuple[int, ...]) -> Box:
    """Where a line is in the present frame of (height, width)."""
    corners = moved(card.place_of(track), scale).tolist()
    high, wide = shape[:2]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    x0, y0 = (
        _within(math.floor(min(across)), 0, wide - 1),
        _within(math.floor(min(down)), 0, high - 1),
    )
    x1, y1 = (
        _within(math.ceil(max(across)), x0 + 1, wide),
        _within(math.ceil(max(down)), y0 + 1, high),
    )
    return x0, y0, x1 - x0, y1 - y0


def _within(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))
