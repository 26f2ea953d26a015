"""Forms filled in: names in the fields that hold names or text, digits in those that hold digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forms_html.empty import EmptyForm, FormField
from forms_html.hands import DrawnHand, Hand, Ink
from hwr_edge.image.pixels import PAPER, Grey
from made_pages import Quad

_CLEAN = 8.0
"""Heights that a clean crop is wide, as published ones are."""


@dataclass(frozen=True)
class Written:
    """What is written in a field.

    text: folded to capitals; of digits, the digits.
    holds: "name" or "digits".
    quad: its ink's corners on the page, float (4, 2), from the upper left clockwise.
    clean: the same ink alone, as a crop in the published layout.
    """

    field: FormField
    text: str
    holds: str
    quad: Quad
    clean: Grey


@dataclass(frozen=True)
class FilledForm:
    """A form's page, uint8 (H, W) at 300 dpi, and what is written on it."""

    page: Grey
    written: tuple[Written, ...]


def fill(
    form: EmptyForm,
    rng: np.random.Generator,
    hand: Callable[[np.random.Generator], Hand] = DrawnHand,
    empty: float = 0.1,
) -> FilledForm:
    """Fill a form in with one hand; so many of its fields stay empty."""
    page, writer, done = form.page.copy(), hand(rng), []
    for one in form.fields:
        if rng.random() < empty or one.holds == "sign" or one.box[2] < 60:
            continue
        written = _comb(page, one, writer) if one.cells else _line(page, one, writer, rng)
        if written:
            done.append(written)
    return FilledForm(page, tuple(done))


def _line(page: Grey, field: FormField, hand: Hand, rng: np.random.Generator) -> Written | None:
    x, y, width, height = field.box
    left, cap = rng.uniform(0.15, 0.6) * height, rng.uniform(0.42, 0.62) * height
    digits = field.holds == "digits"
    ink = (
        hand.digits(_number(rng), cap, width - 2 * left)
        if digits
        else hand.name(cap, width - 2 * left)
    )
    if ink is None:
        return None
    base = y + rng.uniform(0.76, 0.92) * height
    quad = _lay(page, ink, x + left, base)
    return Written(field, ink.text, "digits" if digits else "name", quad, _alone([ink], ink.cap))


def _comb(page: Grey, field: FormField, hand: Hand) -> Written:
    x, y, width, height = field.box
    each = width / field.cells
    inks = hand.letters(field.cells, min(0.6 * height, 0.9 * each), each)
    quads = []
    for k, ink in enumerate(inks):
        left = x + (k + 0.5) * each - ink.image.shape[1] / 2
        quads.append(_lay(page, ink, left, y + 0.82 * height))
    every = np.concatenate(quads)
    text = "".join(ink.text for ink in inks)
    return Written(
        field, text, "name", _corners(every.min(0), every.max(0)), _alone(inks, inks[0].cap)
    )


def _number(rng: np.random.Generator) -> str:
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1930, 2026)
    phone = " ".join(f"{k:02d}" for k in rng.integers(100, size=5))
    some = (f"{day:02d}/{month:02d}/{year}", str(rng.integers(10000, 99999)), phone, str(year))
    return str(some[int(rng.integers(len(some)))])


def _lay(page: Grey, ink: Ink, left: float, base: float) -> Quad:
    """Write on the page, its line at `base`; the corners of what is on the page."""
    high, wide = ink.image.shape
    x, y = max(0, round(left)), max(0, round(base - ink.base))
    there = page[y : y + high, x : x + wide]
    np.minimum(there, ink.image[: there.shape[0], : there.shape[1]], out=there)
    return _corners(np.array([x, y]), np.array([x + there.shape[1], y + there.shape[0]]))


def _corners(low: NDArray[np.generic], high: NDArray[np.generic]) -> Quad:
    return np.array([low, (high[0], low[1]), high, (low[0], high[1])], np.float64)


def _alone(some: Sequence[Ink], cap: float) -> Grey:
    """Ink on white paper; letters of a comb as close as in a word."""
    gap = round(0.25 * cap)
    top = max(ink.base for ink in some)
    low = max(ink.image.shape[0] - ink.base for ink in some)
    margin = round(0.5 * cap)
    width = sum(ink.image.shape[1] + gap for ink in some) + 2 * margin
    high = round(top + low) + 2 * margin
    crop: Grey = np.full((high, max(width, round(_CLEAN * high))), PAPER, np.uint8)
    x = margin
    for ink in some:
        y = margin + round(top - ink.base)
        there = crop[y : y + ink.image.shape[0], x : x + ink.image.shape[1]]
        np.minimum(there, ink.image[: there.shape[0]], out=there)
        x += ink.image.shape[1] + gap
    return crop
