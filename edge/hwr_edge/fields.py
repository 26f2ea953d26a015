"""The fields of an aligned form cut from its picture, the form's own print taken out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.align import pixels_at
from hwr_edge.form import Field, Form
from hwr_edge.ink import find_stripes, flatten_light, ink_of, lines_in, stroke_width
from hwr_edge.locate import padded, room_for
from hwr_edge.masks import Mask, blots, closed, dilated, flipped, opened
from hwr_edge.preprocess import PAPER, Grey
from hwr_edge.sheet import Box, Sheet, whole_picture

_HIGH = 120.0  # pixels that a field is high, at most: letters are read at a third of it
# Parts of a field's height.
_SEEN = 0.7  # around the field: to see whose a blot is
_LEAVES = 0.25  # that writing may leave the field by
_OFF = 0.004  # of the form's longer side: paper is not quite flat, a field may be off by so much
_GAIN = 0.03  # of the correlation, for which a field is taken to be off
_SPREAD = 0.0009  # of the form's longer side: printed ink may be off by so much
_THICKER = 1.2  # times as thick as a printed line, and two pixels: writing is on it
_DARKER = 1.1  # times as dark as print: writing on it
_CRUMB = 0.7  # of a blot, where print was: it is what is left of it
_OWN = 0.3  # of a blot that lies in fields, in this one: it is this one's
_USUAL, _PALE = 75, 0.5  # per cent of the ink, and of its darkness: paler is none of the pen's
_FEW, _LOW = 0.012, 0.22  # of its height squared, and of its height: less ink is dirt
_FAINT = 20  # grey levels: fainter is hardly seen
_EDGE = 0.05  # of the ink, above and below the letters: accents and tails


class Cut(NamedTuple):
    """What stands in a field.

    crop: uint8 (H, W), its writing alone on white; all white where there is none.
    box: x, y, width, height of the field in pixels of the picture.
    corners: of the field in the picture, float (4, 2), clockwise from the form's upper left.
    """

    field: Field
    crop: Grey
    box: Box
    corners: NDArray[np.float64]


def cut_fields(form: Form, sheet: Sheet) -> list[Cut]:
    """The fields of a form, in the order of its TOML.

    Args:
        form: the empty form.
        sheet: a scan of it as `Aligner.align` gives it.
    """
    return [_cut(form, sheet, field) for field in form.fields]


@dataclass(frozen=True)
class _Window:
    """A field and what is around it, in pixels of about the scan's size.

    box: of what is seen, in pixels of the scaled form.
    scale: of the form, to that size.
    long: the scaled form's longer side.
    height: the scaled field's.
    """

    box: Box
    scale: float
    long: float
    height: float

    def seen(self, sheet: Sheet) -> Grey:
        """A sheet's pixels there, uint8, its paper white."""
        shrink = np.diag([1 / self.scale, 1 / self.scale, 1.0])
        scaled = Sheet(sheet.picture, sheet.to_picture @ shrink, self.box[2:])
        return flatten_light(scaled.cut(self.box))

    def within(self, box: Box, around: float = 0.0) -> Mask:
        """The pixels of a box of the form, and so many around it."""
        x, y = self.box[0] + around, self.box[1] + around
        left, top = (round(max(0.0, box[k] * self.scale - (x, y)[k])) for k in (0, 1))
        x, y = x - 2 * around, y - 2 * around
        right, low = (
            round(max(0.0, (box[k] + box[k + 2]) * self.scale - (x, y)[k])) for k in (0, 1)
        )
        mask: Mask = np.zeros((self.box[3], self.box[2]), np.uint8)
        mask[top:low, left:right] = 1
        return mask


def _cut(form: Form, sheet: Sheet, field: Field) -> Cut:
    window = _window(form, sheet, field)
    empty, scan = window.seen(whole_picture(form.picture)), window.seen(sheet)
    off = _off(empty, scan, round(_OFF * window.long) + 1)
    ink, print_ = _parted(scan, _moved(empty, off, PAPER), max(1, round(_SPREAD * window.long)))
    scan = np.where(print_ > 0, np.uint8(PAPER), scan)
    others = [other.box for other in form.fields if other is not field]
    place = _shifted(field.box, off, window.scale)
    ink = _strong(scan, _own(ink, window, place, others))
    return Cut(
        field, _crop(scan, ink, window.height), sheet.box_around(place), sheet.corners(place)
    )


def _window(form: Form, sheet: Sheet, field: Field) -> _Window:
    x, y, width, height = field.box
    scale = pixels_at(sheet.to_picture, x + width / 2, y + height / 2)
    scale = min(scale, _HIGH / height)
    more = _SEEN * height
    seen = x - more, y - more, width + 2 * more, height + 2 * more
    box = tuple(round(v * scale) for v in seen)
    return _Window(
        (box[0], box[1], box[2], box[3]), scale, max(form.picture.shape) * scale, height * scale
    )


def _off(empty: Grey, scan: Grey, most: int) -> tuple[int, int]:
    """How far, x and y in pixels, the print of a scan is from where it should be."""
    dark = [cv2.GaussianBlur(255 - one, (0, 0), 1.0) for one in (empty, scan)]
    patch = np.ascontiguousarray(dark[0][most:-most, most:-most])
    if patch.size == 0 or int(patch.max()) < 2 * _FAINT:
        return 0, 0
    found = cv2.matchTemplate(dark[1], patch, cv2.TM_CCOEFF_NORMED)
    y, x = np.unravel_index(int(found.argmax()), found.shape)
    if found[y, x] - found[most, most] < _GAIN:
        return 0, 0
    return int(x) - most, int(y) - most


def _moved(picture: Grey, off: tuple[int, int], border: int) -> Grey:
    move = np.array([[1.0, 0, off[0]], [0, 1, off[1]]])
    size = picture.shape[1], picture.shape[0]
    return np.asarray(cv2.warpAffine(picture, move, size, borderValue=border), np.uint8)


def _shifted(box: Box, off: tuple[int, int], scale: float) -> Box:
    return round(box[0] + off[0] / scale), round(box[1] + off[1] / scale), box[2], box[3]


def _parted(scan: Grey, empty: Grey, spread: int) -> tuple[Mask, Mask]:
    """The ink of a scan that is not the form's print; and the print, with its soft edges."""
    side = 2 * spread + 1
    ink, shade = ink_of(scan)
    printed, pale = ink_of(empty)
    level, upright = find_stripes(printed, pale)
    lines = [lines_in(pale, level), flipped(lines_in(flipped(pale), flipped(upright)))]
    zones = [dilated(line, side, side) for line in lines]
    others = dilated(printed & (1 - (lines[0] | lines[1])), side, side)
    there = zones[0] | zones[1] | others
    join = side + 2 + round(stroke_width(printed))
    kept = ink & (1 - there)
    kept |= closed(kept, join, join) & ink & there  # a letter that crosses print stays whole
    kept |= ink & there & _darker(scan, empty, printed | lines[0] | lines[1], side)
    kept |= _thicker(ink, zones[0]) & (1 - zones[1]) & (1 - others)
    kept |= flipped(_thicker(flipped(ink), flipped(zones[1]))) & (1 - zones[0]) & (1 - others)
    found = blots(kept)
    left = np.bincount(found.labels[(kept & there) > 0], minlength=len(found.area))
    kept = found.only(left < _CRUMB * found.area)
    return kept, dilated(there & shade, 3, 3) & (1 - kept)


def _thicker(ink: Mask, zone: Mask) -> Mask:
    """The ink where level lines run, in columns in which more stands than the line."""
    thick = stroke_width(ink & zone)
    return opened(ink, 1, round(_THICKER * thick) + 2) & zone


def _darker(scan: Grey, empty: Grey, printed: Mask, side: int) -> Mask:
    """Where a scan is darker than the form's print alone, as dark as that comes out in it."""
    most = [np.asarray(dilated(255 - one, side, side), np.float32) for one in (scan, empty)]
    at = printed > 0
    if not at.any():
        return printed
    gain = float(np.median(most[0][at] / np.maximum(most[1][at], 1)))
    return (255 - scan > gain * most[1] * _DARKER + _FAINT).astype(np.uint8)


def _own(ink: Mask, window: _Window, box: Box, others: list[Box]) -> Mask:
    """The ink that belongs to a field: blots mostly in it or only a little outside."""
    inside, near = window.within(box), window.within(box, _LEAVES * window.height)
    elsewhere = np.zeros(ink.shape, np.uint8)
    for other in others:
        elsewhere |= window.within(other)
    elsewhere &= 1 - inside
    found = blots(ink)

    def count(where: Mask) -> NDArray[np.int64]:
        return np.bincount(found.labels[(ink & where) > 0], minlength=len(found.area))

    here, there, close = count(inside), count(elsewhere), count(near)
    mine = (here > 0) & (here >= _OWN * (here + there))
    mine |= (here == 0) & (there == 0) & (close == found.area)  # an accent, a dot
    return found.only(mine) & near & (1 - elsewhere * (1 - dilated(inside, 3, 3)))


def _strong(scan: Grey, ink: Mask) -> Mask:
    """The ink without what is much paler than most of it: creases, a stamp's edge."""
    if not ink.any():
        return ink
    usual = float(np.percentile(255 - scan[ink > 0], _USUAL))
    core = ink & (255 - scan > _PALE * usual).astype(np.uint8)
    return ink & dilated(core, 5, 5)


def _crop(scan: Grey, ink: Mask, height: float) -> Grey:
    """The ink alone, as the model is used to see a line."""
    found = blots(ink)
    ink = found.only(found.area >= _FEW / 8 * height**2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if ink.sum() < _FEW * height**2 or len(rows) < _LOW * height:
        return padded(np.full((max(1, round(height)), 1), PAPER, np.uint8))
    own = ink.sum(axis=1).cumsum()
    low, high = np.searchsorted(own, (_EDGE * own[-1], (1 - _EDGE) * own[-1]))
    letter = float(high - low + 1) / (1 - 2 * _EDGE)
    top, left = int(rows[0]), int(columns[0])
    box = left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1
    alone = np.where(dilated(ink, 3, 3) > 0, scan, PAPER).astype(np.uint8)
    return padded(np.array(whole_picture(alone).cut(room_for(box, letter))))
