"""A scan laid on the empty form, by features of the print that both have; another form is refused.

Features are SIFT's (Lowe 2004), matched by the ratio of the nearest to the next; the homography is
that of MAGSAC++ (Barath et al. 2020), as OpenCV has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError, ImageError, NotTheForm
from hwr_edge.form.form_print import LOOK, Difference, FormPrint
from hwr_edge.form.propose import propose_fields
from hwr_edge.form.template import Form
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.morphology import dilated
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask
from hwr_edge.page.find_sheets import sheet_on_table
from hwr_edge.page.sheet import Matrix, Sheet, scaling, whole_image


@dataclass(frozen=True)
class _Limits:
    """When a scan shows the form. `make bench-forms` measures them.

    features: of an image, at most.
    fine: pixels of the longer side: enough to see them.
    near: pixels of a square around a word, in which its features are.
    fewest: features that agree: fewer may do so by chance.
    ratio: of the next feature's distance: a match is nearer.
    off: pixels that features may be off: paper is not quite flat.
    least_area: of the image, that the form covers, at least.
    most_area: likewise, at most.
    room: of the form's area beside it: there may be another one.
    stretched: times as wide as the form, or as high: its dots are not square.
    named: parts of the page that a refusal names.
    bent: times as long as the opposite side: no camera sees a sheet so.
    rounds: that a scan is laid on the form by its words, at most; still: pixels of the small form: no more is needed.
    """

    features: int = 2000
    fine: int = 800
    near: int = 9
    fewest: int = 12
    ratio: float = 0.8
    off: float = 4.0
    least_area: float = 0.04
    most_area: float = 4.0
    room: float = 0.8
    stretched: float = 1.3
    named: int = 3
    bent: float = 2.5
    rounds: int = 2
    still: float = 3.0


_LIMITS = _Limits()


class Aligner:
    """Knows an empty form's print, and finds it in scans."""

    def __init__(self, form: Form) -> None:
        """Take the features of the form's image.

        Raises:
            DataError: there is too little print on it to know it by.
        """
        self.form = form
        small, part = whole_image(form.image).shrunk(LOOK)
        self._shape = small.shape
        written = [field.box for field in form.fields] + propose_fields(form.image)
        self._part = part
        self.print = FormPrint(small, [_scaled(box, part) for box in written])
        self._points, self._marks = self._telling(*_features(flatten_light(small)))
        if len(self._points) < 4 * _LIMITS.fewest:
            raise DataError(
                f"{form.path}: its image has too little print to recognize the "
                "form; use a form with more printed text"
            )

    def align(self, grey: Grey, name: str = "the image") -> Sheet:
        """The form in a scan or a photograph of it, however it is turned.

        Args:
            grey: uint8 (H, W).
            name: what an error calls it.

        Returns:
            A sheet in the pixels of the form's image: a field's box cuts the field.

        Raises:
            NotTheForm: it is another form, or none.
            ImageError: it is there twice.
        """
        found = self._found(grey)
        if not isinstance(found, Sheet):
            raise NotTheForm(f"{name}: {self._told(found)}", found.share if found else 0.0)
        corners = found.corners((0, 0, *found.size))
        area = cv2.contourArea(corners.astype(np.float32))
        if grey.size > (1 + _LIMITS.room) * area:
            rest = grey.copy()
            cv2.fillConvexPoly(rest, np.rint(corners).astype(np.int32), PAPER)
            if isinstance(self._found(rest), Sheet):
                raise ImageError(f"{name}: shows more than one form; scan each form alone")
        return found

    def _found(self, grey: Grey) -> Sheet | Difference | None:
        """The form, or how the page that is most like it differs, or None where none is like it."""
        nearest: Difference | None = None
        for aligned, scan in self.laid(grey):
            difference = self.print.difference(scan, self.beyond(aligned))
            if difference is None:
                return aligned
            if nearest is None or difference.share > nearest.share:
                nearest = difference
        return nearest

    def laid(self, grey: Grey) -> Iterator[tuple[Sheet, Grey]]:
        """What may be the form in an image, laid on it; and that as small as the form's print, paper white."""
        for sheet in self._candidates(grey):
            if first := self._aligned(sheet):
                yield self._laid_on(first)

    def _laid_on(self, first: Sheet) -> tuple[Sheet, Grey]:
        """The form where its words are, by that where its features are; and it as small as the form, paper white."""
        size = self._shape[::-1]
        down = scaling(size[0] / first.size[0], size[1] / first.size[1])
        aligned, scan = first, flatten_light(first.at(*size))
        for _ in range(_LIMITS.rounds):
            move = self.print.move(scan)
            if move is None or not _is_plausible_homography(move, self._shape, self._shape):
                break
            to_image = aligned.to_image @ np.linalg.inv(down) @ move @ down
            aligned = replace(aligned, to_image=to_image)
            scan = flatten_light(aligned.at(*size))
            if np.abs(_corners_moved(move, size)).max() < _LIMITS.still:
                break
        return aligned, scan

    def beyond(self, aligned: Sheet) -> Mask:
        """Where a scan shows nothing of the small form, uint8 (H, W)."""
        (height, width), (wide, tall) = self._shape, aligned.size
        tall_image, wide_image = aligned.image.shape
        corners = np.array([[[0, 0], [wide_image, 0], [wide_image, tall_image], [0, tall_image]]])
        to_small = scaling(width / wide, height / tall) @ np.linalg.inv(aligned.to_image)
        there = cv2.perspectiveTransform(corners.astype(np.float64), to_small)[0]
        mask: Mask = np.ones((height, width), np.uint8)
        cv2.fillConvexPoly(mask, np.rint(there).astype(np.int32), [0])
        return mask

    def _candidates(self, grey: Grey) -> Iterator[Sheet]:
        """What may be the form: the sheet on a table, the whole image, and that at the form's proportions."""
        sheet = sheet_on_table(grey)
        yield sheet
        whole = whole_image(grey)
        if sheet.size != whole.size:
            yield whole
        (tall, wide), (height, width) = grey.shape, self.form.image.shape
        stretch = (wide / tall) / (width / height)
        # a fax has fewer rows than columns to the inch
        if max(stretch, 1 / stretch) > _LIMITS.stretched:
            size = wide, round(tall * stretch)
            yield replace(whole, to_image=scaling(1, tall / size[1]), size=size)

    def _telling(
        self, points: NDArray[np.float32], marks: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The features at the form's words: those of cells are alike, and many. All of them where words have few."""
        words: Mask = np.zeros(self._shape, np.uint8)
        for word in self.print.words.words:
            x, y, width, height = word.box
            words[y : y + height, x : x + width] = 1
        near = dilated(words, _LIMITS.near, _LIMITS.near)
        kept = near[tuple(np.rint(points).astype(int).T[::-1])] > 0
        return (points[kept], marks[kept]) if kept.sum() >= 4 * _LIMITS.fewest else (points, marks)

    def _told(self, difference: Difference | None) -> str:
        """Why a page is not the form, and what to do."""
        why = f"does not look like the form {self.form.path.name}"
        if difference is None or f"{difference.share:.0%}" == "0%":
            return f"{why}: none of its print is found; scan the whole page in grey, sharp, or take its own template"
        parts = Counter(self._where(box) for box in difference.places).most_common(_LIMITS.named)
        where = f"; other print, or none, stands {', '.join(part for part, _ in parts)}"
        return (
            f"{why}: {difference.share:.0%} of its words are there{where if parts else ''}; compare it with the "
            "form's image, and make a template of this form with form new, or scan the whole page in grey, sharp"
        )

    def _where(self, place: Box) -> str:
        """Which part of the page a place of the small form is in, and the field that is nearest to it."""
        (height, width), (x, y, wide, high) = self._shape, place
        down, across = (y + high / 2) / height, (x + wide / 2) / width
        row = ("at the top", "in the middle", "at the bottom")[int(np.clip(3 * down, 0, 2))]
        column = (" on the left", "", " on the right")[int(np.clip(3 * across, 0, 2))]
        return f"{row}{column} (near {self._nearest(place)!r})"

    def _nearest(self, place: Box) -> str:
        """The name of the field that is nearest to a place of the small form."""
        x, y = place[0] + place[2] / 2, place[1] + place[3] / 2

        def away(box: Box) -> float:
            left, top, width, height = (v * self._part for v in box)
            across = max(left - x, x - left - width, 0)
            return float(np.hypot(across, max(top - y, y - top - height, 0)))

        return min(self.form.fields, key=lambda field: away(field.box)).name

    def _aligned(self, sheet: Sheet) -> Sheet | None:
        """The form on a sheet that may be it; None where too few features agree."""
        small, part = sheet.small
        points, marks = _features(flatten_light(small))
        mine, theirs = _matched(self._marks, marks)
        matrix = _homography(self._points[mine], points[theirs])
        shape = self._shape
        if matrix is None or not _is_plausible_homography(matrix, shape, small.shape):
            return None
        height, width = self.form.image.shape
        down, up = scaling(shape[1] / width, shape[0] / height), scaling(1 / part, 1 / part)
        to_image = sheet.to_image @ up @ matrix @ down
        return replace(sheet, to_image=to_image, size=(width, height))


def _corners_moved(move: Matrix, size: tuple[int, ...]) -> NDArray[np.float64]:
    """How far a move takes the corners of an image of that width and height, float (4, 2)."""
    corners = np.array([[[0, 0], [size[0], 0], size, [0, size[1]]]], np.float64)
    return np.asarray((cv2.perspectiveTransform(corners, move) - corners)[0], np.float64)


def _scaled(box: Box, part: float) -> Box:
    x, y, width, height = (round(v * part) for v in box)
    return x, y, width, height


def with_smaller_image(sheet: Sheet, part: float) -> Sheet:
    """The same sheet in a smaller copy of its image."""
    tall, wide = sheet.image.shape
    size = max(1, round(wide * part)), max(1, round(tall * part))
    little = cv2.resize(sheet.image, size, interpolation=cv2.INTER_AREA)
    matrix = scaling(size[0] / wide, size[1] / tall) @ sheet.to_image
    return replace(sheet, image=np.asarray(little, np.uint8), to_image=matrix, copies={})


def _features(flat: Grey) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Points, float32 (N, 2), and what they look like, float32 (N, 128)."""
    part = min(1.0, _LIMITS.fine / max(flat.shape))
    size = max(1, round(flat.shape[1] * part)), max(1, round(flat.shape[0] * part))
    little = cv2.resize(flat, size, interpolation=cv2.INTER_AREA)
    points, marks = cv2.SIFT_create(nfeatures=_LIMITS.features).detectAndCompute(little, None)  # type: ignore[attr-defined]
    if marks is None:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
    at = (np.array([point.pt for point in points]) + 0.5) / part - 0.5
    return at.astype(np.float32), np.asarray(marks, np.float32)


def _matched(
    one: NDArray[np.float32], other: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of features that are each other's."""
    if len(one) < 2 or len(other) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    unit = [np.sqrt(m / np.maximum(m.sum(1, keepdims=True), 1e-9)) for m in (one, other)]
    near = unit[0] @ unit[1].T  # RootSIFT (Arandjelovic and Zisserman 2012)
    best = near.argmax(1)
    rows = np.arange(len(one))
    first = near[rows, best]
    near[rows, best] = -1
    second = near.max(1)
    clear = 2 - 2 * first < _LIMITS.ratio**2 * (2 - 2 * second)
    return rows[clear], best[clear]


def _homography(one: NDArray[np.float32], other: NDArray[np.float32]) -> Matrix | None:
    """The move of most points to others, float (3, 3); None where too few agree on any."""
    if len(one) < _LIMITS.fewest:
        return None
    method, tries, sure = cv2.USAC_MAGSAC, 5000, 0.9999
    found, agree = cv2.findHomography(
        one, other, method, _LIMITS.off, maxIters=tries, confidence=sure
    )
    if found is None or agree.sum() < _LIMITS.fewest:
        return None
    return np.asarray(found, np.float64)


def _is_plausible_homography(matrix: Matrix, shape: tuple[int, ...], scan: tuple[int, ...]) -> bool:
    """Whether a camera may see a sheet so: not mirrored, not folded, not mostly out of the image."""
    height, width = shape
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    if (np.c_[corners[0], np.ones(4)] @ matrix[2] <= 0).any():
        return False
    quad = cv2.perspectiveTransform(corners, matrix)[0]
    sides = np.hypot(*(quad - np.roll(quad, -1, axis=0)).T)
    area = cv2.contourArea(quad.astype(np.float32), oriented=True) / (scan[0] * scan[1])
    bent = max(sides[0] / sides[2], sides[2] / sides[0], sides[1] / sides[3], sides[3] / sides[1])
    convex = cv2.isContourConvex(quad.astype(np.float32))
    return bool(convex and _LIMITS.least_area < area < _LIMITS.most_area and bent < _LIMITS.bent)
