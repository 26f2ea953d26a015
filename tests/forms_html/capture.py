"""A page as machines see it: scanned in grey or two tones, faxed, copied, photographed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from forms_html.empty import DPI
from hwr_edge.image.pixels import Grey
from made_forms import photographed
from made_pages import rotation, scanned

CAPTURES = ("scan", "low", "onebit", "fax", "copy", "photo")
"""Grey at 150 to 300 dpi; grey at 75 to 120; 1-bit; fax; a pale or bold photocopy; a photograph."""


@dataclass(frozen=True)
class Shot:
    """An image, uint8 (H, W), and the move of the page's points into it, float (3, 3)."""

    image: Grey
    move: NDArray[np.float64]
    kind: str
    dpi: float


def capture(page: Grey, rng: np.random.Generator, kind: str | None = None) -> Shot:
    """A page of 300 dpi, askew by up to 2 degrees, as some machine sees it.

    kind: one of CAPTURES; None for any.
    """
    kind = kind or str(rng.choice(CAPTURES))
    if kind == "photo":
        dpi = rng.uniform(140, 220)
        small, move = _resized(page, dpi)
        image, seen = photographed(small, rng, 15.0)
        return Shot(image, seen @ move, kind, dpi)
    dpi = _dpi(kind, rng)
    small, move = _resized(page, dpi)
    skew = rotation(small.shape, rng.uniform(-2, 2))
    size = small.shape[1], small.shape[0]
    turned = cv2.warpPerspective(small, skew, size, flags=cv2.INTER_LINEAR, borderValue=255)
    image = np.asarray(turned, np.uint8)
    if kind in ("scan", "low"):
        image = scanned(image, rng)
    else:
        image = _two_tone(image, rng, kind, dpi)
    return Shot(image, skew @ move, kind, dpi)


def _dpi(kind: str, rng: np.random.Generator) -> float:
    low, high = {"low": (75, 120), "fax": (196, 204), "onebit": (150, 300)}.get(kind, (150, 300))
    return float(rng.uniform(low, high))


def _resized(page: Grey, dpi: float) -> tuple[Grey, NDArray[np.float64]]:
    size = dpi / DPI
    small = cv2.resize(page, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.diag([size, size, 1.0])


def _two_tone(image: Grey, rng: np.random.Generator, kind: str, dpi: float) -> Grey:
    """Thresholded, thin and broken or bold, with specks; a copy keeps soft edges."""
    height, width = image.shape
    soft: Any = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.1) * dpi / 200)
    noise = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(rng.uniform(4, 22))
    level = rng.uniform(135, 215)
    uneven = cv2.resize(rng.normal(0, 10, (6, 5)).astype(np.float32), (width, height))
    value = soft.astype(np.float32) + noise + uneven
    if kind == "copy":
        bent = (value - level + 128 - 60) * rng.uniform(1.6, 3.5) + 60
        return scanned(np.asarray(np.clip(bent, 0, 255), np.uint8), rng)
    if kind == "fax" and rng.random() < 0.5:  # every second row lost
        value = cv2.resize(value[::2], (width, height), interpolation=cv2.INTER_NEAREST)
    tones: Grey = np.where(value < level, 0, 255).astype(np.uint8)
    specks = rng.random(image.shape) < rng.choice([0, 1e-5, 1e-4])
    tones[specks] = 0
    return tones
