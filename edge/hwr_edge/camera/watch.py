"""The loop: frames in, settled names out. No I/O and no clock of its own.

moving -> still for a moment -> lines located, judged, read frame by frame -> the vote settles each
-> said once -> nothing to do until something moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from hwr_edge.camera.frames import Area, Frame
from hwr_edge.camera.papers import Papers
from hwr_edge.camera.quality import Hint, Line, judge, may_be_written, within
from hwr_edge.camera.scene import SOON, Finished, Scene, Track
from hwr_edge.camera.stillness import Stillness
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.recognizer import Reading
from hwr_edge.page.reader import mean_confidence

_STILL = 0.2  # seconds without movement before anything is looked at
_ENOUGH = 28.0  # pixels that letters need to be high: more are a waste of time
_TOO_SMALL = 18.0  # pixels: what is read in a smaller image needs to be as high at least
_SURE = 0.95  # of a letter: no other way up is looked at
_TURNED = 0.9  # of a letter: what is read the right way up is surer than that...
_SURER = 0.5  # ...and has at most so much of the doubt
_TURNED_LINES = 3  # that tell it
_PARTS = (0.4, 0.5)  # of the resolution: the least, and where nothing is known yet

Locate = Callable[[Grey, Box | None], Sequence[Line]]
Read = Callable[[Grey], Reading]


class Said(NamedTuple):
    """A name that was laid down, said once.

    time: seconds, of the frame that settled it.
    reading: the settled one; its box is in pixels of the whole frame.
    frames: how many were read for it.
    crop: uint8 (h, w), the line in the last of them.
    """

    time: float
    reading: Reading
    frames: int
    crop: Grey


class Look(NamedTuple):
    """What one frame showed.

    frame: None where none came.
    hint: what the person should know.
    boxes: the lines that were looked at last, in pixels of the frame.
    reading: the last one of any of them, settled or not.
    said: the names that this frame settled.
    """

    frame: Frame | None
    hint: Hint
    boxes: tuple[Box, ...] = ()
    reading: Reading | None = None
    said: tuple[Said, ...] = ()


def watch(
    frames: Iterable[Frame | None],
    locate: Locate,
    read: Read,
    area: Area | None = None,
    top: int = 0,
) -> Iterator[Look]:
    """Look at each frame; say each name once for each time that it is laid down.

    Args:
        frames: in the order of their time; None where none came.
        locate: finds written lines in grey pixels, or in a part of them.
        read: a line's crop, with a calibrated confidence and some alternatives for the vote.
        area: the part of the frames to look at; None for all.
        top: how many alternatives a settled reading has.

    Raises:
        CameraError: the area lies outside a frame.
    """
    watcher = _Watcher(locate, read, area, top)
    for frame in frames:
        yield Look(None, Hint.LOST) if frame is None else watcher.see(frame)


class _Located(NamedTuple):
    """A line with its box and letter in pixels of the full resolution."""

    box: Box
    crop: Grey
    letter: float


class _Watcher:
    def __init__(self, locate: Locate, read: Read, area: Area | None, top: int) -> None:
        self._locate, self._read, self._area, self._top = locate, read, area, top
        self._stillness, self._papers, self._finished = Stillness(), Papers(), Finished()
        self._scene = Scene()
        self._part = _PARTS[1]  # of the resolution that the letters seen last need

    def see(self, frame: Frame) -> Look:
        """Take the next frame."""
        view = frame.view(self._area)
        still = self._stillness.update(view, frame.time)
        if still == 0:
            self._scene = Scene()
            self._papers.moved()
        if still >= _STILL and self._scene.next_look == -math.inf:
            self._recall(frame.time)
        said: tuple[Said, ...] = ()
        if still >= _STILL and frame.time >= self._scene.next_look:
            said = tuple(self._look(frame, view))
        scene = self._scene
        boxes = tuple(within(track.box, self._area) for track in scene.tracks)
        readings = [track.reading for track in scene.names or scene.tracks if track.text]
        return Look(frame, scene.hint, boxes, readings[-1] if readings else None, said)

    def _recall(self, time: float) -> None:
        """Where a hand only passed over what was finished, nothing needs to be read again."""
        assert self._stillness.anchor is not None
        scene = self._finished.find(self._stillness.anchor)
        if scene is None or not all(self._papers.knows(track.text) for track in scene.names):
            return
        if not scene.names:
            self._papers.cleared()
        scene.next_look = math.inf if scene.names else time + SOON
        self._scene = scene
        self._papers.look([(track.box, track.crop) for track in scene.tracks], time)

    def _look(self, frame: Frame, view: Grey) -> Iterator[Said]:
        """Locate, judge and read the lines of a still frame."""
        whole, scene = frame.grey(), self._scene
        grey = whole if self._area is None else frame.grey(self._area)
        lines = self._lines(whole)
        faults = [judge(line, grey) for line in lines]
        self._papers.look([(line.box, line.crop) for line in lines], frame.time)
        tracks = [scene.track(line, self._top) for line in lines]
        pairs = zip(tracks, faults, strict=True)
        reading = [t for t, fault in pairs if fault is None and not t.closed]
        going_on = [self._count(track, frame.time) for track in reading]
        yield from self._say(reading, grey, frame.time)
        if scene.names:  # forms are alike: the next one's letters are as large
            self._part = _part_for([track.letter for track in scene.names])
        if any(going_on):
            scene.hint, scene.next_look = Hint.READING, frame.time
            return
        seen = [Hint.TURN] * scene.lies_turned + [fault for fault in faults if fault]
        scene.hint = Hint.DONE if scene.names else seen[0] if seen else Hint.LAY
        scene.wait(frame.time, better=bool(seen))
        if scene.names:
            scene.next_look = math.inf
        if self._stillness.anchor is not None and (scene.names or not seen):
            self._finished.add(self._stillness.anchor, view.shape[1] / grey.shape[1], scene)

    def _lines(self, grey: Grey) -> list[_Located]:
        """The lines, found in no more pixels than their letters need; in all where that finds none."""
        part = 1.0 if self._scene.looks else self._part
        found = self._lines_in(grey, part)
        # Small letters alone, as far as can be seen.
        if found and part < 1 and max(line.letter for line in found) * part < _TOO_SMALL:
            return self._lines_in(grey, 1.0)
        return [line for line in found if part == 1 or line.letter * part >= _TOO_SMALL / 2]

    def _lines_in(self, grey: Grey, part: float) -> list[_Located]:
        """Lines with boxes in pixels of the area, found in the whole frame's pixels, in so many of them."""
        size = max(1, round(grey.shape[1] * part)), max(1, round(grey.shape[0] * part))
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if part < 1 else grey
        area = self._area or Area(0, 0, grey.shape[1], grey.shape[0])
        x, y, width, height = (round(side * part) for side in area)
        looked_at = (x, y, max(1, width), max(1, height)) if self._area else None
        found = []
        for line in self._locate(np.asarray(small, np.uint8), looked_at):
            if may_be_written(line, small.shape[0]):
                left, top, wide, tall = (round(side / part) for side in line.box)
                box = left - area.x, top - area.y, wide, tall
                found.append(_Located(box, line.crop, line.letter / part))
        return found

    def _count(self, track: Track, time: float) -> bool:
        """Read a line once more; whether it takes more."""
        found = replace(self._read(track.crop), box=within(track.box, self._area))
        settled = track.ballot.add(found, time)
        track.reading, track.closed = settled or found, settled is not None
        return settled is None and track.ballot.frames > 0

    def _say(self, tracks: Sequence[Track], grey: Grey, time: float) -> Iterator[Said]:
        """The names among lines that were just settled."""
        for track in tracks:
            if not track.closed or not track.reading or not track.text:
                continue
            if self._scene.is_print(track):
                track.reading = replace(track.reading, text="")
                continue
            if self._lies_turned(track.reading, grey):
                self._scene.lies_turned = True
                track.reading = replace(track.reading, text="")
                continue
            self._scene.names.append(track)
            if self._papers.is_new(track.text, track.box, track.crop, grey):
                yield Said(time, track.reading, track.ballot.frames, track.crop)

    def _lies_turned(self, reading: Reading, grey: Grey) -> bool:
        """Whether what is read unsurely is surer when the image is turned."""
        scene = self._scene
        own = reading.confidence ** (1 / len(reading.text))  # a short name is in no more doubt
        if own >= _SURE:
            return False
        if scene.turned is None:
            part = min(1.0, self._part)
            small = cv2.resize(grey, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
            scene.turned = max(
                self._surest(np.ascontiguousarray(np.rot90(small, k))) for k in (1, 2, 3)
            )
        return scene.turned > _TURNED and 1 - scene.turned < _SURER * (1 - own)

    def _surest(self, grey: Grey) -> float:
        """How sure the surest of the largest lines of an image is."""
        lines = [line for line in self._locate(grey, None) if may_be_written(line, grey.shape[0])]
        largest = sorted(lines, key=lambda line: -line.letter)[:_TURNED_LINES]
        return max((mean_confidence(self._read(line.crop)) for line in largest), default=0.0)


def _part_for(letters: Sequence[float]) -> float:
    """Of the resolution, what letters so many pixels high need."""
    return min(1.0, max(_PARTS[0], _ENOUGH / max(letters)))
