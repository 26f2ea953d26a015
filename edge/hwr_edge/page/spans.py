"""Lines of a page, once it is known whose each pixel of ink is: their boxes, their letters' height, their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Box

Labels = NDArray[np.int32]
"""Whose each pixel of ink is, (H, W); 0 nobody's."""


@dataclass(frozen=True)
class SpanLimits:
    """What is a line and how high its letters are; chosen by `make bench-pages`.

    speck_width, speck_height: times a stroke's width, and its height; less is a speck.
    edge: of a line's ink, above and below its letters: accents and tails.
    """

    speck_width: float = 0.6
    speck_height: float = 0.45
    edge: float = 0.05


LIMITS = SpanLimits()


class Span(NamedTuple):
    """A line: its label, the box of its ink, and how high its letters are, in pixels."""

    label: int
    box: Box
    letter: float


def spans_of(labels: Labels, letter: float, stroke: float) -> list[Span]:
    """The lines of a page whose ink is labelled; specks are none.

    Args:
        labels: whose each pixel is, 0 nobody's.
        letter, stroke: how high its letters are, and how thick their strokes, pixels.
    """
    spans = []
    for label, box, ink in _boxes(labels):
        x, y, width, height = box
        if ink >= LIMITS.speck_width * letter * stroke and height >= LIMITS.speck_height * letter:
            own = labels[y : y + height, x : x + width] == label
            spans.append(Span(label, box, letter_of(own)))
    return spans


def letter_of(own: NDArray[np.bool_]) -> float:
    """How high the letters of a line are, pixels, without accents and tails; of its ink, bool (H, W)."""
    ink = own.sum(axis=1).cumsum()
    low, high = np.searchsorted(ink, (LIMITS.edge * ink[-1], (1 - LIMITS.edge) * ink[-1]))
    return float(high - low + 1) / (1 - 2 * LIMITS.edge)


def _boxes(labels: Labels) -> list[tuple[int, Box, int]]:
    """Each label with the box of its pixels, and how many they are."""
    at = np.flatnonzero(labels > 0)
    whose = labels.ravel()[at]
    small = whose.astype(np.min_scalar_type(whose.max(initial=0)))  # which is sorted sooner
    by_label = np.argsort(small, kind="stable")
    order = at[by_label]
    ones, first = np.unique(small[by_label], return_index=True)
    found = []
    for label, own in zip(ones, np.split(order, first)[1:], strict=True):
        y, x = np.divmod(own, labels.shape[1])
        left, top = int(x.min()), int(y.min())
        box = left, top, int(x.max()) - left + 1, int(y.max()) - top + 1
        found.append((int(label), box, len(own)))
    return found


def in_reading_order(spans: list[Span]) -> list[Span]:
    """Rows from the top; in a row from the left."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=_middle):
        row = rows[-1] if rows else []
        if (
            row
            and _middle(span) < np.mean([_middle(s) + s.box[3] / 2 for s in row]) - span.letter / 10
        ):
            row.append(span)
        else:
            rows.append([span])
    return [span for row in rows for span in sorted(row, key=lambda s: s.box[0])]


def _middle(span: Span) -> float:
    return span.box[1] + span.box[3] / 2
