"""Cards in view, and which lines of writing are on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from hwr_edge.camera.follow import Move, moved
from hwr_edge.camera.followed import Followed
from hwr_edge.camera.likeness import SAME, SAME_TEXT, ink_of, similarity
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.sheets import Hull, ink_in, iou
from hwr_edge.camera.stillness import differs
from hwr_edge.camera.tracks import Track
from hwr_edge.camera.vote import Ballot
from hwr_edge.image.pixels import Grey
from hwr_edge.page.line_kinds import shipped_kinds, written_among
from hwr_edge.page.locate import Line


@dataclass(frozen=True)
class _Limits:
    """When a card is to be looked at again, and which of its lines are known; chosen on made films (`make bench-camera`).

    unlikely, likely: probability under which a line is no name, and from which it is likely one.
    larger: times; beside letters that are so much larger, small ones are print.
    again, latest: seconds until a card is looked at again, at first and at most.
    sure_looks: looks that a card gets in any case.
    written: part of a paper's pixels that writing changes, at least.
    little: pixels, width and height of the small copy that shows such changes.
    same_place: part of two lines' outlines that they share if they are one line.
    """

    unlikely: float = 0.2
    likely: float = 0.5
    larger: float = 1.6
    again: float = 0.12
    latest: float = 4.0
    sure_looks: int = 2
    written: float = 0.02
    little: tuple[int, int] = (64, 32)
    same_place: float = 0.5


_LIMITS = _Limits()


@dataclass(eq=False)
class Card(Followed):
    """A paper, or a line where no paper's edges are seen.

    turn: degrees clockwise by which it is read turned.
    paper: whether it has the edges of a paper.
    loose: seconds, of the view since which only its paper is found, and its lines are only about there.
    cut: its own points where the view ended when it was outlined, if it may go on there.
    turned: whether other ways up were looked at.
    behind: uint8 (h, w), the last view before it with nothing written in it.
    little: uint8, what it looked like when its lines were last looked for.
    """

    paper: bool = True
    turn: int = 0
    tracks: list[Track] = field(default_factory=list)
    next_look: float = -math.inf
    looks: int = 0
    loose: float | None = None
    cut: Hull | None = None
    turned: bool = False
    little: Grey | None = None
    behind: Grey | None = None
    ink: int = 0

    @property
    def undecided(self) -> bool:
        """Whether any of its lines is not settled yet."""
        return any(not track.closed for track in self.tracks)

    def is_read(self, time: float) -> bool:
        """Whether any of its lines is to be read by then."""
        return any(not track.closed and track.next_read <= time for track in self.tracks)

    @property
    def may_be_name(self) -> bool:
        """Whether it is a paper, or anything was read on it: eyes and mouths are lines at first, too."""
        return self.paper or any(track.number for track in self.tracks)

    @property
    def names(self) -> list[Track]:
        """The lines whose names were reported."""
        return [track for track in self.tracks if track.reported]

    @property
    def fault(self) -> Hint | None:
        """What keeps the largest of its lines from being read; None where one is being read."""
        lines = [track for track in self.tracks if not track.closed]
        if not lines or any(track.fault is None for track in lines):
            return None
        return max(lines, key=lambda track: track.line.letter).fault

    @property
    def is_stuck(self) -> bool:
        """Whether it is a paper on which nothing was read, and nothing can be."""
        return self.paper and self.missing is None and not self.names and self.fault is not None

    def wait(self, time: float, mending: bool) -> None:
        """Look at it again later, ever later; not quite so late where a fault may go."""
        self.looks += 1
        pause = _LIMITS.again * 2 ** min(self.looks - 1, 8)
        self.next_look = time + min(pause, 6 * _LIMITS.again if mending else _LIMITS.latest)
        done = self.names and self.loose is None
        if done or not self.tracks:
            self.next_look = math.inf

    def seen_blank(self, view: Grey, hull: Hull, time: float) -> None:
        """A paper without known writing is seen; where it looks otherwise than before it is worth a look."""
        self.place(self.pose, time)
        little = _little(view, hull)
        if self.little is None or differs(self.little, little, _LIMITS.written):
            self.little, self.looks, self.turned = little, 0, False
            self.ink = ink_in(view, hull)
            self.next_look = time if self.ink else math.inf
        self.outlined(view, hull)

    def is_as_before(self, view: Grey) -> bool:
        """Whether it looks as it did when its lines were last looked for.

        Never at the second look: what came to rest in between looks the same in little, and is sharp now.
        """
        if self.little is None or self.looks < _LIMITS.sure_looks:
            return False
        return not differs(self.little, _little(view, self.hull), _LIMITS.written)

    def looked_at(self, view: Grey) -> None:
        """Its lines were looked for in a view."""
        self.little = _little(view, self.hull)

    def look_anew(self, time: float) -> None:
        """Its lines are to be looked for at once: they are seen better now."""
        self.looks, self.next_look = 0, time

    def leave(self) -> None:
        """Nothing on it is a name: it is looked at again when it looks otherwise."""
        self.little, self.next_look = _little(self.anchor.view, self.anchor.hull), math.inf
        self.tracks, self.turn, self.loose, self.missing = [], 0, None, None

    def outlined(self, view: Grey, hull: Hull) -> None:
        """Its outline is seen; where that touches the view's border the card goes on."""
        self.anchored(view, hull)
        high, wide = view.shape
        ends = hull[((hull <= 1) | (hull >= (wide - 2, high - 2))).any(axis=1)]
        self.cut = (
            moved(ends, np.asarray(np.linalg.inv(self.pose), np.float64)) if len(ends) > 1 else None
        )

    def _known(self, lines: list[Line], places: list[Hull], inks: list[Grey]) -> dict[int, Track]:
        """Which of the lines are known: those at a known one's place, or where that is not known, with its ink."""
        known: dict[int, Track] = {}
        if self.loose is None:
            both = [
                (iou(place, self.place_of(track)), k, track)
                for k, place in enumerate(places)
                for track in self.tracks
            ]
            for same, k, track in sorted(both, key=lambda one: -one[0]):
                if k in known or track in known.values():
                    continue
                if same > _LIMITS.same_place and not track.is_other(inks[k]):
                    known[k] = track
        for k in range(len(lines)):
            free = [track for track in self.tracks if track not in known.values()]
            best = max(free, key=lambda track: similarity(track.ink, inks[k]), default=None)
            if k in known or best is None:
                continue
            if similarity(best.ink, inks[k]) >= (SAME_TEXT if best.reported else SAME):
                known[k] = best
        return known

    def place_of(self, track: Track) -> Hull:
        """The corners of one of its lines in the present view."""
        move = np.asarray(self.pose @ np.linalg.inv(track.pose), np.float64)
        return moved(track.place, move)

    def is_print(self, track: Track) -> bool:
        """Whether a line that reads as a name is none.

        Print as on a page (`written_among`); unlikely a name; not likely one, where what another line is, print or
        a name, is known, and on a card that is read turned; or small beside some.
        """
        if track.likely < _LIMITS.unlikely:
            return True
        read = [one for one in self.tracks if one.frames]
        least = shipped_kinds().card.least
        written = written_among([one.handwriting for one in read], least)
        if not any(own for one, own in zip(read, written, strict=True) if one is track):
            return True
        others = [one for one in self.tracks if one.text and one is not track]
        known = any(one.reported or one.likely >= _LIMITS.likely for one in others)
        known |= any(one.handwriting < least for one in read if one is not track)
        known |= self.turn != 0  # print on its side looks like some handwriting
        if known and track.likely < _LIMITS.likely:
            return True
        return any(one.line.letter > _LIMITS.larger * track.line.letter for one in others)

    def located(self, lines: list[Line], to_view: Move, top: int) -> None:
        """Take note of what lines were found on it, in an image; what is known stays known."""
        inks = [ink_of(line.crop) for line in lines]
        places = [moved(line.outline.astype(np.float32), to_view) for line in lines]
        known, before = self._known(lines, places, inks), self.tracks
        self.tracks = []
        for k, (line, place, ink) in enumerate(zip(lines, places, inks, strict=True)):
            old = known.get(k)
            if old is None:
                self.tracks.append(Track(line, place, self.pose, Ballot(top), ink, since=self.time))
                continue
            old.line, old.place, old.pose, old.covered = line, place, self.pose, 0
            if not old.reported:
                old.ink = ink
            self.tracks.append(old)
        self.tracks += [one for one in before if one.reported and one not in known.values()]


def _little(view: Grey, hull: Hull) -> Grey:
    """The upright box around an outline in little, uint8."""
    x, y, width, height = cv2.boundingRect(hull)
    part = view[max(y, 0) : y + height, max(x, 0) : x + width]
    return np.asarray(cv2.resize(part, _LIMITS.little, interpolation=cv2.INTER_AREA), np.uint8)
