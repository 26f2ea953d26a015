"""A comb with the cells at its ends that were not seen: what repeats along it tells how far it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place, around
from hwr_edge.image.pixels import PAPER, Grey


@dataclass(frozen=True)
class _Limits:
    """Where a comb ends; chosen on believable forms (`python -m bench.form_fields`).

    soft: deviation of the blur that evens out grain, pixels.
    once: times the least step from cell to cell; where it is more, a line between them is lost.
    margin: of a cell's height, that is looked at above and below it; inner: of the pitch, from a side.
    like, level: correlation of a cell with the usual one, at least; of its level lines alone, at least.
    drift: pixels that the next cell may be off. even: grey levels; less is no cell.
    """

    soft: float = 1.0
    once: float = 1.5
    margin: float = 0.15
    inner: float = 0.12
    like: float = 0.6
    level: float = 0.9
    drift: int = 2
    even: float = 1.0


_LIMITS = _Limits()


def whole_comb(row: Sequence[Place], grey: Grey) -> Place:
    """A comb from its first cell to its last one.

    Args:
        row: cells of it that were seen, from the left; two at least.
        grey: uint8 (H, W), the form.
    """
    lefts = np.array([cell.left for cell in row])
    steps = np.diff(lefts)
    least = max(1.0, float(np.median(steps[steps <= _LIMITS.once * steps.min()])))
    number = np.rint((lefts - lefts[0]) / least)
    if len(np.unique(number)) < max(2, len(row)):
        return around(row)
    pitch = float(np.polyfit(number, lefts, 1)[0])
    top, low = (float(np.median([getattr(cell, side) for cell in row])) for side in ("top", "low"))
    wide = np.array([cell.width for cell in row])
    width = float(np.median(wide - pitch * (np.maximum(1, np.rint(wide / pitch)) - 1)))
    lefts = np.append(lefts, row[-1].right - width)  # the last cell, if a line before it is lost
    room = max(3, round(_LIMITS.margin * (low - top)))
    strip = grey[max(0, int(top) - room) : int(low) + room]
    dark = (PAPER - cv2.GaussianBlur(strip, (0, 0), _LIMITS.soft)).astype(np.float32)
    inner = _LIMITS.inner * pitch
    last = _end(dark, lefts + inner, lefts[:-1] + inner, pitch)
    first = _end(dark, lefts + width - pitch - inner, lefts[1:] + width - pitch - inner, -pitch)
    return Place(first - (width - pitch - inner), top, last - inner + width, low)


def even_pieces(row: Sequence[Place]) -> list[list[Place]]:
    """A row of cells, from the left, parted where one is not as far from the last one as they mostly are."""
    lefts = np.array([cell.left for cell in row])
    steps = np.diff(lefts)
    pitch = max(1.0, float(np.median(steps)))
    off = np.abs(steps - pitch * np.maximum(1, np.rint(steps / pitch)))
    parts = np.split(np.arange(len(row)), np.flatnonzero(off > _LIMITS.drift) + 1)
    return [[row[k] for k in part] for part in parts]


def _end(
    dark: NDArray[np.float32], starts: NDArray[np.float64], usual: NDArray[np.float64], step: float
) -> float:
    """Where the last piece that looks as the usual ones starts, going by steps from the outermost of some."""
    wide = max(4, round(abs(step)))
    pieces = [dark[:, round(x) : round(x) + wide] for x in usual if x >= 0]
    pieces = [piece for piece in pieces if piece.shape[1] == wide]
    here = float(starts[-1] if step > 0 else starts[0])
    if len(pieces) < 2:
        return here
    model = np.median(pieces, axis=0).astype(np.float32)
    while model.std() >= _LIMITS.even and wide > 2 * _LIMITS.drift:
        left = round(here + step) - _LIMITS.drift
        look = dark[:, max(0, left) : left + wide + 2 * _LIMITS.drift]
        if left < 0 or look.shape[1] < wide:
            break
        scores = cv2.matchTemplate(look, model, cv2.TM_CCOEFF_NORMED)[0]
        at = int(scores.argmax())
        level = (
            look[:, at : at + wide].mean(axis=1),
            model.mean(axis=1),
        )  # of a line between no trace
        if scores[at] < _LIMITS.like and not _are_like(*level, least=_LIMITS.level):
            break
        here += step + at - _LIMITS.drift
    return here


def _are_like(one: NDArray[np.float32], other: NDArray[np.float32], least: float) -> bool:
    """Whether two profiles correlate so much, and are as dark."""
    spread = float(one.std()), float(other.std())
    if spread[0] < spread[1] / 2:
        return False
    return float(np.corrcoef(one, other)[0, 1]) >= least
