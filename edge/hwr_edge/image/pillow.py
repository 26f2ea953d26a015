"""Pillow's images as pixels. A program that has one has Pillow; nothing else here loads it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ImageError

_GREY = ("L", "I;16", "I;16L", "I;16B", "I;16N")
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
    from PIL import ImageOps

    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        clear = upright.mode in _CLEAR or upright.info.get("transparency") is not None
        if upright.mode in _GREY and not clear:
            grey = np.asarray(upright)
            return grey.astype(np.uint8 if upright.mode == "L" else np.uint16)
        if upright.mode == "1":
            return np.asarray(upright.convert("L"))
        colours = np.asarray(upright.convert("RGBA" if clear else "RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError(f"the Pillow image cannot be read ({error})") from error
    return np.ascontiguousarray(colours[:, :, [2, 1, 0, *range(3, colours.shape[2])]])
