"""Images turned by quarters, and boxes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from hwr_edge.image.pixels import Grey

if TYPE_CHECKING:
    from hwr_edge.image.pixels import Box

_CODES = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def upright(grey: Grey, turn: int) -> Grey:
    """The image after a turn clockwise by 0, 90, 180 or 270 degrees."""
    return np.asarray(cv2.rotate(grey, _CODES[turn]), np.uint8) if turn else grey


def turned_box(box: Box, turn: int, shape: tuple[int, ...]) -> Box:
    """Where a box of an image, (height, width), is after a turn clockwise by so many degrees."""
    x, y, w, h = box
    height, width = shape[:2]
    if turn == 90:
        return height - y - h, x, h, w
    if turn == 180:
        return width - x - w, height - y - h, w, h
    return (y, width - x - w, h, w) if turn == 270 else box
