"""Pages as two-tone scanners, fax machines and copiers leave them: thin, broken or bold."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey


def two_tone(image: Grey, rng: np.random.Generator, dpi: float, fax: bool = False) -> Grey:
    """A page in black and white, uint8 (H, W), with specks; a fax may lose every second row."""
    level = rng.uniform(135, 215)
    value = _uneven(image, rng, dpi)
    if fax and rng.random() < 0.5:
        size = image.shape[1], image.shape[0]
        value = np.asarray(cv2.resize(value[::2], size, interpolation=cv2.INTER_NEAREST))
    tones: Grey = np.where(value < level, 0, 255).astype(np.uint8)
    tones[rng.random(image.shape) < rng.choice([0, 1e-5, 1e-4])] = 0
    return tones


def copied(image: Grey, rng: np.random.Generator, dpi: float) -> Grey:
    """A photocopy, pale or bold: contrast is steep, edges stay soft."""
    level = rng.uniform(135, 215)
    bent = (_uneven(image, rng, dpi) - level + 68) * rng.uniform(1.6, 3.5) + 60
    return np.asarray(np.clip(bent, 0, 255), np.uint8)


def _uneven(image: Grey, rng: np.random.Generator, dpi: float) -> NDArray[np.float32]:
    """Soft, grainy, and darker here than there."""
    height, width = image.shape
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.1) * dpi / 200).astype(np.float32)
    grain = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(rng.uniform(4, 22))
    light = cv2.resize(rng.normal(0, 10, (6, 5)).astype(np.float32), (width, height))
    return np.asarray(soft + grain + light, np.float32)
