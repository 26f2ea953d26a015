"""Random changes to a canvas that leave its text as it is."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import PAPER, Grey

# Set by hand; `make evaluate` measures a model that was trained with them.
_GRID = (4, 20)  # rows and columns of the coarse displacement field
_HIDDEN = 128  # grey level of a stripe that hides letters
_HIDDEN_EVERY = 96  # pixels of width


def degrade(canvas: Grey, rng: np.random.Generator) -> Grey:
    """Thicken, fade and soil; uint8 (H, W) in and out."""
    grey = _restroke(np.array(canvas), rng)
    if rng.random() < 0.25:
        grey = _fade(grey, rng)
    if rng.random() < 0.2:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.4, 1.1)), np.uint8)
    if rng.random() < 0.3:
        _add_dirt(grey, rng)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(3, 16), grey.shape)
        grey = np.clip(grey + noise, 0, PAPER).astype(np.uint8)
    return grey


def hide(canvas: Grey, rng: np.random.Generator) -> Grey:
    """Make stripes of up to a letter's width grey, as nothing on paper is; uint8 (H, W) in and out.

    What is hidden is a tenth of the canvas or so, and shows as hidden: nothing looks like another letter.
    """
    grey = np.array(canvas)
    width = canvas.shape[1]
    for _ in range(rng.poisson(width / _HIDDEN_EVERY)):
        x = int(rng.integers(width))
        grey[:, x : x + int(rng.integers(3, 17))] = _HIDDEN
    return grey


def bend(canvas: Grey, rng: np.random.Generator) -> Grey:
    """Move, stretch, slant and bend; uint8 (H, W) in and out.

    An affine change plus an elastic one (Simard et al. 2003), in a single resampling.
    """
    height, width = canvas.shape
    inked = np.flatnonzero((canvas < PAPER // 2).any(axis=0))
    right = int(inked[-1]) + 12 if inked.size else width
    zoom_x, zoom_y = min(rng.uniform(0.82, 1.2), width / right), rng.uniform(0.82, 1.15)
    move_x, move_y = min(rng.uniform(-5, 16), max(0, width - zoom_x * right)), rng.uniform(-4, 4)
    slant, turn = rng.normal(0, 0.12), rng.normal(0, 0.012)
    field = rng.normal(0, 1, (2, *_GRID)).astype(np.float32) * rng.uniform(0, 1.6)
    bend_x, bend_y = (cv2.resize(f, (width, height), interpolation=cv2.INTER_CUBIC) for f in field)
    y, x = _places(height, width)
    from_middle = y - height / 2
    map_x = (x - move_x) / zoom_x + slant * from_middle + bend_x
    map_y = from_middle / zoom_y + turn * (x - width / 3) + height / 2 - move_y + bend_y
    bent = cv2.remap(
        canvas,
        map_x.astype(np.float32),
        map_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=PAPER,
    )
    return np.asarray(bent, np.uint8)


def cut_foot(canvas: Grey, rng: np.random.Generator) -> Grey:
    """Move the lowest line so far down that the feet of its letters are cut off; uint8 (H, W) in and out.

    Crops of forms often end within the letters. At most half of their height is lost: less is left than a reader needs.
    """
    height = canvas.shape[0]
    inked = np.asarray(np.any(canvas < PAPER // 2, axis=1))
    if not inked.any():
        return canvas
    bottom = height - int(inked[::-1].argmax())
    above = np.flatnonzero(~inked[:bottom])
    top = int(above[-1]) + 1 if above.size else 0
    down = height - bottom + round(rng.uniform(0.1, 0.5) * (bottom - top))
    cut = np.full_like(canvas, PAPER)
    cut[down:] = canvas[: height - down]
    return cut


@cache
def _places(height: int, width: int) -> NDArray[np.float32]:
    """Row and column of every pixel, (2, H, W); not to be changed."""
    return np.mgrid[:height, :width].astype(np.float32)


def _restroke(grey: Grey, rng: np.random.Generator) -> Grey:
    """Thicken or thin the pen by up to a pixel."""
    how = rng.random()
    if how < 0.4:
        change = cv2.erode if how < 0.2 else cv2.dilate
        other = change(grey, np.ones((2, 2), np.uint8))
        part = rng.uniform(0.3, 1.0) if how < 0.2 else rng.uniform(0.2, 0.6)
        return np.asarray(cv2.addWeighted(grey, 1 - part, other, part, 0), np.uint8)
    return grey


def _fade(grey: Grey, rng: np.random.Generator) -> Grey:
    """Lighten the ink, evenly or in patches."""
    height, width = grey.shape
    coarse = rng.uniform(0.25, 1.3, (3, 16)).astype(np.float32)
    strength = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.3:
        strength[:] = rng.uniform(0.3, 0.9)
    ink = (PAPER - grey.astype(np.float32)) * np.clip(strength, 0, 1)
    return (PAPER - ink).astype(np.uint8)


def _add_dirt(grey: Grey, rng: np.random.Generator) -> None:
    """Specks, small gaps in the ink, now and then a ruled line; in place."""
    height, width = grey.shape
    for _ in range(rng.integers(1, 4)):
        x, y, r = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(1, 4))
        cv2.circle(grey, (x, y), r, 0 if rng.random() < 0.5 else PAPER, -1)
    if rng.random() < 0.15:
        y = int(rng.integers(height))
        cv2.line(grey, (0, y), (width, y + int(rng.integers(-3, 4))), int(rng.integers(160)), 1)
