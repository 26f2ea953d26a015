"""Pillow's images as pixels, and the files that Pillow reads; nothing else here loads it.

A program that has one of its images has Pillow; for files it is the extra `images`.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ImageError
from hwr_edge.image.decode import check_size
from hwr_edge.native import quiet_in_command

_CLEAR = ("LA", "La", "PA", "RGBA", "RGBa")


def to_pixels(image: Any) -> NDArray[Any]:
    """Pixels of a Pillow image as OpenCV has them, upright by its EXIF orientation.

    Args:
        image: a `PIL.Image.Image` of any mode.

    Returns:
        uint8 or uint16 (H, W) grey, uint8 (H, W, 3) BGR or (H, W, 4) BGRA.

    Raises:
        ImageError: its file is damaged or cut short.
    """
    try:
        with quiet_in_command():
            return _pixels(image)
    except MemoryError:
        raise
    except Exception as error:  # of Pillow's many decoders, any
        raise ImageError(f"the Pillow image cannot be read ({error})") from error


def _pixels(image: Any) -> NDArray[Any]:
    from PIL import ImageOps

    image.load()
    upright = ImageOps.exif_transpose(image)
    clear = upright.mode in _CLEAR or upright.info.get("transparency") is not None
    if upright.mode.startswith("I;16"):
        return np.asarray(upright).astype(np.uint16)
    if upright.mode in ("1", "L") and not clear:
        return np.asarray(upright.convert("L"))
    colours = np.asarray(upright.convert("RGBA" if clear else "RGB"))
    return np.ascontiguousarray(colours[:, :, [2, 1, 0, *range(3, colours.shape[2])]])


def decode(data: bytes, kind: str, name: str) -> NDArray[Any]:
    """Pixels of a file, the first image of several, as `to_pixels` gives them.

    Args:
        data: the file.
        kind: what `kind_of` says of it, one of `PILLOWS`.
        name: what errors call it.

    Raises:
        ImageError: Pillow is not installed, or has no decoder for it; the image is damaged, cut short, or
            declares too many pixels: that is seen before it is decoded.
    """
    opened = _opened(data, kind, name)
    try:
        width, height = opened.size
        check_size(width, height, name)
        return to_pixels(opened)
    except ImageError as error:
        if error.__cause__ is None:
            raise
        raise ImageError(f"{name}: the {kind} image is damaged or cut short") from error
    finally:
        opened.close()


def _opened(data: bytes, kind: str, name: str) -> Any:
    """A Pillow image whose header alone was read."""
    try:
        from PIL import Image

        if kind == "HEIC":
            from pillow_heif import register_heif_opener

            register_heif_opener()
    except ImportError as error:
        raise ImageError(
            f"{name}: {kind} images need the packages pillow and pillow-heif; run: "
            "pip install pillow pillow-heif  (or install hwr-edge with the extra images)"
        ) from error
    formats = {"HEIC": "HEIF", "JPEG 2000": "JPEG2000"}
    try:
        with quiet_in_command():
            return Image.open(io.BytesIO(data), formats=[formats.get(kind, kind)])
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: {error}; scale the image down") from error
    except MemoryError:
        raise
    except Exception as error:  # of Pillow's many parsers, any
        raise ImageError(f"{name}: the {kind} image is damaged or cut short") from error
