"""A frame, and what gives frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import CameraError
from hwr_edge.image.decode import to_grey
from hwr_edge.image.pixels import Grey

_VIEW_WIDTH = 320  # pixels: a hand, a sheet and a line of writing still show


class Area(NamedTuple):
    """A part of a frame, in its pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Frame:
    """One image of a moving scene.

    time: seconds; of a camera by the machine's monotonic clock, of a recording from its beginning.
    pixels: uint8, (H, W) grey or (H, W, 3) BGR, full resolution.
    small: the same in little, uint8 (h, w) grey, where the camera makes that itself.
    """

    time: float
    pixels: NDArray[np.uint8]
    small: Grey | None = None

    def grey(self, area: Area | None = None) -> Grey:
        """Full resolution, uint8 (H, W), of the whole frame or of a part."""
        return np.ascontiguousarray(to_grey(self._part(self.pixels, area)))

    def view(self, area: Area | None = None) -> Grey:
        """In little, uint8 (h, w), about 320 wide: what watching looks at, cheap to make."""
        part = self._part(self.pixels if self.small is None else self.small, area)
        shrink = max(1, round(part.shape[1] / _VIEW_WIDTH))
        size = max(1, part.shape[1] // shrink), max(1, part.shape[0] // shrink)
        # Shrunk first, and of a few pixels each: more would cost more than all the rest of watching.
        return to_grey(np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8))

    def _part(self, pixels: NDArray[np.uint8], area: Area | None) -> NDArray[np.uint8]:
        height, width = self.pixels.shape[:2]
        if area is None:
            return pixels
        if area.x + area.width > width or area.y + area.height > height:
            asked = ",".join(map(str, area))
            raise CameraError(f"--roi {asked} lies outside the frame of {width}x{height} pixels")
        across, down = pixels.shape[1] / width, pixels.shape[0] / height
        left, right = round(area.x * across), round((area.x + area.width) * across)
        top, bottom = round(area.y * down), round((area.y + area.height) * down)
        return pixels[top : max(bottom, top + 1), left : max(right, left + 1)]


class Source(Protocol):
    """Gives frames; a context manager that opens and closes what they come from.

    live: whether frames come as they happen, and some may be left out.
    """

    live: bool

    def __enter__(self) -> Source: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def __iter__(self) -> Iterator[Frame | None]:
        """Frames, and None a few times a second while none comes; ends with a recording.

        Raises:
            CameraError: no frame can be had any more.
        """
