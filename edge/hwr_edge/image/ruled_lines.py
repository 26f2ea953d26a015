"""Ruled lines, boxes and dotted lines: found, and told from the letters that cross them.

A ruled line is removed in two steps. `find_ruled_line_bands` finds the bands in which lines run: long thin
runs and rows of dots, with whatever letters cross them. `ruled_line_pixels` takes the line alone out of its
band: the pixels that follow the line's own course and are no thicker than it. Ink without these pixels is
the writing; letters that cross a line or stand on it stay whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.ink import stroke_width
from hwr_edge.image.morphology import (
    Components,
    closed,
    connected_components,
    dilated,
    flat_indices,
    opened,
    transposed,
)
from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class RuledLineLimits:
    """What counts as a ruled line; chosen on drawn and real pages (`make bench-pages`).

    length: in stroke widths; longer than any stroke of a letter. least_length: likewise, pixels.
    gap: pixels that a line may be broken for.
    ends: pixels; its frayed ends are half as long.
    bar: part of the length; what is as thick is no line.
    clear: per cent of a line's columns, at least, that hold no letter.
    piece: columns over which a line is as good as straight.
    thicker: times its thickness that a line's column may have, and a pixel more.
    stem: in stroke widths, the height of a letter's stem. stems: the largest part of a line's ink that stems
        are; more belongs to the touching bars of letters.
    halo: pixels around ink that blur makes grey. bare: part of a line's columns, at least, that such grey alone is not;
        or so much of it is ink.
    dot, dot_gap: parts of the length: the largest dot, and the longest way from one to the next.
    """

    length: int = 22
    least_length: int = 40
    gap: int = 3
    ends: int = 7
    bar: float = 0.2
    clear: int = 30
    piece: int = 40
    thicker: float = 1.2
    stem: float = 3.0
    stems: float = 0.4
    halo: int = 2
    bare: tuple[float, float] = (0.15, 0.9)
    dot: float = 0.1
    dot_gap: float = 0.35


LIMITS = RuledLineLimits()


def find_ruled_line_bands(ink: Mask, shade: Mask) -> tuple[Components, Components]:
    """The bands in which ruled lines, boxes and dotted lines run, with the letters that cross them.

    Args:
        ink, shade: as `ink_of` gives them, of a page that lies level.

    Returns:
        The bands of level lines, each a component; and those of upright lines, on the transposed page.
    """
    stroke, length = stroke_width(ink), _length(ink)
    thin = _without_halos(connected_components(_thin_runs(shade, length)), ink, shade)
    level = thin.mask | _dotted_runs(shade, length)
    across = transposed(shade)
    return _without_letter_bars(level, shade, stroke), _without_letter_bars(
        _thin_runs(across, length), across, stroke, shaded=True
    )


def upright_runs(ink: Mask, shade: Mask, length: int) -> Mask:
    """Where upright lines of that length run, thin as ruled lines are; letters' stems are among them."""
    thick = round(LIMITS.bar * _length(ink))
    return transposed(_thin_runs(transposed(shade), length, thick))


def _without_letter_bars(
    level: Mask, shade: Mask, stroke: float, shaded: bool = False
) -> Components:
    """The bands that hold a line, not the bars of letters that touch: those stand on bare stems.

    shaded: what is as wide as high is no stem, but a shaded place, such as the head of a table that a line parts.
    """
    bands = connected_components(level)
    pixels = flat_indices(shade & level)
    band = bands.labels.ravel()[pixels]
    least = round(LIMITS.stem * stroke)
    high = opened(shade, 1, least)
    is_stem = (high & (1 - opened(high, least, 1)) if shaded else high).ravel()[pixels]
    count, stems = (np.bincount(band, weights, len(bands.area)) for weights in (None, is_stem))
    return bands.select(stems <= LIMITS.stems * count)


def _without_halos(bands: Components, ink: Mask, shade: Mask) -> Components:
    """The bands that hold a line, not the grey around a word's blurred letters, which runs together."""
    around = 2 * LIMITS.halo + 1
    bare = shade & (1 - dilated(ink, around, around))
    least, inked = LIMITS.bare
    is_line = np.ones(len(bands.area), np.bool_)
    for k in range(1, len(bands.area)):
        x, y, width, height = (int(v[k]) for v in bands[1:5])
        here = np.s_[y : y + height, x : x + width]
        band = bands.labels[here] == k
        alone, dark = ((part[here] & band).any(axis=0).mean() for part in (bare, ink))
        is_line[k] = alone >= least or dark >= inked
    return bands.select(is_line)


def _length(ink: Mask) -> int:
    return max(LIMITS.least_length, round(LIMITS.length * stroke_width(ink)))


def _thin_runs(shade: Mask, length: int, thick: int | None = None) -> Mask:
    """Where level lines run: long, thin, climbing a pixel here and there, perhaps broken."""
    thick = thick or round(LIMITS.bar * length)
    long = opened(closed(dilated(shade, 1, 3), LIMITS.gap, 1), length, 1)
    bar = opened(long, 1, thick)
    return dilated(long & (1 - bar), LIMITS.ends, 1)


def _dotted_runs(shade: Mask, length: int) -> Mask:
    """Where rows of dots run."""
    components = connected_components(shade)
    most = max(3.0, LIMITS.dot * length)
    dots = components.mask_of((components.width <= most) & (components.height <= most))
    return opened(closed(dilated(dots, 1, 3), max(3, round(LIMITS.dot_gap * length)), 1), length, 1)


def ruled_line_pixels(ink: Mask, bands: Components) -> Mask:
    """The pixels of level ruled lines; where a letter crosses a line, its ink is the letter's.

    Args:
        ink: uint8 (H, W), the lines and the letters.
        bands: as `find_ruled_line_bands` gives those of level lines.

    Returns:
        uint8 (H, W), 0 or 1.
    """
    lines: Mask = np.zeros(ink.shape, np.uint8)
    for k in range(1, len(bands.area)):
        x, y, width, height = (int(v[k]) for v in bands[1:5])
        here = np.s_[y : y + height, x : x + width]
        band = ink[here] & (bands.labels[here] == k).view(np.uint8)
        if thick := thickness_of(band):
            above = min(y, height)
            around = np.ascontiguousarray(ink[y - above : y + 2 * height, x : x + width])
            letters = opened(around, 1, round(LIMITS.thicker * thick) + 2)[above : above + height]
            away = np.abs(np.arange(height)[:, None] - course_of(band, thick))
            lines[here] |= band & (1 - letters) & (away <= thick / 2 + 1).view(np.uint8)
    return lines


def thickness_of(band: Mask) -> float:
    """Pixels of a level line's thickness, 0 for none: letters stand on some of its columns only."""
    runs = np.sort(band.sum(axis=0, dtype=np.int32))
    runs = runs[np.searchsorted(runs, 1) :]
    return float(runs[len(runs) * LIMITS.clear // 100]) if len(runs) else 0.0


def course_of(band: Mask, thick: float) -> NDArray[np.float64]:
    """The row of a level line in each column, float (W,), from those that hold nothing but it."""
    runs = band.sum(axis=0, dtype=np.int32)
    rows = np.arange(len(band), dtype=np.float64) @ band / np.maximum(runs, 1)
    alone = np.flatnonzero(clear_columns(band, thick))
    piece = min(LIMITS.piece, len(alone))
    pieces = alone[: len(alone) // piece * piece].reshape(-1, piece)
    at, row = pieces.mean(axis=1), np.median(rows[pieces], axis=1)
    return np.asarray(np.interp(np.arange(band.shape[1]), at, row), np.float64)


def clear_columns(band: Mask, thick: float) -> NDArray[np.bool_]:
    """The columns of a level line's band that hold nothing but the line, bool (W,)."""
    runs = band.sum(axis=0, dtype=np.int32)
    return np.asarray((runs > 0) & (runs <= LIMITS.thicker * thick + 1), np.bool_)
