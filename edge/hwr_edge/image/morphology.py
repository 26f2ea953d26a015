"""Black-and-white images: OpenCV's morphology and components, with types."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Mask

"""uint8 (H, W), 0 or 1."""
_Number = TypeVar("_Number", np.uint8, np.int32)


class Components(NamedTuple):
    """Connected parts of a mask; part 0 is what is not in it.

    labels: int32 (H, W), the part of each pixel.
    left, top, width, height, area: int32 (parts,), pixels.
    """

    labels: NDArray[np.int32]
    left: NDArray[np.int32]
    top: NDArray[np.int32]
    width: NDArray[np.int32]
    height: NDArray[np.int32]
    area: NDArray[np.int32]

    @property
    def mask(self) -> Mask:
        """All parts."""
        return (self.labels > 0).view(np.uint8)

    def kept(self, kept: NDArray[np.bool_]) -> Components:
        """Those parts alone, bool (parts,), numbered anew."""
        kept = kept & (np.arange(len(self.area)) > 0)
        numbers = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
        kept[0] = True
        return Components(self._given(numbers), *(values[kept] for values in self[1:]))

    def only(self, kept: NDArray[np.bool_]) -> Mask:
        """The mask of those parts alone, bool (parts,)."""
        chosen = kept.astype(np.uint8)
        chosen[0] = 0
        return self._given(chosen)

    def _given(self, values: NDArray[_Number]) -> NDArray[_Number]:
        """Each part's value on its pixels, 0 elsewhere: parts cover little of a page, and the rest is left alone."""
        at = places(self.mask)
        given = np.zeros(self.labels.shape, values.dtype)
        given.ravel()[at] = values.take(self.labels.ravel()[at])
        return given


def connected_components(mask: Mask, connectivity: int = 8) -> Components:
    """The connected parts of a mask."""
    # Of OpenCV's ways the fastest for 8 neighbours (Grana, Borghesani and Cucchiara, 2010).
    way = cv2.CCL_GRANA if connectivity == 8 else cv2.CCL_DEFAULT
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        np.ascontiguousarray(mask), connectivity, cv2.CV_32S, way
    )
    return Components(np.asarray(labels, np.int32), *np.asarray(stats, np.int32).T)


def places(mask: Mask) -> NDArray[np.intp]:
    """Where a mask is, as flat indices, row by row."""
    return np.flatnonzero(np.ascontiguousarray(mask).view(np.bool_))


def dilated(mask: Mask, width: int, height: int) -> Mask:
    """Each pixel spread to so many."""
    return np.asarray(cv2.dilate(mask, np.ones((height, width), np.uint8)), np.uint8)


def closed(mask: Mask, width: int, height: int) -> Mask:
    """Gaps shorter than that filled."""
    kernel = np.ones((height, width), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel), np.uint8)


def opened(mask: Mask, width: int, height: int) -> Mask:
    """What is at least so wide and high; nothing goes on beyond the image's edge."""
    kernel = np.ones((height, width), np.uint8)
    out = cv2.morphologyEx(
        mask, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(out, np.uint8)


def shrunk(mask: Mask, size: tuple[int, int]) -> NDArray[np.float32]:
    """How much of each pixel of a smaller copy, (width, height), is in the mask: float32, 0 to 1."""
    small = cv2.resize(mask * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / np.float32(255)


def flipped(mask: Mask) -> Mask:
    """Rows for columns."""
    return np.asarray(cv2.transpose(mask), np.uint8)
