"""From a grey image of one written line to the canvas that the model reads.

Training, calibration and the device all call `preprocess`; there is no second copy.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from hwr_edge.image.pixels import PAPER, Box, Grey
from hwr_edge.line.closeup import line_box

# Set by hand; what ships was trained, calibrated and measured on canvases made with them.
_MIN_CONTRAST = 96  # grey levels; paper grain under this is never stretched to black
_STROKE = 0.35  # of the height: nothing written is as thick as that
_LIGHT_HEIGHT = 96  # pixels; light changes slowly, a small copy shows it
_COUNTED = 1 << 20  # pixels at a time
_LARGEST = 16_000_000  # pixels of a line; a larger one is shrunk first, since finding its strokes takes eight bytes a pixel
_UNEVEN = 16  # grey levels that paper may vary by and still count as evenly lit
_BRIGHTEST = 3.0  # times: darker than that beside the paper is no shadow


@dataclass(frozen=True)
class Canvas:
    """Size in pixels of what the model reads, and how an image gets there.

    fit: "aspect" keeps the aspect and pads with paper; "stretch" fills the canvas.
    """

    height: int = 48
    width: int = 384
    fit: str = "aspect"

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise ValueError(f"a canvas needs at least one pixel, not {self.width}x{self.height}")
        if self.fit not in ("aspect", "stretch"):
            raise ValueError(f'fit is "aspect" or "stretch", not {self.fit!r}')


class Placed(NamedTuple):
    """A canvas, and which part of the image stands where on it.

    pixels: uint8 (canvas.height, canvas.width): ink dark, paper 255.
    part: of the image, in its pixels.
    place: of that part on the canvas, in its pixels.
    """

    pixels: Grey
    part: Box
    place: Box

    def in_image(self, box: Box) -> Box:
        """Where a box on the canvas lies in the image; within `part`, a pixel wide and high at least."""
        ends = []
        for k in (0, 1):
            start, size = self.part[k], self.part[k + 2]
            scale = size / self.place[k + 2]
            low = start + (box[k] - self.place[k]) * scale
            first = min(max(int(low), start), start + size - 1)
            last = min(max(round(low + box[k + 2] * scale), first + 1), start + size)
            ends.append((first, last - first))
        (x, width), (y, height) = ends
        return x, y, width, height


def preprocess(grey: Grey, canvas: Canvas) -> Grey:
    """The canvas of one written line, uint8 (canvas.height, canvas.width): ink dark, paper 255.

    Args:
        grey: uint8 (H, W), 0 black to 255 white, any size from 1x1.
        canvas: the size to make.
    """
    return placed(grey, canvas).pixels


def placed(grey: Grey, canvas: Canvas) -> Placed:
    """Make the canvas of one written line.

    Args:
        grey: uint8 (H, W), 0 black to 255 white, any size from 1x1.
        canvas: the size to make.

    Returns:
        `preprocess`'s canvas, and where the line stands on it.
    """
    if grey.ndim != 2 or grey.dtype != np.uint8 or grey.size == 0:
        raise ValueError(f"a uint8 (H, W) image is needed, not {grey.dtype} {grey.shape}")
    size = (canvas.width, canvas.height)
    if canvas.fit == "stretch":
        whole = 0, 0, grey.shape[1], grey.shape[0]
        return Placed(_resize(grey, size), whole, (0, 0, *size))
    if grey.size > _LARGEST:
        return _placed_small(grey, canvas)
    even = stretch_contrast(grey)
    part = left, above, wide, high = line_box(even, canvas.width / canvas.height)
    line = even[above : above + high, left : left + wide]
    scale = min(canvas.width / line.shape[1], canvas.height / line.shape[0])
    size = (
        max(1, min(canvas.width, round(line.shape[1] * scale))),
        max(1, min(canvas.height, round(line.shape[0] * scale))),
    )
    out: Grey = np.full((canvas.height, canvas.width), PAPER, np.uint8)
    top = (canvas.height - size[1]) // 2
    out[top : top + size[1], : size[0]] = _resize(line, size)
    return Placed(out, part, (0, top, *size))


def _placed_small(grey: Grey, canvas: Canvas) -> Placed:
    """`placed` of an image that is too large for it, by a smaller copy."""
    height, width = grey.shape
    shrink = (_LARGEST / grey.size) ** 0.5
    size = max(1, int(width * shrink)), max(1, int(height * shrink))
    found = placed(
        np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8), canvas
    )
    left, top, wide, high = found.part
    across, down = width / size[0], height / size[1]
    x, y = int(left * across), int(top * down)
    part = x, y, min(round(wide * across), width - x), min(round(high * down), height - y)
    return found._replace(part=part)


def stretch_contrast(grey: Grey) -> Grey:
    """Paper to white and the darkest ink to black; light writing on dark is turned over."""
    low, middle, high, light = percentiles(grey, 1, 50, 95, 99)
    dark = middle < 128 and light - middle > middle - low
    even = even_light(255 - grey if dark else grey)
    if even is not grey:
        low, high = percentiles(even, 1, 95)
    low = min(low, high - _MIN_CONTRAST)
    table = np.clip((np.arange(256) - low) * (PAPER / max(high - low, 1.0)), 0, PAPER)
    return np.asarray(cv2.LUT(even, table.astype(np.uint8)), np.uint8)


def percentiles(grey: Grey, *wanted: float) -> list[float]:
    """What `np.percentile` gives, to the bit; of counts, and without the modules that it loads."""
    flat = grey.reshape(-1)
    parts = range(0, flat.size, _COUNTED)  # counting takes eight bytes a pixel
    counts = sum(np.bincount(flat[k : k + _COUNTED], minlength=256) for k in parts)
    steps, found = np.cumsum(counts).tolist(), []
    for share in wanted:
        place = (flat.size - 1) * (share / 100)
        below = int(place)
        low, high = bisect_right(steps, below), bisect_right(steps, below + 1)
        part, gap = place - below, min(high, 255) - low
        found.append(low + gap * part if part < 0.5 else low + gap - gap * (1 - part))
    return found


def even_light(grey: Grey) -> Grey:
    """Bring paper that lies in a shadow or a slope of light to one brightness.

    Paper is what stays when strokes are closed over; a scan, white all over, stays as it is.
    """
    height, width = grey.shape
    part = min(1.0, _LIGHT_HEIGHT / height)
    small = _resize(grey, (max(1, round(width * part)), max(1, round(height * part))))
    side = max(3, round(small.shape[0] * _STROKE))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = np.asarray(closed, np.uint8)
    if int(paper.max()) - int(paper.min()) < _UNEVEN:
        return grey  # a scan, most often
    dim, bright = percentiles(paper, 5, 95)
    if bright - dim < _UNEVEN:
        return grey
    blurred = cv2.GaussianBlur(paper, (0, 0), side / 2, borderType=cv2.BORDER_REPLICATE)
    gain = np.minimum(bright / np.maximum(blurred.astype(np.float32), 1.0), _BRIGHTEST)
    if part < 1:
        gain = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(grey * gain, 0, PAPER).astype(np.uint8)


def _resize(grey: Grey, size: tuple[int, int]) -> Grey:
    shrinks = size[0] < grey.shape[1] or size[1] < grey.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)
