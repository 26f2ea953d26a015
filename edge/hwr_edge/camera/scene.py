"""What is known of a still scene, and of the last ones that were finished."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from hwr_edge.camera.papers import alike
from hwr_edge.camera.quality import Hint, Line
from hwr_edge.camera.stillness import differs
from hwr_edge.camera.vote import Ballot
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.recognizer import Reading
from hwr_edge.page.line_kinds import shipped_kinds

SOON, LATE = 0.35, 4.0
"""Seconds until a still scene is looked at again: where a line may get better, or a sheet be gone; where nothing was found twice."""
_SAME_LINE = 0.5  # of two boxes, what they have in common
_LARGER = 1.6  # times: beside letters so much larger, print is what small ones are
_REMEMBERED = 4  # finished scenes
_LINE_CHANGED = 0.04  # of the view's pixels in a line's box


@dataclass
class Track:
    """A line while the scene is still.

    box: x, y, width, height in pixels of the watched area.
    letter: height of its letters, in the same pixels.
    ballot: its readings so far.
    reading: the last of them, or the settled one.
    closed: whether it is settled.
    """

    box: Box
    letter: float
    crop: Grey
    ballot: Ballot
    reading: Reading | None = None
    closed: bool = False

    @property
    def text(self) -> str:
        """What is read so far."""
        return self.reading.text if self.reading else ""


@dataclass
class Scene:
    """All that is known since nothing moves.

    next_look: seconds, of the first frame to be looked at again.
    looks: how many there were that found nothing to read.
    turned: how sure is what is read when it is turned; None where that was not looked at.
    lies_turned: whether a line is not said because of that.
    names: the tracks whose names were said, or had been said before.
    """

    hint: Hint = Hint.HOLD
    tracks: list[Track] = field(default_factory=list)
    names: list[Track] = field(default_factory=list)
    next_look: float = -math.inf
    looks: int = 0
    turned: float | None = None
    lies_turned: bool = False

    def track(self, line: Line, top: int) -> Track:
        """The track of a located line; a new one, where there is none yet."""
        for track in self.tracks:
            if alike(track.box, line.box) > _SAME_LINE:
                track.crop = line.crop
                return track
        self.tracks.append(Track(line.box, line.letter, line.crop, Ballot(top)))
        return self.tracks[-1]

    def is_print(self, track: Track) -> bool:
        """Whether a line that reads as a name is print on the form."""
        if any(t.letter > _LARGER * track.letter for t in self.tracks if t.text):
            return True
        return not shipped_kinds().is_written(track.crop)

    def wait(self, time: float, better: bool) -> None:
        """Look again later: soon where a line may get better, and soon for the first time."""
        self.next_look = time + (SOON if better or not self.looks else LATE)
        self.looks += 1


class Finished:
    """The last scenes with nothing left to read: where a hand only passed, they are known again."""

    def __init__(self) -> None:
        self._scenes: deque[tuple[Grey, float, Scene]] = deque(maxlen=_REMEMBERED)

    def add(self, view: Grey, part: float, scene: Scene) -> None:
        """Remember a scene by its softened view, `part` times as large as the watched area."""
        self._scenes = deque((s for s in self._scenes if s[2] is not scene), _REMEMBERED)
        self._scenes.append((view, part, scene))

    def find(self, view: Grey) -> Scene | None:
        """The scene that looked the same, and its lines in particular."""
        for before, part, scene in reversed(self._scenes):
            boxes = (_scaled(track.box, part) for track in scene.tracks)
            parts = (
                (before[y : y + h, x : x + w], view[y : y + h, x : x + w]) for x, y, w, h in boxes
            )
            if not differs(before, view) and not any(
                differs(a, b, _LINE_CHANGED) for a, b in parts
            ):
                return scene
        return None


def _scaled(box: Box, part: float) -> Box:
    x, y, width, height = (round(side * part) for side in box)
    return x, y, max(width, 1), max(height, 1)
