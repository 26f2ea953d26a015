"""What a review shows of an image: a reading's own part, and the page around it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2

from hwr_edge.errors import ImageError
from hwr_edge.image.document import checksum, read_page_of
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.turning import upright
from hwr_edge.review.results import Results

LONGEST = 2000
"""Pixels of a page that is shown, on its longer side."""
_QUALITY = 80  # of its JPEG
_ROOM = 0.3  # of a line's height, around it


class Surroundings(NamedTuple):
    """The page that a reading stands on.

    size: its width and height, pixels.
    box: x, y, width, height of the reading in it.
    """

    size: tuple[int, int]
    box: Box


@lru_cache(maxsize=1)
def _page(path: Path, page: int | None, crc32: str | None, stamp: tuple[int, int]) -> Grey:
    """A page, kept for the rows after it as long as the file's time and size stay; not to be changed."""
    if crc32 is not None and checksum(path) != crc32:
        raise _changed(path)
    return read_page_of(path, page)


def _changed(path: Path) -> ImageError:
    return ImageError(f"{path}: changed after it was read; read it again")


def _upright(results: Results, place: int) -> Grey:
    """The page of a row as it was read."""
    row, path = results.rows[place], results.image(place)
    x, y, width, height = row.box
    try:
        now = path.stat()
        grey = upright(_page(path, row.page, row.crc32, (now.st_mtime_ns, now.st_size)), row.turn)
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror})") from error
    if x < 0 or y < 0 or grey[y : y + height, x : x + width].shape != (height, width) or not width:
        raise _changed(path)
    return grey


def cut(results: Results, place: int) -> Grey:
    """A row's part of its image, uint8 (H, W), upright; of a line on a page with paper around it.

    Raises:
        ImageError: the image cannot be read any more, or is another than was read.
    """
    grey = _upright(results, place)
    x, y, width, height = results.rows[place].box
    if grey.shape == (height, width):
        return grey
    room = round(_ROOM * height)
    left, top = max(0, x - room), max(0, y - room)
    return grey[top : y + height + room, left : x + width + room]


def around(results: Results, place: int) -> Surroundings:
    """Where a row stands on its page; raises as `cut` does."""
    height, width = _upright(results, place).shape
    return Surroundings((width, height), results.rows[place].box)


def whole_page(results: Results, place: int) -> bytes:
    """The page of a row as JPEG, at most LONGEST pixels on its longer side; raises as `cut` does."""
    grey = _upright(results, place)
    scale = LONGEST / max(grey.shape)
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in grey.shape)
        grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA).astype(grey.dtype)
    return cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
