"""What an image shows; light to import, for the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hwr_edge.image.pixels import Grey

# Set by hand; `make bench-pages` measures what they lead to.
_WIDE = 3.0  # times as wide as high: such an image is one line
_LOW = 120  # pixels: lower images are, too
_SEEN = 800  # pixels of the longer side: enough to see how high letters are
_LETTER = 0.1  # of an image's height: lower letters leave room for four lines


class Shape(StrEnum):
    """A crop of one written line, or a page of many."""

    LINE = "line"
    PAGE = "page"


def shape_of(width: int, height: int) -> Shape:
    """What an image of that size shows, in pixels."""
    return Shape.LINE if width >= _WIDE * height or height < _LOW else Shape.PAGE


def holds_lines(grey: Grey) -> bool:
    """Whether an image, uint8 (H, W), has a page's shape and letters as small as those of a page.

    On pages at hand letters are at most 0.035 of the height; in crops of one line, 0.15 and more.
    """
    height, width = grey.shape
    if shape_of(width, height) is Shape.LINE:
        return False
    import cv2  # what is light to import loads it for pages alone
    import numpy as np

    from hwr_edge.image.ink import flatten_light, ink_of, letter_height, stroke_width

    part = min(1.0, _SEEN / max(grey.shape))
    size = max(1, round(width * part)), max(1, round(height * part))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    ink, _ = ink_of(flatten_light(np.asarray(small, np.uint8)))
    letter = letter_height(ink, stroke_width(ink))
    return bool(0 < letter < _LETTER * size[1])
