"""What an image shows; light to import, for the command line."""

from __future__ import annotations

from enum import StrEnum

_WIDE = 3.0  # times as wide as high: such an image is one line
_LOW = 120  # pixels: lower images are, too


class Shape(StrEnum):
    """A crop of one written line, or a page of many."""

    LINE = "line"
    PAGE = "page"


def shape_of(width: int, height: int) -> Shape:
    """What an image of that size shows, in pixels."""
    return Shape.LINE if width >= _WIDE * height or height < _LOW else Shape.PAGE
