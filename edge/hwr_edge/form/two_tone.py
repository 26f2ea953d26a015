"""What a two-tone scan broke into specks, drawn again: pale lines and shaded places.

A pale line becomes a row of specks, and grain gives specks everywhere. A line is where more of a narrow strip is dark
than of what is around it, by more deviations of a binomial count than chance gives; weaker stretches belong to it that
lie beside those (hysteresis, as of Canny 1986).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import (
    Components,
    closed,
    connected_components,
    dilated,
    opened,
    transposed,
)
from hwr_edge.image.pixels import PAPER, Grey, Mask


@dataclass(frozen=True)
class _Limits:
    """What a broken line is; chosen by `make bench-forms`.

    Pixels of a form 1,600 long, unless they are parts of something named.

    white: of the pixels, that are white to the level, or it is no two-tone scan.
    thin: across, is what a line breaks into; thicker is print, if it fills so much of the rectangle around it and is not
        so many times as long as wide; or is so thick.
    level, upright: long is a strip that is looked at, and from a speck to the next; wide: across.
    least: of a strip, that is dark. sure, weak: deviations more than chance gives, where a line is, and goes on.
    grain: of any place, that is dark at least: fewer specks say nothing.
    breaks: long may a line's breaks be at least; chance: of a longer one, or another line begins there.
    part: of a line's usual darkness, that its ends have.
    speck: how dark one is, from 0 to 1.
    place: across, is a shaded place at least; shade: of it, that is dark, and times what of the page is.
    specks: wide or high are specks that hang together, at most.
    ends: of a place shaded with specks that hang together, pixels beside which a dark run ends.
    ink, tint: grey levels of what is drawn; a pixel that is darker than `dark` is dark.
    """

    white: float = 0.4
    thin: int = 3
    full: float = 0.2
    slim: float = 10.0
    thick: int = 7
    level: tuple[int, int] = (61, 61)
    upright: tuple[int, int] = (37, 13)
    wide: int = 3
    least: float = 0.08
    sure: float = 6.0
    weak: float = 3.0
    grain: float = 0.005
    breaks: float = 12.0
    chance: float = 1e-3
    part: float = 0.35
    speck: float = 0.2
    place: int = 25
    shade: tuple[float, float] = (0.08, 3.0)
    specks: int = 16
    ends: float = 0.18
    ink: int = 110
    tint: int = 215
    dark: int = 160


_LIMITS = _Limits()


def restored(small: Grey) -> Grey:
    """A form with its broken lines and shaded places drawn, without specks; as it is if no two-tone scan made it.

    Args:
        small: uint8 (H, W), some 1,600 pixels long, flat.
    """
    if np.count_nonzero(small == PAPER) < _LIMITS.white * small.size:
        return small
    found = connected_components((small < _LIMITS.dark).view(np.uint8))
    thick = opened(found.mask, _LIMITS.thick, _LIMITS.thick)
    print_ = (
        found.mask_of(_is_print(found)) | dilated(thick, _LIMITS.thick, _LIMITS.thick) & found.mask
    )
    dark = np.where(dilated(print_, 3, 3) > 0, 0, (PAPER - small) / PAPER).astype(np.float32)
    lines = _level(dark, *_LIMITS.level) | transposed(
        _level(np.ascontiguousarray(dark.T), *_LIMITS.upright)
    )
    whole = found.mask_of(np.maximum(found.width, found.height) > _LIMITS.thin) | dilated(
        print_, 3, 3
    )
    out = np.where(whole > 0, small, PAPER).astype(np.uint8)
    dense = _dense_shade(found.mask)
    specks = np.where(
        found.mask_of(np.maximum(found.width, found.height) > _LIMITS.specks), 0, dark
    )
    out[(_shaded(specks, dense) > 0) & ((print_ == 0) | (dense > 0))] = _LIMITS.tint
    out[lines > 0] = np.minimum(out[lines > 0], _LIMITS.ink)
    return out


def _is_print(found: Components) -> NDArray[np.bool_]:
    """Which components are letters or words, no pieces of lines, frames or combs."""
    across = np.minimum(found.width, found.height)
    along = np.maximum(found.width, found.height)
    full = found.area >= _LIMITS.full * found.width * found.height
    return (across > _LIMITS.thin) & full & (along <= _LIMITS.slim * across)


def _level(dark: NDArray[np.float32], long: int, gap: int) -> Mask:
    """Where level lines run, uint8 (H, W), `dark` being how dark each pixel is, from 0 to 1."""
    here = cv2.blur(dark, (long, _LIMITS.wide), borderType=cv2.BORDER_CONSTANT)
    around = cv2.blur(dark, (long, long), borderType=cv2.BORDER_CONSTANT)
    chance = np.clip(around, _LIMITS.grain, 1 - _LIMITS.grain)
    more = (here - around) / np.sqrt(chance * (1 - chance) / (long * _LIMITS.wide))
    ridge = here >= cv2.dilate(here, np.ones((3 * _LIMITS.wide, 1), np.uint8))
    weak = (ridge & (more > _LIMITS.weak)).view(np.uint8)
    found = connected_components(closed(dilated(weak, 1, 3), long // 2 | 1, 1))
    sure = np.zeros(len(found.area), bool)
    sure[found.labels[ridge & (more > _LIMITS.sure) & (here > _LIMITS.least)]] = True
    line: Mask = np.zeros(dark.shape, np.uint8)
    for k in np.flatnonzero(sure & (found.width >= long / 2)):
        x, y, width, height = (int(side[k]) for side in found[1:5])
        there = np.s_[y : y + height, x : x + width]
        for start, end in _runs(dark[there].max(axis=0), gap):
            if end - start >= long // 3:
                part = found.labels[there][:, start:end] == k
                line[there][:, start:end] |= part
    return line


def _runs(dark: NDArray[np.float32], gap: int) -> list[tuple[int, int]]:
    """From where to where lines run in a row of pixels: parted by such gaps."""
    at = np.flatnonzero(dark > _LIMITS.speck)
    if not len(at):
        return []
    steps = np.diff(at)
    gaps = np.flatnonzero(steps > min(gap, _longest_break(steps[(steps > 1) & (steps <= gap)] - 1)))
    starts, ends = np.r_[at[0], at[gaps + 1]], np.r_[at[gaps], at[-1]] + 1
    return [
        _maximum_subarray(dark, int(start), int(end))
        for start, end in zip(starts, ends, strict=True)
    ]


def _longest_break(breaks: NDArray[np.intp]) -> float:
    """How long a line's breaks may be, pixels: a longer one among so many is a rare chance (geometric ones)."""
    mean = float(breaks.mean()) if len(breaks) > 2 else 1.0
    if mean <= 1:
        return _LIMITS.breaks
    longest = np.log(_LIMITS.chance / len(breaks)) / np.log(1 - 1 / mean)
    return max(_LIMITS.breaks, 1 + float(longest))


def _maximum_subarray(dark: NDArray[np.float32], start: int, end: int) -> tuple[int, int]:
    """Of a stretch, that which has most beyond a part of its usual darkness (Bentley 1984)."""
    part = dark[start:end]
    more = np.r_[0, np.cumsum(part - _LIMITS.part * part.mean())]
    last = int((more - np.minimum.accumulate(more)).argmax())
    return start + int(more[: last + 1].argmin()), start + last


def _shaded(dark: NDArray[np.floating], dense: Mask) -> Mask:
    """Where a place is shaded with specks, uint8 (H, W)."""
    side = _LIMITS.place // 2
    part = cv2.blur(dark, (side, side))
    least, times = _LIMITS.shade
    full = (part > max(least, times * float(np.median(part)))).view(np.uint8) | dense
    return opened(closed(full, side, side), _LIMITS.place, _LIMITS.place)


def _dense_shade(dark: Mask) -> Mask:
    """Where specks hang together, uint8 (H, W): far more ends of dark runs than print has."""
    side = _LIMITS.place // 2
    ends = np.zeros((2, *dark.shape), np.float32)
    ends[0, :, 1:] = dark[:, 1:] != dark[:, :-1]
    ends[1, 1:] = dark[1:] != dark[:-1]
    least = np.minimum(*(cv2.blur(one, (side, side)) for one in ends))  # strokes end on two sides
    full = (least > _LIMITS.ends).view(np.uint8)
    return opened(full, _LIMITS.place, _LIMITS.place)
