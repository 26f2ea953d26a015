"""Cards in view, and which lines of writing are on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.camera.follow import Anchor, Move, moved
from hwr_edge.camera.likeness import SAME, SAME_TEXT, ink_of, similarity
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.sheets import Hull, has_ink, iou
from hwr_edge.camera.stillness import differs
from hwr_edge.camera.tracks import Track
from hwr_edge.camera.vote import Ballot
from hwr_edge.image.pixels import Grey
from hwr_edge.page.locate import Line


@dataclass(frozen=True)
class _Limits:
    """When a card is at rest, changed or to be looked at again; chosen on made films (`make bench-camera`).

    larger: times; beside letters that are so much larger, small ones are print.
    again, latest: seconds until a card is looked at again, at first and at most.
    written: part of a paper's pixels that writing changes, at least.
    little: pixels, width and height of the small copy that shows such changes.
    turned, grown: degrees and times; a card that turned or grew by more is anchored anew.
    same_place: part of two lines' outlines that they share if they are one line.
    slow: of its own size a second; a slower card is at rest.
    """

    larger: float = 1.6
    again: float = 0.12
    latest: float = 4.0
    written: float = 0.02
    little: tuple[int, int] = (64, 32)
    turned: float = 10.0
    grown: float = 1.15
    same_place: float = 0.5
    slow: float = 0.25


_LIMITS = _Limits()


@dataclass(eq=False)
class Card:
    """A paper, or a line where no paper's edges are seen.

    hull: its outline in the view in which it was anchored.
    base: from its own points (of the view in which it was first seen) to those of that view.
    pose: from its own points to those of the present view.
    turn: degrees clockwise by which it is read turned.
    time: seconds, of the view in which it was last found.
    paper: whether it has the edges of a paper.
    velocity: pixels of the view a second.
    loose: seconds, of the view since which only its paper is found, and its lines are only about there.
    cut: its own points where the view ended when it was outlined, if it may go on there.
    turned: whether other ways up were looked at.
    missing: seconds, of the view since which it is not found.
    behind: uint8 (h, w), the last view before it with nothing written in it.
    little: uint8, what it looked like when nothing was written on it.
    """

    anchor: Anchor
    base: Move
    pose: Move
    time: float
    paper: bool = True
    turn: int = 0
    tracks: list[Track] = field(default_factory=list)
    next_look: float = -math.inf
    looks: int = 0
    velocity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    loose: float | None = None
    cut: Hull | None = None
    turned: bool = False
    missing: float | None = None
    little: Grey | None = None
    behind: Grey | None = None
    _hull: tuple[Move, Anchor, Hull] | None = field(default=None, repr=False)

    @property
    def hull(self) -> Hull:
        """Its outline in the present view."""
        if self._hull is None or self._hull[0] is not self.pose or self._hull[1] is not self.anchor:
            self._hull = self.pose, self.anchor, moved(self.anchor.hull, self.move)
        return self._hull[2]

    @property
    def move(self) -> Move:
        """From the view in which it was anchored to the present one."""
        return np.asarray(self.pose @ np.linalg.inv(self.base), np.float64)

    @property
    def size(self) -> float:
        """The root of its area, in pixels of the view."""
        return math.sqrt(max(cv2.contourArea(self.hull), 1.0))

    @property
    def undecided(self) -> bool:
        """Whether any of its lines is not settled yet."""
        return any(not track.closed for track in self.tracks)

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

    def place(self, pose: Move, time: float) -> None:
        """It is found in a view, by `follow` or as a paper."""
        middle = self.hull.mean(0)
        self.pose = pose
        past = max(time - self.time, 1e-3)
        self.velocity = np.asarray((self.hull.mean(0) - middle) / past, np.float64)
        self.time, self.missing = time, None

    def guess(self, time: float) -> Move:
        """Where it is likely to be by now, from the view in which it was anchored."""
        x, y = self.velocity * min(time - self.time, 0.3)
        return np.asarray(np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]) @ self.move, np.float64)

    def anchored(self, view: Grey, hull: Hull) -> None:
        """From now on it is compared with this view."""
        self.anchor, self.base = Anchor(view, hull), self.pose

    @property
    def has_changed(self) -> bool:
        """Whether it was turned or brought nearer so much that it is to be anchored anew."""
        (a, b), (c, d) = self.move[0, :2], self.move[1, :2]
        angle = abs(math.degrees(math.atan2(c - b, a + d)))
        scale = math.sqrt(abs(a * d - b * c))
        return angle > _LIMITS.turned or not 1 / _LIMITS.grown < scale < _LIMITS.grown

    @property
    def at_rest(self) -> bool:
        """Whether it hardly moves."""
        return self.speed < _LIMITS.slow * self.size

    @property
    def speed(self) -> float:
        """Pixels of the view a second."""
        return float(np.linalg.norm(self.velocity))

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
            self.next_look = time if has_ink(view, hull) else math.inf
        self.outlined(view, hull)

    def leave(self) -> None:
        """Nothing on it is a name: it is looked at again when it looks otherwise."""
        self.little, self.next_look = _little(self.anchor.view, self.anchor.hull), math.inf
        self.tracks, self.turn, self.loose, self.missing = [], 0, None, None

    def may_go_on(self, track: Track) -> bool:
        """Whether a line comes so near to where the view ended when its card was outlined, that there may be more of it."""
        if self.cut is None:
            return False
        place, border = self.place_of(track), moved(self.cut, self.pose)
        letter = float(np.linalg.norm(place[3] - place[0]))
        ways = [abs(cv2.pointPolygonTest(border, (float(x), float(y)), True)) for x, y in place]
        return min(ways) < letter

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

        No handwriting by most frames; likelier print, where another line is handwriting; or small
        beside some.
        """
        others = [one for one in self.tracks if one.text and one is not track]
        if not track.is_written or (track.rather_print and any(not o.rather_print for o in others)):
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


def in_view(track: Track, card: Card, scale: Move) -> Move:
    """From the image in which a line was located to the present one; `scale` is from view to image."""
    move = card.pose @ np.linalg.inv(track.pose)
    return np.asarray(scale @ move @ np.linalg.inv(scale), np.float64)
