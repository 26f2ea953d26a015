"""A frame, with its view in little, and how they lie to each other."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import Move, moved
from hwr_edge.camera.frames import Area, Frame
from hwr_edge.camera.sheets import Hull
from hwr_edge.camera.tracks import Track
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.sheet import scaling


class Seen(NamedTuple):
    """A frame with what it takes to look at it.

    grey: uint8 (H, W).
    view: the same in little, uint8 (h, w).
    scale: from the view to the frame.
    area: what counts of the frame.
    """

    time: float
    grey: Grey
    view: Grey
    scale: Move
    area: Box | None

    def to_frame(self, hull: Hull) -> Hull:
        """An outline in pixels of the frame."""
        return moved(hull, self.scale)

    @property
    def to_view(self) -> Move:
        """From the frame to the view."""
        return np.asarray(np.linalg.inv(self.scale), np.float64)


class Unseen:
    """A frame whose pixels are made grey when somebody asks for them."""

    def __init__(self, frame: Frame, view: Grey, time: float, area: Area | None) -> None:
        self.frame, self.time = frame, time
        self.view, self._area = view, area

    @cached_property
    def seen(self) -> Seen:
        """All that it takes to look at it."""
        area = None if self._area is None else (*self._area,)
        scale = scale_of(self.frame, self.view.shape)
        return Seen(self.time, self.frame.grey(), self.view, scale, area)


def scale_of(frame: Frame, view: tuple[int, ...]) -> Move:
    """From a view of that shape to its frame."""
    height, width = frame.pixels.shape[:2]
    return scaling(width / view[1], height / view[0])


def in_view(track: Track, card: Card, scale: Move) -> Move:
    """From the image in which a line was located to the present one; `scale` is from view to image."""
    move = card.pose @ np.linalg.inv(track.pose)
    return np.asarray(scale @ move @ np.linalg.inv(scale), np.float64)
