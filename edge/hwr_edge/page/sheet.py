"""A sheet of paper in an image: found in a photograph, turned upright, laid flat.

The image itself is never warped as a whole. A `Sheet` knows where each of its points lies in the
image; a small copy of it is laid flat to look for lines, and each line is cut from the image.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.ink import flatten_light, ink_of, letter_height, stroke_width
from hwr_edge.image.morphology import flat_indices
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask

Matrix = NDArray[np.float64]

LOOK = 1200
"""Pixels of the longer side of a small copy, at most, unless it is a strip: 105 dpi of an A4 page."""


@dataclass(frozen=True)
class SheetLook:
    """How a sheet is looked at and levelled; chosen by `make bench-pages`.

    long: times as long as wide; a longer sheet gets a longer copy than LOOK. longest: times LOOK, at most.
    letter: pixels that letters are high in the copy. least: part of LOOK, at least.
    common: of a part of the image, or of the sheet that is looked at there.
    sharp: times smaller than a copy; what is more is softened first, or thin strokes break.
    most_skew, least_skew: degrees that a sheet is turned by; less is left as it is.
    steps: degrees, coarse to fine, by every so many points. most_points: that skew is measured with.
    most_grown: times the pixels of a sheet that was turned; no page is so narrow.
    """

    long: float = 2.0
    longest: float = 24.0
    letter: float = 20.0
    least: float = 0.8
    common: float = 0.5
    sharp: float = 1.5
    most_skew: float = 10.0
    least_skew: float = 0.1
    steps: tuple[tuple[float, int], ...] = ((1.0, 4), (0.2, 1), (0.05, 1))
    most_points: int = 20_000
    most_grown: float = 3.0


LIMITS = SheetLook()


@dataclass(frozen=True)
class Sheet:
    """A flat sheet and where it lies in its image.

    image: uint8 (H, W), grey.
    to_image: float (3, 3), from points of the flat sheet to points of the image.
    size: width and height of the flat sheet, in pixels about as large as the image's.
    outline: float (N, 2), the corners of the paper in the image; what is beyond is none of the sheet.
    look: pixels of the longer side of its small copy: enough for its letters.
    copies: smaller ones of the image, made when needed and handed on, by how many times smaller.
    """

    image: Grey
    to_image: Matrix
    size: tuple[int, int]
    outline: NDArray[np.float64]
    look: int = LOOK
    copies: dict[int, Grey] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def small(self) -> tuple[Grey, float]:
        """The flat sheet, uint8, at most `look` long; and its size, as a part of the sheet's."""
        return self.shrunk(self.look)

    def shrunk(self, longest: int) -> tuple[Grey, float]:
        """The flat sheet, uint8, its longer side at most so long; and its size, as a part of the sheet's."""
        part = min(1.0, longest / max(self.size))
        width, height = (max(1, round(side * part)) for side in self.size)
        return self.at(width, height), part

    def at(self, width: int, height: int) -> Grey:
        """All of the flat sheet, uint8 (height, width), from a copy of the image about as large."""
        matrix = self.to_image @ scaling(self.size[0] / width, self.size[1] / height)
        rate = max(1.0, pixels_at(matrix, width / 2, height / 2))
        by = 1 << int(np.log2(rate))
        little = _copy(self.image, by, self.copies)
        if rate > LIMITS.sharp * by:
            little = np.asarray(cv2.blur(little, (2, 2), anchor=(0, 0)), np.uint8)
            matrix = _shift(-0.5 * by, -0.5 * by) @ matrix
        return _laid_flat(little, scaling(1 / by, 1 / by) @ matrix, (width, height))

    @cached_property
    def beyond(self) -> Mask:
        """Where `small` shows what is none of the sheet: in its corners, where that was turned."""
        width, height = self.size
        small = self.small[0]
        to_small = scaling(small.shape[1] / width, small.shape[0] / height)
        matrix = to_small @ np.linalg.inv(self.to_image)
        corners = cv2.perspectiveTransform(self.outline[None], matrix)[0]
        mask = np.ones(small.shape, np.uint8)
        cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), [0])
        return mask

    def cut(self, box: Box) -> Grey:
        """A part of the flat sheet, uint8 (height, width), from the image at its full size."""
        x, y, width, height = box
        return _laid_flat(self.image, self.to_image @ _shift(x, y), (width, height))

    def corners(self, box: Box) -> NDArray[np.float64]:
        """Where the corners of a box lie in the image, float (4, 2), clockwise."""
        points = _rectangle(box)[None]
        return np.asarray(cv2.perspectiveTransform(points, self.to_image)[0], np.float64)

    def box_around(self, box: Box) -> Box:
        """The upright box in the image that holds a box of the sheet."""
        corners = self.corners(box)
        height, width = self.image.shape
        x0, y0 = np.clip(np.floor(corners.min(0) + 1e-6), 0, (width - 1, height - 1)).astype(int)
        x1, y1 = np.clip(np.ceil(corners.max(0) - 1e-6), (x0 + 1, y0 + 1), (width, height)).astype(
            int
        )
        return int(x0), int(y0), int(x1 - x0), int(y1 - y0)

    def within(self, area: Box) -> Sheet | None:
        """The same sheet, of which only what lies in a part of the image counts; None where it has little of that."""
        known = np.asarray(self.outline, np.float32)
        common, outline = cv2.intersectConvexConvex(known, _rectangle(area).astype(np.float32))
        # The part may be larger than the sheet.
        least = min(area[2] * area[3], cv2.contourArea(known))
        if outline is None or common < LIMITS.common * least:
            return None
        return replace(self, outline=outline.reshape(-1, 2).astype(np.float64))

    def rotated(self, degrees: float) -> Sheet:
        """The sheet turned clockwise about its middle; nothing of it is cut off."""
        width, height = self.size
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        wide = round(width * abs(cos) + height * abs(sin))
        tall = round(width * abs(sin) + height * abs(cos))
        turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        back = _shift(width / 2, height / 2) @ turn @ _shift(-wide / 2, -tall / 2)
        return replace(self, to_image=self.to_image @ back, size=(wide, tall))

    def turned(self, degrees: int) -> Sheet:
        """The sheet turned clockwise by 90, 180 or 270 degrees; its image stays."""
        width, height = self.size
        turn = {
            90: (np.array([[0, 1, 0], [-1, 0, height], [0, 0, 1]]), (height, width)),
            180: (np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]]), (width, height)),
            270: (np.array([[0, -1, width], [1, 0, 0], [0, 0, 1]]), (height, width)),
        }
        back, size = turn[degrees]
        return replace(self, to_image=self.to_image @ back.astype(np.float64), size=size)


def whole_image(grey: Grey) -> Sheet:
    """The image itself as the sheet."""
    return part_of_image(grey, (0, 0, grey.shape[1], grey.shape[0]))


def part_of_image(grey: Grey, area: Box) -> Sheet:
    """A part of the image as the sheet."""
    x, y, width, height = area
    return Sheet(grey, _shift(x, y), (width, height), _rectangle(area))


def _rectangle(area: Box) -> NDArray[np.float64]:
    """Its corners, float (4, 2), clockwise."""
    x, y, w, h = area
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def level(sheet: Sheet) -> Sheet:
    """The sheet turned by the few degrees that its writing and rules are askew, seen as its letters need."""
    longest = LOOK * min(max(1.0, max(sheet.size) / min(sheet.size) / LIMITS.long), LIMITS.longest)
    half, _ = sheet.shrunk(round(longest / 2))
    ink = ink_of(flatten_light(half))[0]
    angle, letter = skew_of(ink), letter_height(ink, stroke_width(ink)) / max(half.shape) * longest
    look = round(longest * min(1.0, max(LIMITS.least, LIMITS.letter / max(letter, 1.0))))
    sheet = replace(sheet, look=look)
    if abs(angle) < LIMITS.least_skew:
        return sheet
    straight = sheet.rotated(angle)
    return straight if _pixels(straight) < LIMITS.most_grown * _pixels(sheet) else sheet


def _pixels(sheet: Sheet) -> int:
    return sheet.size[0] * sheet.size[1]


def skew_of(ink: Mask) -> float:
    """Degrees, counter-clockwise, by which writing climbs: that where its rows part most sharply.

    The sum of squares of the ink in each row, after a shear, is largest where lines are level
    (Postl, 1986).
    """
    at = flat_indices(ink)
    if len(at) < 2:
        return 0.0
    rows, columns = np.divmod(at[:: max(1, len(at) // LIMITS.most_points)], ink.shape[1])
    y, x = rows.astype(np.float32), columns.astype(np.float32)
    x -= ink.shape[1] / 2

    def sharpness(angle: float, every: int) -> float:
        tilt = np.float32(np.tan(np.radians(angle)))
        level_row = (y[::every] + x[::every] * tilt).astype(np.int32)
        counts = np.bincount(level_row - level_row.min())
        return float((counts.astype(np.float64) ** 2).sum())

    best, reach = 0.0, LIMITS.most_skew
    for step_size, every in LIMITS.steps:
        angles = np.arange(best - reach, best + reach + step_size / 2, step_size)
        best = float(angles[np.argmax([sharpness(angle, every) for angle in angles])])
        reach = step_size
    return best


def _laid_flat(image: Grey, to_image: Matrix, size: tuple[int, int]) -> Grey:
    """Pixels of the flat sheet; paper where the image ends. A plain cut stays as it is, pixel by pixel."""
    x, y = to_image[:2, 2]
    plain = np.abs(to_image - _shift(x, y)).max() < 1e-9 and x == round(x) and y == round(y)
    inside = 0 <= x <= image.shape[1] - size[0] and 0 <= y <= image.shape[0] - size[1]
    if plain and inside:
        return image[int(y) : int(y) + size[1], int(x) : int(x) + size[0]]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if np.array_equal(to_image[2], (0, 0, 1)):
        affine = np.ascontiguousarray(to_image[:2])
        flat = cv2.warpAffine(image, affine, size, flags=how, borderValue=PAPER)
    else:
        flat = cv2.warpPerspective(image, to_image, size, flags=how, borderValue=PAPER)
    return np.asarray(flat, np.uint8)


def _copy(image: Grey, by: int, copies: dict[int, Grey]) -> Grey:
    """The image so many times smaller, a power of two: each pixel the mean of those it stands for."""
    if by == 1:
        return image
    if by not in copies:
        larger = _copy(image, by // 2, copies)
        size = max(1, larger.shape[1] // 2), max(1, larger.shape[0] // 2)
        even = larger[: size[1] * 2, : size[0] * 2]
        copies[by] = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)
    return copies[by]


def scaling(x: float, y: float) -> Matrix:
    """To pixels so many times as large in each direction, from the middle of each to that of another."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)


def pixels_at(matrix: Matrix, x: float, y: float) -> float:
    """How many pixels beyond a homography one at (x, y) is long."""
    u, v, w = matrix @ (x, y, 1.0)
    rate = (matrix[:2, :2] - np.outer((u / w, v / w), matrix[2, :2])) / w
    return float(np.sqrt(abs(np.linalg.det(rate))))


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)
