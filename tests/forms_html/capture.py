"""A page as machines see it: scanned in grey or two tones, faxed, copied, photographed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forms_html.empty import DPI
from hwr_edge.image.pixels import Grey
from hwr_train.synthetic.two_tone import copied, two_tone
from made_forms import photographed
from made_pages import moved, rotation, scanned

CAPTURES = ("scan", "low", "onebit", "fax", "copy", "photo")
"""Grey at 150 to 300 dpi; grey at 75 to 120; 1-bit; fax; a pale or bold photocopy; a photograph."""
COARSE = "coarse"
"""Grey at 55 to 90 dpi: to learn from, nothing is measured with it."""


@dataclass(frozen=True)
class Shot:
    """An image, uint8 (H, W), and the move of the page's points into it, float (3, 3)."""

    image: Grey
    move: NDArray[np.float64]
    kind: str
    dpi: float


def capture(page: Grey, rng: np.random.Generator, kind: str | None = None) -> Shot:
    """A page of 300 dpi, askew by up to 2 degrees, as some machine sees it.

    kind: one of CAPTURES, or COARSE; None for any of CAPTURES.
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
    image = (
        scanned(image, rng) if kind in ("scan", "low", COARSE) else _two_tone(image, rng, kind, dpi)
    )
    return Shot(image, skew @ move, kind, dpi)


def upright(shot: Shot) -> Shot:
    """A photograph that lies on a side or upside down, turned so that the page's top is above."""
    start, end = moved(np.array([[0.0, 0.0], [1000.0, 0.0]]), shot.move)
    across = end - start
    quarters = round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) % 4
    image, move = shot.image, shot.move
    for _ in range(quarters):  # each counter-clockwise
        width = image.shape[1]
        image = np.ascontiguousarray(np.rot90(image))
        move = np.array([[0.0, 1, 0], [-1, 0, width], [0, 0, 1]]) @ move
    return Shot(image, move, shot.kind, shot.dpi)


def _dpi(kind: str, rng: np.random.Generator) -> float:
    low, high = {"low": (75, 120), COARSE: (55, 90), "fax": (196, 204)}.get(kind, (150, 300))
    return float(rng.uniform(low, high))


def _resized(page: Grey, dpi: float) -> tuple[Grey, NDArray[np.float64]]:
    size = dpi / DPI
    small = cv2.resize(page, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.diag([size, size, 1.0])


def _two_tone(image: Grey, rng: np.random.Generator, kind: str, dpi: float) -> Grey:
    if kind == "copy":
        return scanned(copied(image, rng, dpi), rng)
    return two_tone(image, rng, dpi, fax=kind == "fax")
