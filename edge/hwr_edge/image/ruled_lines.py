"""Ink told from paper, and ruled lines taken out of it without breaking the letters that cross them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import (
    Components,
    closed,
    connected_components,
    dilated,
    flipped,
    opened,
    places,
)
from hwr_edge.image.pixels import PAPER, Grey, Mask

_PAPER_SIZE = 300  # pixels of the longer side: enough to see how light falls
_PAPER_CLOSE = 0.05  # of that: no stroke is as thick
_LEAST_INK, _GRAIN = 0.10, 4.0  # darker than paper by that part, and by so many deviations of it
_LEAST_CORE, _CORE = 0.22, 6.0  # likewise, somewhere in each component
_LEAST_SHADE, _SHADE = 0.03, 2.5  # likewise, for what may be a pale line
_LEAST_TALL = 2.0  # stroke widths: lower components are dots and dashes
_MOST_TALL = 0.4  # of the page's longer side: higher components are no letters
_RULE = 22  # times as long as a stroke is thick: longer than any stroke of a letter
_LEAST_RULE = 40  # pixels
_BREAK = 3  # pixels that a line may be broken for
_ENDS = 7  # pixels: its frayed ends are half as long
_BAR = 0.2  # of a line's least length: what is as thick is no line
_THIN = 30  # per cent of a line's columns have no letter on them, at least
_PIECE = 40  # columns over which a line is as good as straight
_STEM = 3.0  # times as high as a stroke is thick: a letter's stem
_STEMS = 0.4  # of a line's ink: more is the stems of letters whose bars touch
_DOT, _DOT_GAP = 0.1, 0.35  # of a line's least length: dots, and from one to the next


def flatten_light(grey: Grey) -> Grey:
    """The image with its paper white everywhere, whatever light fell on it.

    Args:
        grey: uint8 (H, W).

    Returns:
        uint8 (H, W), 255 for paper.
    """
    return np.asarray(cv2.divide(grey, paper_of(grey), scale=PAPER), np.uint8)


def paper_of(grey: Grey) -> Grey:
    """How bright the paper is at each place, uint8 (H, W), never 0."""
    height, width = grey.shape
    part = min(1.0, _PAPER_SIZE / max(height, width))
    size = max(1, round(width * part)), max(1, round(height * part))
    tiny = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    side = max(3, round(max(size) * _PAPER_CLOSE)) | 1
    tiny = cv2.morphologyEx(tiny, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    tiny = cv2.blur(tiny, (side, side), borderType=cv2.BORDER_REPLICATE)
    paper = cv2.resize(np.maximum(tiny, 1), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(paper, np.uint8)


def ink_of(flat: Grey) -> tuple[Mask, Mask]:
    """Where ink is on an image as `flatten_light` gives it, and where it may be.

    Returns:
        Ink: grain of the paper and pale components are none. And whatever is darker than the grain: what a
        pale printed line is found in.
    """
    some = np.ascontiguousarray(flat[::2, ::2])  # enough to count
    counts = cv2.calcHist([some], [0], None, [256], [0, 256]).ravel()
    below = np.cumsum(counts) / some.size
    middle = int(np.searchsorted(below, 0.5))
    low = int(np.searchsorted(below, 0.16))  # one deviation below, where the paper is most of it
    grain = max(0.5, min(middle - low, 20))

    def darker(part: float, deviations: float) -> Mask:
        least = middle - max(part * PAPER, deviations * grain)
        return (flat < int(np.ceil(max(least, 0)))).view(np.uint8)

    found = connected_components(darker(_LEAST_INK, _GRAIN))
    kept = np.zeros(len(found.area), bool)
    kept[found.labels.ravel()[places(darker(_LEAST_CORE, _CORE))]] = True
    return found.only(kept), darker(_LEAST_SHADE, _SHADE)


def stroke_width(ink: Mask) -> float:
    """How thick a stroke typically is, pixels: twice the ink's area by its outline's length."""
    inner = cv2.erode(ink, np.ones((3, 3), np.uint8))
    area, edge = int(cv2.countNonZero(ink)), int(cv2.countNonZero(ink - inner))
    return max(1.0, 2 * area / max(edge, 1))


def letter_height(ink: Mask, stroke: float) -> float:
    """Of the components that may be letters, the median height, larger ones counting more; 0 without any."""
    found = connected_components(ink)
    tall, wide = found.height[1:], found.width[1:]
    letter = (tall >= _LEAST_TALL * stroke) & (tall <= _MOST_TALL * max(ink.shape))
    letter &= (wide <= 15 * tall) & (tall <= 10 * wide)
    tall = np.sort(tall[letter])
    weight = np.cumsum(tall.astype(np.float64))
    return float(tall[np.searchsorted(weight, weight[-1] / 2)]) if tall.size else 0.0


def find_ruled_lines(ink: Mask, shade: Mask) -> tuple[Components, Components]:
    """Where ruled lines, boxes and dotted lines may run, letters that cross them and all.

    Args:
        ink, shade: as `ink_of` gives them, of a page that lies level.

    Returns:
        Those of level lines, each a component; those of upright ones, on the page with rows for columns.
    """
    stroke = stroke_width(ink)
    length = max(_LEAST_RULE, round(_RULE * stroke))
    level = _thin_runs(shade, length) | _dotted(shade, length)
    across = flipped(shade)
    return _bare(level, shade, stroke), _bare(_thin_runs(across, length), across, stroke)


def _bare(level: Mask, shade: Mask, stroke: float) -> Components:
    """The level ruled_lines that hold a line, not the bars of letters that touch: those stand on bare stems."""
    found = connected_components(level)
    at = places(shade & level)
    own, tall = found.labels.ravel()[at], opened(shade, 1, round(_STEM * stroke)).ravel()[at]
    count, stems = (np.bincount(own, weights, len(found.area)) for weights in (None, tall))
    return found.kept(stems <= _STEMS * count)


def _thin_runs(shade: Mask, length: int) -> Mask:
    """Where level lines run: long, thin, climbing a pixel here and there, perhaps broken."""
    long = opened(closed(dilated(shade, 1, 3), _BREAK, 1), length, 1)
    bar = opened(long, 1, round(_BAR * length))
    return dilated(long & (1 - bar), _ENDS, 1)


def _dotted(shade: Mask, length: int) -> Mask:
    """Where rows of dots run."""
    found = connected_components(shade)
    most = max(3.0, _DOT * length)
    dots = found.only((found.width <= most) & (found.height <= most))
    return opened(closed(dilated(dots, 1, 3), max(3, round(_DOT_GAP * length)), 1), length, 1)


def lines_in(ink: Mask, ruled_lines: Components) -> Mask:
    """The lines that run in level ruled_lines; where a letter crosses one, its ink is the letter's.

    Args:
        ink: where the lines are, and the letters.
        ruled_lines: as `find_ruled_lines` gives level ones.
    """
    lines: Mask = np.zeros(ink.shape, np.uint8)
    for k in range(1, len(ruled_lines.area)):
        x, y, width, height = (int(v[k]) for v in ruled_lines[1:5])
        here = np.s_[y : y + height, x : x + width]
        own = ink[here] & (ruled_lines.labels[here] == k).view(np.uint8)
        if thick := _thickness(own):
            above = min(y, height)
            around = np.ascontiguousarray(ink[y - above : y + 2 * height, x : x + width])
            letters = opened(around, 1, round(1.2 * thick) + 2)[above : above + height]
            away = np.abs(np.arange(height)[:, None] - _course(own, thick))
            lines[here] |= own & (1 - letters) & (away <= thick / 2 + 1).view(np.uint8)
    return lines


def _thickness(line: Mask) -> float:
    """Pixels of a level line's thickness, 0 for none: letters stand on some of its columns only."""
    runs = np.sort(line.sum(axis=0, dtype=np.int32))
    runs = runs[np.searchsorted(runs, 1) :]
    return float(runs[len(runs) * _THIN // 100]) if len(runs) else 0.0


def _course(line: Mask, thick: float) -> NDArray[np.float64]:
    """The row of a level line in each column, float (W,), from those that hold nothing but it."""
    runs = line.sum(axis=0, dtype=np.int32)
    rows = np.arange(len(line), dtype=np.float64) @ line / np.maximum(runs, 1)
    alone = np.flatnonzero((runs > 0) & (runs <= 1.2 * thick + 1))
    piece = min(_PIECE, len(alone))
    whole = alone[: len(alone) // piece * piece].reshape(-1, piece)
    at, row = whole.mean(axis=1), np.median(rows[whole], axis=1)
    return np.asarray(np.interp(np.arange(line.shape[1]), at, row), np.float64)
