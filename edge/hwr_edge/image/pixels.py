"""The types of pixels: what every step hands to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""A grey image, uint8 (H, W): 0 is black, 255 is white."""

Mask = NDArray[np.uint8]
"""Which pixels count, uint8 (H, W): 1 where they do, else 0."""

Box = tuple[int, int, int, int]
"""x, y, width, height, in pixels."""

PAPER = 255
