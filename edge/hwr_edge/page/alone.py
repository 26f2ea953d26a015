"""A line's crop without what is not its own: ruled lines, and neighbours' ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components, connected_components, dilated, transposed
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask
from hwr_edge.image.ruled_lines import ruled_line_pixels
from hwr_edge.image.ruled_shade import without_grey_lines
from hwr_edge.page.layout import Layout
from hwr_edge.page.spans import Labels, Span

# Set by hand; `make bench-pages` measures what they lead to.
_LINE_INK = 225  # grey level, on white paper, from which a ruled line is taken out
_KNOWN = 0.35  # of a ruled line's columns, at least, that hold nothing but it


def alone(cut: Grey, layout: Layout, span: Span, place: Box, part: float) -> Grey:
    """A line alone on white paper, uint8 (H, W), from a cut of its sheet.

    Args:
        cut: uint8 (H, W).
        layout, span: what is on the sheet, and the line.
        place: what the cut shows, in pixels of the sheet.
        part: the layout's size, as a part of the sheet's.
    """
    return _without_lines(*_without_others(cut, layout, span, place, part))


def hides_lines(layout: Layout, place: Box, part: float) -> bool:
    """Whether letters stand on most of a ruled line in a place, so that what is beside it must tell how it runs.

    place, part: as in `alone`.
    """
    x, y, width, height = place
    rules = layout.rules
    rows = slice(max(0, int(y * part)), int((y + height) * part) + 1)
    here = rows, slice(max(0, int(x * part)), int((x + width) * part) + 1)
    bands, lines = rules.level.labels[here], rules.lines[here] > 0
    for k in np.flatnonzero(_are_there(bands))[1:]:
        band = bands == k
        long, known = (np.count_nonzero(m.any(axis=0)) for m in (band, band & lines))
        if known < _KNOWN * long:
            return True
    return False


def paper_at(layout: Layout, place: Box, part: float) -> Grey:
    """How bright the paper is in a place, uint8 (H, W); smooth: right to the pixel or two. place, part: as in `alone`."""
    small = layout.paper[_around(place, part)]
    return np.asarray(cv2.resize(small, (place[2], place[3])), np.uint8)


def _around(place: Box, part: float) -> tuple[slice, slice]:
    """The rows and columns of the layout that show a place, and a pixel or two around."""
    x, y, width, height = place
    rows = slice(max(0, int(y * part) - 2), int((y + height) * part) + 3)
    return rows, slice(max(0, int(x * part) - 2), int((x + width) * part) + 3)


def _without_others(
    cut: Grey, layout: Layout, span: Span, place: Box, part: float
) -> tuple[Grey, Components | None, Components | None]:
    """A cut of the sheet on white paper, with other lines' ink painted over.

    Returns:
        The cut, and the bands of its level ruled lines; and those of upright ones, transposed. None: there are none.
    """
    x, y, width, height = place
    there = _around(place, part)
    y0, x0 = there[0].start, there[1].start
    move = np.array([[part, 0, x * part - x0], [0, part, y * part - y0]])

    def seen(small: Grey) -> Grey:
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(small, move, (width, height), flags=how), np.uint8)

    own = np.array(cv2.divide(cut, paper_at(layout, place, part), scale=PAPER), np.uint8)
    mine = (layout.labels[there] == span.label).astype(np.uint8)
    left, right = span.box[0] - x0, span.box[0] + span.box[2] - x0
    mine[:, : max(0, left)] = mine[:, right:] = 0  # of a part of a line, the others are neighbours
    others = dilated(layout.ink[there] & (1 - mine), 3, 3) & (1 - dilated(mine, 3, 3))
    if others.any():
        own[seen(others * np.uint8(PAPER)) > PAPER // 2] = PAPER
    level = _bands(layout.rules.level.labels[there], move, (width, height))
    upright = None
    if layout.rules.upright[there].any():
        around = seen(dilated(layout.rules.upright[there], 3, 3) * np.uint8(PAPER)) > 0
        upright = connected_components(transposed(around.view(np.uint8)))
    return own, level, upright


def _bands(labels: Labels, move: NDArray[np.float64], size: tuple[int, int]) -> Components | None:
    """The bands of ruled lines in a cut, each by itself, however near another one runs.

    labels: those of the small page. move: takes the cut's points to that page's.
    """
    if not labels.any():
        return None
    numbers = np.cumsum(_are_there(labels)) - 1
    numbered = dilated(np.minimum(numbers, PAPER).astype(np.uint8)[labels], 3, 3)
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    found = np.asarray(cv2.warpAffine(numbered, move, size, flags=how), np.int32)
    sides = [(0, 0, *size, 1)]
    for k in range(1, int(numbered.max()) + 1):
        x, y, wide, high = cv2.boundingRect((numbered == k).view(np.uint8))
        left, top = np.maximum(0, np.floor((np.array([x, y]) - 1 - move[:, 2]) / move[0, 0]))
        right, low = np.ceil((np.array([x + wide, y + high]) - move[:, 2]) / move[0, 0])
        sides.append((left, top, min(right, size[0]) - left, min(low, size[1]) - top, 1))
    boxes = np.array(sides).astype(np.int32)
    return Components(found, *boxes.T).select(np.asarray((boxes[:, 2:4] > 0).all(axis=1)))


def _are_there(labels: Labels) -> NDArray[np.bool_]:
    """Which labels some pixels have, bool (labels,); 0, of the background, always counts."""
    there = np.bincount(labels.ravel()) > 0
    there[0] = True
    return there


def _without_lines(own: Grey, level: Components | None, upright: Components | None) -> Grey:
    """A crop without its ruled lines: grey ones are divided out, of others their own pixels are painted over."""
    for upright_ones, bands in ((False, level), (True, upright)):
        if bands:
            turned = transposed(own) if upright_ones else own
            rest, grey = without_grey_lines(turned, bands)
            if not grey[1:].all():
                rest[_soft_lines(rest, bands.select(~grey)) > 0] = PAPER
            own = transposed(rest) if upright_ones else rest
    return own


def _soft_lines(own: Grey, bands: Components) -> Mask:
    """Level ruled lines with their soft edges, and no letter's."""
    inked = (own < _LINE_INK).astype(np.uint8)
    lines = ruled_line_pixels(inked, bands)
    letters = inked & (1 - lines)
    return np.asarray(dilated(lines, 3, 3) & bands.mask & (1 - letters), np.uint8)
