"""The camera for programs: names, as they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hwr_edge.camera.command import event_of, for_votes
from hwr_edge.camera.event import Event
from hwr_edge.camera.frames import Area
from hwr_edge.camera.pi import PiSettings
from hwr_edge.camera.pick import pick_source
from hwr_edge.camera.watch import watch as watch_frames
from hwr_edge.line.recognizer import Recognizer


def watch(
    source: str | Path = "auto",
    *,
    recognizer: Recognizer | None = None,
    roi: tuple[int, int, int, int] | None = None,
    fps: float | None = None,
    tell: Callable[[str], None] | None = None,
) -> Iterator[Event]:
    """Watch a camera; give each name once for each appearance of its card.

    A live camera is watched for ever, until the iterator is closed. A recording is read to its end.

    Args:
        source: auto, pi, a camera's number, a URL, a video file, or a folder of frames.
        recognizer: reads each frame's lines; the shipped model where none is given.
        roi: the part to look at: x, y, width, height in pixels of the frame.
        fps: frames a second of a recording, where it does not say itself.
        tell: gets a line when a live camera is lost or back, and for what of a recording cannot be read.

    Raises:
        CameraError: there is no such source, or it is lost for good.
    """
    reader = recognizer or Recognizer()
    report = tell or _ignore
    found = pick_source(str(source), fps, PiSettings(), report, report)
    with found:
        area = None if roi is None else Area(*roi)
        for look in watch_frames(found, for_votes(reader).read_grey, area, reader.top):
            for reported in look.reported:
                yield event_of(reported, found.live, reader.accept, reader.top)


def _ignore(line: str) -> None:
    """Nobody wants to know."""
