"""The fields of an aligned form cut from its image, the form's own print taken out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.align import with_smaller_image
from hwr_edge.form.field_print import FieldPrint, Window, window_of
from hwr_edge.form.template import Field, Form, meeting
from hwr_edge.image.morphology import connected_components, dilated
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask
from hwr_edge.page.locate import padded, room_for
from hwr_edge.page.sheet import Sheet, pixels_at, whole_image


@dataclass(frozen=True)
class _Limits:
    """What in a field is writing. In parts of the field's height, unless it says otherwise; chosen by `make bench-forms`.

    leaves: writing may leave the field by so much.
    own: of a component that lies in fields, the part in this one that makes it this one's.
    usual, pale: the percentile of the ink's darkness, and the part of it under which ink is none of the pen's.
    few, low: of its height squared, and of its height: less ink is dirt.
    edge: of the ink, above and below the letters: accents and tails.
    word: letter heights between words at most; an empty cell of a comb is wider.
    finer: times as fine as needed; a finer image is shrunk first.
    """

    leaves: float = 0.25
    own: float = 0.3
    usual: int = 75
    pale: float = 0.5
    few: float = 0.012
    low: float = 0.22
    edge: float = 0.05
    word: float = 1.6
    finer: float = 1.5


_LIMITS = _Limits()


class Cut(NamedTuple):
    """What stands in a field.

    crop: uint8 (H, W), its writing alone on white; all white where there is none.
    box: x, y, width, height of the field in pixels of the image.
    corners: of the field in the image, float (4, 2), clockwise from the form's upper left.
    seen: share of the field that is in the image, 0 to 1.
    sheet: the form in the image.
    start: of the field's window on the scaled form, and of the crop's upper edge, pixels.
    columns: of that window, what each of the crop's shows: wide gaps between words are left out.
    scale: of the form, to those.
    standing: the same crop with the printed line below letters that reach it, which may hide their feet; None
        where none does.
    """

    field: Field
    crop: Grey
    box: Box
    corners: NDArray[np.float64]
    seen: float
    sheet: Sheet
    start: tuple[int, int]
    columns: NDArray[np.intp]
    scale: float
    standing: Grey | None = None

    def in_image(self, box: Box) -> Box:
        """Where a box of the crop lies in the image: the upright box that holds it."""
        (left, top), (x, y, wide, high) = self.start, box
        first, last = (int(np.clip(k, 0, len(self.columns) - 1)) for k in (x, x + wide - 1))
        from_x, to_x = (left + int(self.columns[k]) for k in (first, last))
        here = from_x, top + y, to_x + 1 - from_x, high
        x, y, wide, high = (round(side / self.scale) for side in here)
        return self.sheet.box_around((x, y, max(1, wide), max(1, high)))


class FieldCutter:
    """Cuts the fields of a form; what is printed in them is looked at once for all scans."""

    def __init__(self, form: Form) -> None:
        """Look at the form's fields."""
        self.form = form
        self._windows = [window_of(field) for field in form.fields]
        self._boxes = np.array([field.box for field in form.fields])
        self._prints = [FieldPrint(form, window) for window in self._windows]

    def cut(self, sheet: Sheet) -> list[Cut]:
        """The fields of a scan, as `Aligner.align` gives it, in the order of the TOML."""
        width, height = sheet.size
        most = max(window.scale for window in self._windows)
        step = pixels_at(sheet.to_image, width / 2, height / 2) / most
        seen = sheet if step < _LIMITS.finer else with_smaller_image(sheet, 1 / step)
        return [self._cut(k, sheet, seen) for k in range(len(self._windows))]

    def _cut(self, k: int, sheet: Sheet, seen: Sheet) -> Cut:
        field, window, print_ = self.form.fields[k], self._windows[k], self._prints[k]
        scan = window.seen(seen)
        if any(off := print_.off(scan)):
            scan = window.seen(seen, off)
        ink, printed = print_.parted(scan)
        feet, whole = print_.feet(scan, ink), scan
        scan = np.where(printed > 0, np.uint8(PAPER), scan)
        ink = _strong(scan, _own(ink, window, field.box, self._near(k)))
        x, y, width, height = field.box
        box = round(x + off[0] / window.scale), round(y + off[1] / window.scale), width, height
        crop, top, columns = _crop(scan, ink, window.height)
        near, standing = window.within(field.box, _LIMITS.leaves * window.height), None
        if (feet := feet & near & ink.any(axis=0).view(np.uint8)).any():
            scan = np.where(feet > 0, whole, scan)
            standing = _crop(scan, ink | feet, window.height)[0]
        corners, scale = sheet.corners(box), window.scale
        start = window.box[0] + off[0], window.box[1] + off[1] + top
        share, place = _share_in(corners, sheet.image.shape), sheet.box_around(box)
        return Cut(field, crop, place, corners, share, sheet, start, columns, scale, standing)

    def _near(self, k: int) -> list[Box]:
        """The boxes of the other fields that a field's window shows."""
        window = self._windows[k]
        left, top, width, height = window.box
        seen = left - 1, top - 1, width + 2, height + 2
        x, y, wide, high = (round(side / window.scale) for side in seen)
        near = meeting((x - 1, y - 1, wide + 2, high + 2), self._boxes)
        near[k] = False
        return [self.form.fields[other].box for other in np.flatnonzero(near)]


def _share_in(corners: NDArray[np.float64], shape: tuple[int, ...]) -> float:
    """The share of a convex area, (4, 2), that lies in an image of a shape."""
    height, width = shape
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    area, _ = cv2.intersectConvexConvex(corners.astype(np.float32), whole)
    return float(area / cv2.contourArea(corners.astype(np.float32)))


def _own(ink: Mask, window: Window, box: Box, others: list[Box]) -> Mask:
    """The ink that belongs to a field: components mostly in it or only a little outside."""
    inside, near = window.within(box), window.within(box, _LIMITS.leaves * window.height)
    elsewhere = np.zeros(ink.shape, np.uint8)
    for other in others:
        elsewhere |= window.within(other)
    elsewhere &= 1 - inside
    found = connected_components(ink)

    def count(where: Mask) -> NDArray[np.int64]:
        return np.bincount(found.labels[(ink & where) > 0], minlength=len(found.area))

    here, there, close = count(inside), count(elsewhere), count(near)
    mine = (here > 0) & (here >= _LIMITS.own * (here + there))
    mine |= (here == 0) & (there == 0) & (close == found.area)  # an accent, a dot
    return found.mask_of(mine) & near & (1 - elsewhere * (1 - dilated(inside, 3, 3)))


def _strong(scan: Grey, ink: Mask) -> Mask:
    """The ink without what is much paler than most of it: creases, a stamp's edge."""
    if not ink.any():
        return ink
    usual = float(np.percentile(255 - scan[ink > 0], _LIMITS.usual))
    core = ink & (255 - scan > _LIMITS.pale * usual).astype(np.uint8)
    return ink & dilated(core, 5, 5)


def _crop(scan: Grey, ink: Mask, height: float) -> tuple[Grey, int, NDArray[np.intp]]:
    """The ink alone, as the model is used to see a line; its first row, and its columns, in the scan."""
    found = connected_components(ink)
    ink = found.mask_of(found.area >= _LIMITS.few / 8 * height**2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if ink.sum() < _LIMITS.few * height**2 or len(rows) < _LIMITS.low * height:
        blank = padded(np.full((max(1, round(height)), 1), PAPER, np.uint8))
        return blank, 0, np.arange(blank.shape[1])
    own = ink.sum(axis=1).cumsum()
    low, high = np.searchsorted(own, (_LIMITS.edge * own[-1], (1 - _LIMITS.edge) * own[-1]))
    letter = float(high - low + 1) / (1 - 2 * _LIMITS.edge)
    alone = np.where(dilated(ink, 3, 3) > 0, scan, PAPER).astype(np.uint8)
    kept = _without_wide_gaps(columns, letter, ink.shape[1])
    first, last = (int(np.searchsorted(kept, columns[k])) for k in (0, -1))
    box = first, int(rows[0]), last + 1 - first, int(rows[-1]) - int(rows[0]) + 1
    place = room_for(box, letter)
    crop = padded(np.array(whole_image(alone[:, kept]).cut(place)))
    shown = np.clip(place[0] + np.arange(crop.shape[1]), 0, len(kept) - 1)
    return crop, place[1], kept[shown]


def _without_wide_gaps(columns: NDArray[np.intp], letter: float, width: int) -> NDArray[np.intp]:
    """The columns with ink and some around and between: a surname at the comb's other end is the next word."""
    gaps = np.diff(columns)
    most = round(_LIMITS.word * letter)
    wide = np.flatnonzero(gaps > most)
    every = np.arange(columns[0] - most, columns[-1] + most + 1)
    kept = np.ones(len(every), bool)
    for k in wide:
        start = int(columns[k] - every[0]) + most // 2
        kept[start : start + int(gaps[k]) - most] = False
    return every[kept & (every >= 0) & (every < width)]
