"""The lines on the cards in view: located, judged, read frame by frame, and settled."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwr_edge.camera.appearances import Appearances
from hwr_edge.camera.beside import SAME_PLACE, is_others, is_part
from hwr_edge.camera.cards import Card
from hwr_edge.camera.ends import is_cut, is_open
from hwr_edge.camera.examine import (
    WAYS,
    Read,
    certainty,
    lines_anywhere,
    lines_on,
    sheet_of,
    spans_on,
    turn_of,
    written,
)
from hwr_edge.camera.follow import Anchor, moved
from hwr_edge.camera.quality import Hint, judge
from hwr_edge.camera.seen import Seen, in_view
from hwr_edge.camera.sheets import Hull, overlap
from hwr_edge.camera.tracks import Track
from hwr_edge.image.pixels import Grey
from hwr_edge.page.line_kinds import Kind, shipped_kinds
from hwr_edge.page.locate import Line


@dataclass(frozen=True)
class _Limits:
    """When a line is read again, reported or given up; chosen on made films (`make bench-camera`).

    soon: seconds until a line that cannot be read is looked at again, where nothing moves or a name is known.
    patience: seconds that a line beside a name may be unreadable before it is left alone.
    mends: seconds that an outline may be mended which a line comes near to where paper seems to go on.
    seen: probability from which a line is reported as seen: that it is handwriting, and read right.
    seen_frames: that it was read in by then: what comes into view is smeared, and looks like two at first.
    covered: correlation of a line with itself under which something is before it.
    views: in a row in which it is, after which its card is looked at anew.
    late: seconds after which a paper that waits is looked at before those with less than twice its ink.
    guess: seconds from one paper on which no line is found to the next such look; where a name is known.
    cards, lines: most of them looked at and read in a frame.
    letters: of the shortest name.
    sure: of a letter: no other way up is looked at.
    tries, doubtful: frames after which other ways up are looked at if no handwriting is read more surely; print
        must be read as surely as `sure`.
    beside: letters' heights of paper around a line that has no paper of its own.
    """

    soon: float = 0.35
    patience: float = 1.0
    mends: float = 0.5
    seen: float = 0.3
    seen_frames: int = 2
    covered: float = 0.5
    views: int = 3
    late: float = 1.0
    guess: tuple[float, float] = (0.1, 0.5)
    cards: int = 4
    lines: int = 12
    letters: int = 2
    sure: float = 0.95
    tries: int = 3
    doubtful: float = 0.8
    beside: float = 0.7


_LIMITS = _Limits()


class Reader:
    """Looks at cards, and settles what is written on them."""

    def __init__(self, read: Read, top: int, appearances: Appearances) -> None:
        self._read, self._top, self._appearances = read, top, appearances
        self._number = 0
        self._next_guess = -math.inf

    def examine(self, cards: list[Card], seen: Seen) -> None:
        """Locate the lines of the cards whose turn it is."""
        due = [c for c in cards if c.paper and c.missing is None and seen.time >= c.next_look]
        named = any(card.names for card in cards)
        for card in sorted(due, key=lambda card: -_urgency(card, seen.time))[: _LIMITS.cards]:
            if not card.tracks and seen.time < self._next_guess:
                continue
            if card.is_as_before(seen.view):
                card.wait(seen.time, mending=True)
                continue
            sheet = sheet_of(seen.grey, seen.to_frame(card.hull), seen.area)
            spans = spans_on(sheet.turned(card.turn) if card.turn else sheet) if sheet else []
            lines = written(spans, seen.grey.shape[0])
            self._located(card, lines, seen)
            upright = not named and sheet is not None and sheet.size[1] > sheet.size[0]
            if (
                (spans or upright) and not lines and not card.tracks
            ):  # a line on its side is no line's shape
                self.turns(card, seen, 0.0, (90, 270))
            if not card.tracks:
                self._next_guess = seen.time + _LIMITS.guess[named]

    def _located(self, card: Card, lines: list[Line], seen: Seen) -> None:
        before = len(card.names)
        card.looked_at(seen.view)
        card.located(lines, seen.to_view, self._top)
        found = any(track.pose is card.pose for track in card.names)
        if lines and (found or not before):
            card.anchored(seen.view, card.hull)
            card.loose = None
        card.wait(seen.time, mending=card.loose is not None or card.undecided)

    def anywhere(self, cards: list[Card], seen: Seen, behind: Grey | None) -> list[Card]:
        """Lines where no paper's edges are seen, each a card of its own, before such a view."""
        cards[:] = [c for c in cards if c.paper or c.names or c.fault is None]
        found = []
        for line in lines_anywhere(seen.grey, seen.area):
            outline = moved(line.outline.astype(np.float32), seen.to_view)
            if any(overlap(outline, card.hull) > 0.5 for card in cards):
                continue
            room = _LIMITS.beside * line.letter / seen.scale[0, 0]
            card = Card(Anchor(seen.view, _wider(outline, room)), np.eye(3), np.eye(3), seen.time)
            card.paper, card.behind = False, behind
            card.located([line], seen.to_view, self._top)
            found.append(card)
        return found

    def read(self, cards: list[Card], seen: Seen, still: bool) -> Iterator[tuple[Card, Track]]:
        """Read lines once more; those that this settles, with their cards."""
        due = [
            (card, track)
            for card in cards
            if card.missing is None and card.loose is None
            for track in card.tracks
            if not track.closed and seen.time >= track.next_read
        ]
        due.sort(key=lambda found: found[1].ballot.frames)
        named = any(card.names for card in cards)
        names = []
        for card, track in due[: _LIMITS.lines]:
            if card.names and seen.time - track.since > _LIMITS.patience:
                track.closed = True
                continue
            line = track.line
            if line.on_sheet[0].image is not seen.grey or track.pose is not card.pose:
                line = line.moved(seen.grey, in_view(track, card, seen.scale))
            fault, before = self._fault(card, track, line, seen), track.fault
            if fault is None and is_part(card, track, cards):
                fault = Hint.WHOLE
            track.fault = fault
            if fault is None and before is Hint.FOCUS:
                card.look_anew(seen.time)
            if fault is not None:
                waits = (still or named) and fault is not Hint.HOLD
                track.next_read = seen.time + (_LIMITS.soon if waits else 0.0)
                continue
            found = replace(self._read(line.crop), box=line.box)
            track.written += float(shipped_kinds().probabilities(line.crop)[Kind.HANDWRITING])
            track.frames, track.since = track.frames + 1, seen.time
            settled = track.ballot.add(found, seen.time)
            track.reading, track.closed = settled or found, settled is not None
            if settled is not None:
                track.crop = line.crop
                names.append((card, track))
        yield from names  # told from print by the other lines of this frame, too

    def _fault(self, card: Card, track: Track, line: Line, seen: Seen) -> Hint | None:
        """What keeps a line from being read in this frame."""
        speed = card.speed * seen.scale[0, 0]
        fault = judge(line, seen.grey, seen.area, speed)
        if fault is None and is_cut(card, track):
            return Hint.WHOLE
        new = not track.frames and seen.time - track.since < _LIMITS.mends
        if fault is None and self._is_open(card, track, seen, new):
            return Hint.WHOLE
        if fault is None and self._is_covered(card, track, seen):
            track.covered += 1
            if track.covered >= _LIMITS.views:
                track.covered, card.next_look = 0, min(card.next_look, seen.time)
            return Hint.WHOLE
        if fault is None:
            track.covered = 0
        return fault

    def _is_open(self, card: Card, track: Track, seen: Seen, new: bool) -> bool:
        """Whether a line may go on beyond its card's outline; that is waited for only for a while."""
        if new or seen.time - track.open_since < _LIMITS.patience:
            found = is_open(card, track, seen.view, touching=not new)
            if found and track.open_since == math.inf:
                track.open_since = seen.time
            return found
        return False

    def _is_covered(self, card: Card, track: Track, seen: Seen) -> bool:
        own = np.linalg.inv(card.move) @ card.pose @ np.linalg.inv(track.pose)
        part = moved(track.place, np.asarray(own, np.float64))
        return card.anchor.similarity(seen.view, card.move, part) < _LIMITS.covered

    def name_of(
        self, card: Card, track: Track, seen: Seen, cards: Sequence[Card] = ()
    ) -> Track | None:
        """The line whose name is to be reported: a settled one that is no print and was not reported before."""
        if (
            len(track.text) < _LIMITS.letters or track not in card.tracks
        ):  # of a card that was turned
            return None
        assert track.reading is not None
        sure = certainty(track.reading)
        turned = sure < _LIMITS.sure and self.turns(card, seen, sure)
        if turned or card.is_print(track) or is_others(card, track, cards):
            track.reading = replace(track.reading, text="")
            return None
        before = self._before(card, track)
        track.reported = True
        card.next_look = math.inf
        if before is None:
            self._numbered(track)
            return track
        track.number = before.number
        if before in card.tracks:
            card.tracks.remove(before)
        return None

    def count(self, card: Card) -> None:
        """Give numbers to those of a card's lines that are likely to be names."""
        for track in card.tracks:
            often = track.frames >= _LIMITS.seen_frames
            if often and track.likely >= _LIMITS.seen and not card.is_print(track):
                self._numbered(track)

    def _numbered(self, track: Track) -> None:
        if not track.number:
            self._number += 1
            track.number = self._number

    def _before(self, card: Card, track: Track) -> Track | None:
        """The line that was reported before, of which this is another view."""
        place = card.place_of(track)
        for other in card.names:
            if other is not track and other.text == track.text:
                near = overlap(place, card.place_of(other)) > SAME_PLACE
                if near or other.is_same_line(track.ink, track.text):
                    return other
        return self._appearances.back(track, card)

    def consider_turning(self, card: Card, seen: Seen) -> None:
        """Look at a card's other ways up where it was read a few times, and nothing on it surely."""
        read = [track for track in card.tracks if track.frames]
        tried = any(t.frames >= _LIMITS.tries for t in read) or all(t.closed for t in read)
        if card.turned or card.names or not read or not tried:
            return
        least = shipped_kinds().card.least
        sure = [
            (certainty(track.ballot.so_far), track.handwriting >= least)
            for track in card.tracks
            if track.ballot.frames
        ]
        own = max((one for one, written in sure if written or one >= _LIMITS.sure), default=0.0)
        if own < _LIMITS.doubtful:
            self.turns(card, seen, own)

    def turns(self, card: Card, seen: Seen, own: float, ways: Sequence[int] = WAYS) -> bool:
        """Whether a card is read much more surely when it is turned; from then on it is."""
        if card.turned or not card.paper:
            return False
        card.turned = True
        sheet = sheet_of(seen.grey, seen.to_frame(card.hull), seen.area)
        if sheet is None or not (turn := turn_of(sheet, self._read, own, ways)):
            return False
        card.turn, card.tracks = turn, []
        self._located(card, lines_on(sheet.turned(turn), seen.grey.shape[0]), seen)
        return True


def _urgency(card: Card, time: float) -> float:
    """What is looked at first: a paper with much ink, or one that waits; a room is full of things like papers."""
    waits = time - card.next_look if math.isfinite(card.next_look) else 0.0
    return card.ink * (1.0 + waits / _LIMITS.late)


def _wider(outline: Hull, room: float) -> Hull:
    """The upright box around an outline, and some pixels more."""
    (x0, y0), (x1, y1) = outline.min(0) - room, outline.max(0) + room
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
