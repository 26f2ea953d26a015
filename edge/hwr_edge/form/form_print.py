"""Whether a form's print is on a scan laid over it: what tells another form, of the same family too."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.image.morphology import dilated
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask
from hwr_edge.page.layout import lay_out

_NEAR = 5  # pixels of a square around ink, in which print counts as there
_AWAY = 12  # pixels to the places where print is there by chance
_LEAST_PRINT = 0.5  # of the print there, of what is not by chance
_SEARCH = 4  # pixels that a label is looked for around its place
_SAME = 0.7  # correlation of a label that is there
_LEAST_LABELS = 0.7  # of the labels there


class FormPrint:
    """The print of an empty form, and its labels one by one."""

    def __init__(self, small: Grey, fields: Sequence[Box]) -> None:
        """Take the form, uint8 (H, W), some 1,200 pixels long, and its fields on it."""
        self._flat = flatten_light(small)
        self._ink, _ = ink_of(self._flat)
        self._labels = _outside([span.box for span in lay_out(small).spans], fields, small.shape)
        beside = {_label_of(field, self._labels) for field in fields}
        self._beside = [label for label in beside if label is not None]

    def is_on(self, scan: Grey) -> bool:
        """Whether all of it is on a scan of the form's size, uint8 (H, W), paper white.

        Labels count one by one, those of the fields once more: a form that differs in them alone is
        another one.
        """
        if _share(self._ink, ink_of(scan)[0]) < _LEAST_PRINT:
            return False
        there = {label: _likeness(self._flat, scan, label) >= _SAME for label in self._labels}
        kinds = (list(there.values()), [there[label] for label in self._beside])
        return all(not some or float(np.mean(some)) >= _LEAST_LABELS for some in kinds)


def _outside(labels: Sequence[Box], fields: Sequence[Box], shape: tuple[int, ...]) -> list[Box]:
    """The labels that nobody writes over."""
    written = np.zeros(shape, np.uint8)
    for x, y, width, height in fields:
        written[y : y + height, x : x + width] = 1
    return [(x, y, w, h) for x, y, w, h in labels if not written[y : y + h, x : x + w].any()]


def _label_of(field: Box, labels: Sequence[Box]) -> Box | None:
    """The label on a field's left, else that just above it."""
    x, y, width, height = field
    left = [b for b in labels if y < b[1] + b[3] / 2 < y + height and b[0] + b[2] <= x + height / 2]
    if left:
        return max(left, key=lambda b: b[0] + b[2])
    above = [b for b in labels if b[0] < x + width and b[0] + b[2] > x]
    above = [b for b in above if y - 1.5 * height < b[1] + b[3] <= y + height / 4]
    return max(above, key=lambda b: b[1], default=None)


def _share(print_: Mask, ink: Mask) -> float:
    """Of the print that is not on ink by chance, what is on ink: 1 for all, about 0 for chance."""
    near = dilated(ink, _NEAR, _NEAR)
    whole = max(1, int(print_.sum()))

    def share(x: int, y: int) -> float:
        return float((print_ & np.roll(near, (y, x), (0, 1))).sum()) / whole

    chance = np.mean([share(x, y) for x in (-_AWAY, _AWAY) for y in (-_AWAY, _AWAY)])
    return (share(0, 0) - float(chance)) / max(1e-6, 1 - float(chance))


def _likeness(one: Grey, other: Grey, box: Box) -> float:
    """Correlation of what is in a box with what is near that place on another image."""
    x, y, width, height = box
    there = np.s_[max(0, y - 1) : y + height + 1, max(0, x - 1) : x + width + 1]
    patch = cv2.GaussianBlur(one[there], (0, 0), 1.0)
    space = cv2.copyMakeBorder(
        other, _SEARCH, _SEARCH, _SEARCH, _SEARCH, cv2.BORDER_CONSTANT, value=[PAPER]
    )
    top, left = there[0].start, there[1].start
    tall, wide = patch.shape
    around = space[top : top + tall + 2 * _SEARCH, left : left + wide + 2 * _SEARCH]
    around = cv2.GaussianBlur(around, (0, 0), 1.0)
    return float(cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED).max())
