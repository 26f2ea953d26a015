"""Whatever a program has as an image, opened: a path, bytes, a file object, a Pillow image, pixels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ImageError
from hwr_edge.image.decode import read_stream, to_grey
from hwr_edge.image.document import Document
from hwr_edge.image.pixels import Grey

if TYPE_CHECKING:
    from PIL.Image import Image

    Anything: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image | NDArray[Any]
    )
    """What `opened` takes."""

_UNNAMED = "the image"


class Opened(Protocol):
    """An image or a file of many pages, ready to be decoded.

    image: its path as it was given; of what has none, a word for it.
    pages: how many it has.
    """

    image: str
    pages: int

    @property
    def crc32(self) -> str | None:
        """Of its file; None of what is in memory."""

    def grey(self, page: int | None = None) -> Grey:
        """A page's pixels, uint8 (H, W), upright.

        Raises:
            ImageError: it cannot be decoded, or is not there.
        """


class _Pixels:
    """One image in memory."""

    pages, crc32 = 1, None

    def __init__(self, grey: Grey, image: str) -> None:
        self._grey, self.image = grey, image

    def grey(self, page: int | None = None) -> Grey:
        if page not in (None, 1):
            raise ImageError(f"{self.image}: has no page {page}; its last page is 1")
        return self._grey


@contextmanager
def opened(image: Anything, rgb: bool = False) -> Iterator[Opened]:
    """Open an image, and close it afterwards.

    Args:
        image: a path; the bytes of an image file, or a binary file object with them; a Pillow image;
            pixels, uint8 or uint16, (H, W) grey, (H, W, 3) BGR or (H, W, 4) BGRA.
        rgb: the pixels' colours are RGB or RGBA, as most libraries but OpenCV have them.

    Raises:
        ImageError: it is none that can be read.
        TypeError: it is none of these.
    """
    if isinstance(image, np.ndarray):
        yield _Pixels(np.ascontiguousarray(to_grey(_bgr(image) if rgb else image)), _UNNAMED)
    elif _is_pillow(image):
        yield _Pixels(_of_pillow(image), str(getattr(image, "filename", "") or _UNNAMED))
    else:
        document = _document(image)
        try:
            yield document
        finally:
            document.close()


def _document(image: Any) -> Document:
    if isinstance(image, (str, os.PathLike)):
        return Document(os.fspath(image), stdin=False)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return Document(_UNNAMED, bytes(image))
    if hasattr(image, "read"):
        named = getattr(image, "name", None)
        name = named if isinstance(named, str) else _UNNAMED
        return Document(name, read_stream(image, name))
    raise TypeError(
        "an image is a path, bytes, a binary file object, a Pillow image or an array, "
        f"not {type(image).__name__}"
    )


def _bgr(pixels: NDArray[Any]) -> NDArray[Any]:
    if pixels.ndim != 3 or pixels.shape[2] < 3:
        return pixels
    return np.ascontiguousarray(pixels[:, :, [2, 1, 0, *range(3, pixels.shape[2])]])


def _is_pillow(image: Any) -> bool:
    """Whether it is a Pillow image; without Pillow, which such a program has loaded."""
    kinds = type(image).__mro__
    return any((kind.__module__, kind.__name__) == ("PIL.Image", "Image") for kind in kinds)


def _of_pillow(image: Any) -> Grey:
    """Grey of a Pillow image, upright by its EXIF orientation."""
    from hwr_edge.image.pillow import to_pixels

    return np.ascontiguousarray(to_grey(to_pixels(image)))
