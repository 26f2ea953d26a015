"""How places that may be fields look: their shape, what stands in them and around them, and what is beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.candidates import Candidate, Kind
from hwr_edge.form.places import Place, Print, pale_of
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.morphology import dilated, opened
from hwr_edge.image.pixels import Mask

Floats = NDArray[np.float64]
_NEAR = 4  # pixels from a side to where its line may be
_MOST = 4.0  # of others that are counted


class _Look:
    """What is looked at of a form, and of all candidates."""

    def __init__(self, candidates: Sequence[Candidate], page: Print) -> None:
        letter = page.letter
        self.page, self.letter = page, letter
        self.walls = dilated(page.walls | page.lines, 3, 3)
        self.other = pale_of(flatten_light(page.grey)) & (1 - self.walls)
        self.upright = opened(page.walls, 1, max(3, round(letter)))
        self.level = page.lines | opened(page.walls, max(3, round(1.5 * letter)), 1)
        self.words = np.array(page.words, np.float64).reshape(-1, 4)
        self.places = np.array([one.place for one in candidates], np.float64).reshape(-1, 4)
        every = np.concatenate([self.words, self.places])
        self.width = float(every[:, 2].max() - every[:, 0].min())
        self.size = self.places[:, 2:] - self.places[:, :2]


def features_of(candidates: Sequence[Candidate], page: Print) -> Floats:
    """Numbers that tell fields from other places, float (candidates, features).

    Lengths are heights of the form's printed letters, mostly as logarithms; others are parts from 0 to 1, or counts.
    """
    if not candidates:
        return np.empty((0, 0))
    look = _Look(candidates, page)
    rows = [
        _kind(one) + _shape(one, look) + _inside(one, look) + _sides(one, look)
        + _print_around(one, look) + _labels(one, look) + _beside(k, one, look)
        for k, one in enumerate(candidates)
    ]  # fmt: skip
    return np.array(rows, np.float64)


def _kind(one: Candidate) -> list[float]:
    return [float(one.kind == kind) for kind in Kind]


def _shape(one: Candidate, look: _Look) -> list[float]:
    """Its size, what of the form's width it has, and how near the image's edges it is."""
    place, letter = one.place, look.letter
    wide, high, across = place.width / letter, place.height / letter, place.width / look.width
    tall, width = look.page.text.shape
    edge = min(place.left, width - place.right, place.top, tall - place.low) / max(tall, width)
    return [
        np.log(wide), np.log(high), np.log(wide / high),
        max(0.0, np.log(6 / wide)), max(0.0, np.log(2 / high)), max(0.0, np.log(high / 4)),
        across, float(across > 0.9),
        float(edge < 0.015), float(min(place.top, tall - place.low) < 0.03 * tall),
        max(0.0, 1.5 - 10 * place.top / tall), max(0.0, 10 * place.low / tall - 9.2),
    ]  # fmt: skip


def _inside(one: Candidate, look: _Look) -> list[float]:
    """How much print, lines and shade are in it."""
    left, top, right, low = _inner(one, look.letter)
    shade = float(np.median(_part(look.page.grey, left, top, right, low))) / look.page.paper
    text = _columns(look.page.text, left, top, right, low)
    return [
        text, float(text > 0), _rows(look.page.text, left, top, right, low),
        _columns(look.other, left, top, right, low),
        _columns(look.walls, left, top, right, low),
        10 * _columns(look.upright, left, top, right, low),
        1 - shade, float(shade < 0.6), float(0.6 <= shade < 0.96),
    ]  # fmt: skip


def _inner(one: Candidate, letter: float) -> Place:
    inset = letter / 4
    left, top, right, _ = one.place
    return Place(left + inset, top + inset, right - inset, one.line - inset)


def _sides(one: Candidate, look: _Look) -> list[float]:
    """How much of each side is a line, and of what goes on from it beyond each corner."""
    left, top, right, _ = one.place
    low, near, far = one.line, _NEAR, 1.5 * look.letter
    level, upright = look.level, look.upright
    found = [_columns(level, left, y - near, right, y + near + 1) for y in (top, low)]
    found += [_rows(upright, x - near, top, x + near + 1, low) for x in (left, right)]
    for y in (top, low):
        found.append(_columns(level, left - far, y - near, left - near, y + near))
        found.append(_columns(level, right + near, y - near, right + far, y + near))
    for x in (left, right):
        found.append(_rows(upright, x - near, top - far, x + near, top - near))
        found.append(_rows(upright, x - near, low + near, x + near, low + far))
    return found


def _print_around(one: Candidate, look: _Look) -> list[float]:
    """How much print is close to each side, and on the line."""
    left, top, right, _ = one.place
    low, letter, text, other = one.line, look.letter, look.page.text, look.other
    inset, high = letter / 4, one.place.height
    below = _columns(text, left + inset, low + inset, right - inset, low + high - inset)
    own = _columns(text, *_inner(one, letter))
    lined = _columns(look.level, left, low - _NEAR, right, low + _NEAR + 1)
    return [
        _columns(text, left, top - 1.3 * letter, right, top - 0.2 * letter),
        _columns(text, left, low + inset, right, low + 1.3 * letter),
        _columns(other, left, top - letter, right, top - inset),
        _columns(other, left, low + inset, right, low + letter),
        _rows(text, left - 3 * letter, top, left - 0.2 * letter, low),
        _rows(text, right + 0.2 * letter, top, right + 3 * letter, low),
        _columns(text, left, low - 1.2 * letter, right, low - inset),
        below,
        _columns(text, left + inset, top - high + inset, right - inset, top - inset),
        float(own > 0 and below == 0) * lined,  # a heading, with a cell below it
    ]


def _labels(one: Candidate, look: _Look) -> list[float]:
    """Whether a label stands on its left, above its left end, or below it."""
    left, top, right, _ = one.place
    low, letter, words = one.line, look.letter, look.words
    beside = (words[:, 1] < low) & (words[:, 3] > (top + low) / 2 - 0.2 * letter)
    beside &= words[:, 2] <= left + letter
    gap = float((left - words[beside, 2]).min(initial=1000 * letter))
    near = float(np.exp(-max(0.0, gap) / (8 * letter)))
    over = (words[:, 3] <= top + 0.6 * letter) & (words[:, 3] > top - 2.2 * letter)
    over &= np.abs(words[:, 0] - left) < 1.5 * letter
    above, short = float(over.any()), (words[over, 2] - words[over, 0]).min(initial=np.inf)
    under = (words[:, 1] >= low - 0.2 * letter) & (words[:, 1] < low + 1.2 * letter)
    under &= (words[:, 0] > left - 1.5 * letter) & (words[:, 0] < right)
    brief = float(short < 0.6 * one.place.width)
    return [near, above, brief, float(under.any()), max(near, above)]


def _beside(k: int, one: Candidate, look: _Look) -> list[float]:
    """What other candidates are in its column and its row, in it and around it, and as high."""
    letter, places = look.letter, look.places
    left, top, right, low = one.place
    off = np.abs(places - places[k])
    others = np.arange(len(places)) != k
    column = (off[:, 0] < letter) & (off[:, 2] < letter) & others
    row = (off[:, 1] < 0.6 * letter) & (off[:, 3] < 0.6 * letter) & others
    area, own = look.size.prod(axis=1), one.place.width * one.place.height
    more = letter / 2
    within = (places[:, :2] >= (left - more, top - more)).all(axis=1)
    within &= (places[:, 2:] <= (right + more, low + more)).all(axis=1) & (area < 0.7 * own)
    holds = (places[:, :2] <= (left + more, top + more)).all(axis=1)
    holds &= (places[:, 2:] >= (right - more, low - more)).all(axis=1) & (area > 1.4 * own)
    as_high = np.abs(np.log(look.size[:, 1] / one.place.height)) < 0.1
    return [
        min(_MOST, float(column.sum())),
        float((column & (np.abs(places[:, 1] - low) < letter)).any()),
        float((column & (np.abs(places[:, 3] - top) < letter)).any()),
        min(_MOST, float(row.sum())),
        min(_MOST, float(within.sum())),
        min(_MOST, float(holds.sum())),
        float(as_high.mean()),
    ]


def _part(image: Mask, left: float, top: float, right: float, low: float) -> Mask:
    """A part of an image, one pixel at least."""
    height, width = image.shape
    x, y = min(max(0, round(left)), width - 1), min(max(0, round(top)), height - 1)
    return image[y : max(y + 1, round(low)), x : max(x + 1, round(right))]


def _columns(mask: Mask, left: float, top: float, right: float, low: float) -> float:
    """The part of the columns of a place in which a mask has anything."""
    return float(_part(mask, left, top, right, low).any(axis=0).mean())


def _rows(mask: Mask, left: float, top: float, right: float, low: float) -> float:
    return float(_part(mask, left, top, right, low).any(axis=1).mean())
