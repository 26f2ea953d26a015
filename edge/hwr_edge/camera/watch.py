"""The loop: frames in, settled names out. No I/O and no clock of its own.

moving -> still for a moment -> lines located, judged, read frame by frame -> the vote settles each
-> said once -> nothing to do until something moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from hwr_edge.camera.frames import Area, Frame
from hwr_edge.camera.papers import Box, Papers, overlap
from hwr_edge.camera.quality import Hint, Line, judge, within
from hwr_edge.camera.stillness import Stillness
from hwr_edge.camera.vote import Ballot
from hwr_edge.preprocess import Grey
from hwr_edge.recognizer import Reading

_STILL = 0.2  # seconds without movement before anything is looked at
_PAUSES = (0.35, 2.0)  # seconds between looks that find nothing: at first, at last

Locate = Callable[[Grey], Sequence[Line]]
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


@dataclass
class _Track:
    """A line while the scene is still."""

    box: Box
    ballot: Ballot
    settled: Reading | None = None


@dataclass
class _Scene:
    """What is known since the scene is still."""

    tracks: list[_Track] = field(default_factory=list)
    next_look: float = -math.inf
    pause: float = _PAUSES[0]
    hint: Hint = Hint.HOLD
    boxes: tuple[Box, ...] = ()
    reading: Reading | None = None


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
        locate: finds written lines in grey pixels.
        read: a line's crop, with a calibrated confidence and some alternatives for the vote.
        area: the part of the frames to look at; None for all.
        top: how many alternatives a settled reading has.

    Raises:
        CameraError: the area lies outside a frame.
    """
    watcher = _Watcher(locate, read, area, top)
    for frame in frames:
        yield Look(None, Hint.LOST) if frame is None else watcher.see(frame)


class _Watcher:
    def __init__(self, locate: Locate, read: Read, area: Area | None, top: int) -> None:
        self._locate, self._read, self._area, self._top = locate, read, area, top
        self._stillness, self._papers = Stillness(), Papers()
        self._scene = _Scene()

    def see(self, frame: Frame) -> Look:
        still = self._stillness.update(frame.view(self._area), frame.time)
        if still == 0:
            self._scene = _Scene()
            self._papers.moved()
        said: tuple[Said, ...] = ()
        if still >= _STILL and frame.time >= self._scene.next_look:
            said = tuple(self._look(frame))
        scene = self._scene
        return Look(frame, scene.hint, scene.boxes, scene.reading, said)

    def _look(self, frame: Frame) -> Iterator[Said]:
        """Locate, judge and read the lines of a still frame."""
        grey, scene = frame.grey(self._area), self._scene
        lines = self._locate(grey)
        self._papers.look([(line.box, line.crop) for line in lines], frame.time)
        scene.boxes = tuple(within(line.box, self._area) for line in lines)
        faults = [judge(line, grey) for line in lines]
        for line, fault in zip(lines, faults, strict=True):
            track = self._track(line.box)
            if fault is None and track.settled is None:
                yield from self._count(track, line, frame.time)
        self._plan(frame.time, [fault for fault in faults if fault])

    def _track(self, box: Box) -> _Track:
        for track in self._scene.tracks:
            if overlap(track.box, box) > 0.5:
                return track
        self._scene.tracks.append(_Track(box, Ballot(self._top)))
        return self._scene.tracks[-1]

    def _count(self, track: _Track, line: Line, time: float) -> Iterator[Said]:
        """Read a line once more; say its name where that settles a new one."""
        reading = replace(self._read(line.crop), box=within(line.box, self._area))
        track.settled = track.ballot.add(reading, time)
        if reading.text:
            self._scene.reading = track.settled or reading
        settled = track.settled
        if settled and settled.text and self._papers.is_new(settled.text, line.box, line.crop):
            yield Said(time, replace(settled, box=reading.box), track.ballot.frames, line.crop)

    def _plan(self, time: float, faults: Sequence[Hint]) -> None:
        """When to look again: at each frame while reading, seldom while there is nothing to read."""
        scene = self._scene
        if any(track.ballot.frames and not track.settled for track in scene.tracks):
            scene.hint, scene.next_look = Hint.READING, time
            return
        if any(track.settled and track.settled.text for track in scene.tracks):
            scene.hint, scene.next_look = Hint.DONE, math.inf
            return
        scene.hint = faults[0] if faults else Hint.LAY
        scene.next_look, scene.pause = time + scene.pause, min(2 * scene.pause, _PAUSES[1])
