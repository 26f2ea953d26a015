"""What a frame showed, and which names were reported."""

from __future__ import annotations

from typing import NamedTuple

from hwr_edge.camera.frames import Frame
from hwr_edge.camera.quality import Hint
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.reading import Reading


class ReportedName(NamedTuple):
    """A name, reported once for each appearance of its card.

    time: seconds, of the frame that settled it.
    reading: the settled one; its box is in pixels of the whole frame.
    frames: how many were read for it.
    crop: uint8 (h, w), the line in the last of them.
    track: the number of the appearance, from 1.
    """

    time: float
    reading: Reading
    frames: int
    crop: Grey
    track: int


class Mark(NamedTuple):
    """A line that came into view or left it: its number and what is read so far."""

    time: float
    reading: Reading
    track: int


class Look(NamedTuple):
    """What one frame showed.

    frame: None where none came.
    hint: what the person should know.
    boxes: the lines in view, in pixels of the frame.
    reading: the last one of any of them, settled or not.
    reported: the names that this frame settled.
    seen, gone: lines with something written that came into view, or left it.
    """

    frame: Frame | None
    hint: Hint
    boxes: tuple[Box, ...] = ()
    reading: Reading | None = None
    reported: tuple[ReportedName, ...] = ()
    seen: tuple[Mark, ...] = ()
    gone: tuple[Mark, ...] = ()
