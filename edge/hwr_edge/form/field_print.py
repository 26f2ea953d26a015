"""The form's own print in and around a field, known from the empty form, told from what is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from hwr_edge.form.template import Field, Form
from hwr_edge.image.ink import flatten_light, grain_of, ink_of, stroke_width
from hwr_edge.image.morphology import closed, connected_components, dilated, opened, transposed
from hwr_edge.image.pixels import Box, Grey, Mask
from hwr_edge.image.ruled_lines import find_ruled_line_bands, ruled_line_pixels
from hwr_edge.page.sheet import Sheet, scaling, whole_image


@dataclass(frozen=True)
class _Limits:
    """When a field's ink is the form's own print. `make bench-forms` measures them.

    high: pixels that a field is high: letters are read at less than half of it.
    larger: times as large as in the form's image, at most.
    seen: of a field's height, around it: to see whose a component is.
    off: of the form's longer side: paper is not flat, a field may be off by so much.
    gain: of the correlation, from which a field is taken to be off.
    spread: of the form's longer side: printed ink may be off by so much.
    thicker: times as thick as a printed line, and two pixels: writing is on it.
    darker: times as dark as print: writing is on it.
    faint: grey levels: fainter is hardly seen.
    remnant: of a component, where print was: it is what is left of it, unless it is bulky.
    bulky: times as wide and as high as printed ink is widened, since it may be off: a letter.
    """

    high: float = 96.0
    larger: float = 2.5
    seen: float = 0.6
    off: float = 0.004
    gain: float = 0.03
    spread: float = 0.0009
    thicker: float = 1.2
    darker: float = 1.1
    faint: int = 20
    remnant: float = 0.7
    bulky: float = 2.0


_LIMITS = _Limits()


@dataclass(frozen=True)
class Window:
    """A field and what is around it.

    box: what is seen, in pixels of the scaled form.
    scale: of the form, to those.
    height: of the field, in those.
    """

    box: Box
    scale: float
    height: float

    def seen(self, sheet: Sheet, off: tuple[int, int] = (0, 0)) -> Grey:
        """A sheet's pixels there, or so many away, uint8, its paper white."""
        scale = scaling(1 / self.scale, 1 / self.scale)
        scaled = replace(sheet, to_image=sheet.to_image @ scale, size=self.box[2:])
        x, y, width, height = self.box
        return flatten_light(scaled.cut((x + off[0], y + off[1], width, height)))

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


def window_of(field: Field) -> Window:
    """What is looked at to cut a field."""
    x, y, width, height = field.box
    scale, more = min(_LIMITS.high / height, _LIMITS.larger), _LIMITS.seen * height
    left, top = round((x - more) * scale), round((y - more) * scale)
    size = round((width + 2 * more) * scale) + 1, round((height + 2 * more) * scale) + 1
    return Window((left, top, *size), scale, height * scale)


class FieldPrint:
    """What is printed in a window of the empty form: level lines, upright ones, and others."""

    def __init__(self, form: Form, window: Window) -> None:
        """Look at the form's image."""
        long = max(form.image.shape) * window.scale
        side = 2 * max(1, round(_LIMITS.spread * long)) + 1
        self._most = round(_LIMITS.off * long) + 1
        empty = window.seen(whole_image(form.image))
        printed, pale = ink_of(empty, grain_of(empty))
        along, across = find_ruled_line_bands(printed, pale)
        level, upright = (
            ruled_line_pixels(pale, along),
            transposed(ruled_line_pixels(transposed(pale), across)),
        )
        self._lines = dilated(level, side, side), dilated(upright, side, side)
        self._others = dilated(printed & (1 - (level | upright)), side, side)
        self._all = self._lines[0] | self._lines[1] | self._others
        self._join = side + 2 + round(stroke_width(printed))
        self._ink, self._side = printed | level | upright, side
        self._dark = np.asarray(dilated(255 - empty, side, side), np.float32)
        self._blurred = cv2.GaussianBlur(255 - empty, (0, 0), 1.0)

    def off(self, scan: Grey) -> tuple[int, int]:
        """How far, x and y in pixels, the print of a scan is from where it should be."""
        most = self._most
        patch = np.ascontiguousarray(self._blurred[most:-most, most:-most])
        if patch.size == 0 or int(patch.max()) < 2 * _LIMITS.faint:
            return 0, 0
        dark = cv2.GaussianBlur(255 - scan, (0, 0), 1.0)
        found = cv2.matchTemplate(dark, patch, cv2.TM_CCOEFF_NORMED)
        y, x = np.unravel_index(int(found.argmax()), found.shape)
        if found[y, x] - found[most, most] < _LIMITS.gain:
            return 0, 0
        return int(x) - most, int(y) - most

    def parted(self, scan: Grey) -> tuple[Mask, Mask]:
        """The ink of a scan that is not print; and the print, with its soft edges."""
        ink, shade = ink_of(scan, grain_of(scan, self._all))
        (level, upright), others, there = self._lines, self._others, self._all
        kept = ink & (1 - there)
        kept |= closed(kept, self._join, self._join) & ink & there  # a letter across print is whole
        kept |= ink & there & self._darker(scan)
        kept |= _thicker(ink, level) & (1 - upright) & (1 - others)
        kept |= (
            transposed(_thicker(transposed(ink), transposed(upright))) & (1 - level) & (1 - others)
        )
        found = connected_components(kept)
        left = np.bincount(found.labels[(kept & there) > 0], minlength=len(found.area))
        bulky = np.minimum(found.width, found.height) > _LIMITS.bulky * self._side
        kept = found.mask_of((left < _LIMITS.remnant * found.area) | bulky)
        return kept, dilated(there & shade, 3, 3) & (1 - kept)

    def feet(self, scan: Grey, kept: Mask) -> Mask:
        """The printed line below each letter that reaches it, as far as the letter goes: its foot may lie in it."""
        level, feet = self._lines[0], np.zeros(kept.shape, np.uint8)
        line = ink_of(scan, grain_of(scan, self._all))[0] & level
        found = connected_components(kept)
        for k in np.unique(found.labels[(kept & level) > 0]):
            x, y, width, height = (int(v[k]) for v in found[1:5])
            below = np.s_[y + height // 2 : y + height + self._side, x : x + width]
            feet[below] |= line[below]
        return feet & (1 - kept)

    def _darker(self, scan: Grey) -> Mask:
        """Where a scan is darker than the print alone, as dark as that comes out in it."""
        at = self._ink > 0
        if not at.any():
            return self._ink
        dark = dilated(255 - scan, self._side, self._side)
        gain = float(np.median(dark[at] / np.maximum(self._dark[at], 1)))
        return (255 - scan > gain * self._dark * _LIMITS.darker + _LIMITS.faint).astype(np.uint8)


def _thicker(ink: Mask, zone: Mask) -> Mask:
    """The ink where level lines run, in columns in which more stands than the line."""
    thick = stroke_width(ink & zone)
    return opened(ink, 1, round(_LIMITS.thicker * thick) + 2) & zone
