"""Cards, and hands that hold them, as layers that a pose brings into the view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Grey = NDArray[np.uint8]
Layer = NDArray[np.float32]

SIZE = (900, 420)
"""Width and height of a card, pixels of its own layer."""
MARGIN = 300
"""Pixels around the card in its layer, where a hand may be."""
_LINE = 150  # pixels that writing is high at most


@dataclass(frozen=True, eq=False)
class Card:
    """A card in little: what it shows and how much of what is behind it can be seen.

    shade: float32 (h, w), grey levels.
    cover: float32 (h, w), 0 to 1.
    line: x, y, width, height of the writing, in pixels of the layer; zeros without any.
    letter: how high its letters are, in the same.
    """

    shade: Layer
    cover: Layer
    line: tuple[int, int, int, int]
    letter: float


def write(paper: Grey, writing: Grey, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Put writing, dark on light, on a paper, in place; where it stands."""
    high, wide = paper.shape
    scale = min(0.86 * wide / writing.shape[1], _LINE / writing.shape[0])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    ink = np.asarray(cv2.resize(writing, None, fx=scale, fy=scale, interpolation=how), np.uint8)
    x = int(rng.integers(30, max(31, wide - 30 - ink.shape[1])))
    y = int(rng.integers(round(0.36 * high), round(0.56 * high))) - ink.shape[0] // 2 + 20
    part = paper[y : y + ink.shape[0], x : x + ink.shape[1]]
    np.multiply(part, ink / 255.0, out=part, casting="unsafe")
    return x, y, ink.shape[1], ink.shape[0]


def print_on(paper: Grey, text: str, at: tuple[int, int], size: int, dark: int = 60) -> None:
    """Print a text in a font, in place; `at` is its upper left corner."""
    image = Image.fromarray(paper)
    ImageDraw.Draw(image).text(at, text, fill=dark, font=ImageFont.load_default(size))
    paper[:] = np.asarray(image)


def card(
    writing: Grey | None,
    rng: np.random.Generator,
    printed: tuple[str, ...] = (),
    ruled: bool = False,
    held: bool = True,
    paper: Grey | None = None,
) -> Card:
    """A card with writing, print above and below it, a ruled line, and a hand that holds it."""
    paper = np.full(SIZE[::-1], int(rng.integers(226, 246)), np.uint8) if paper is None else paper
    high, wide = paper.shape
    if ruled:
        cv2.line(paper, (40, round(0.62 * high)), (wide - 40, round(0.62 * high)), 150, 2)
    for k, text in enumerate(printed):
        print_on(paper, text, (50, 20 if k == 0 else high - 60), 44 if k == 0 else 30)
    line = (0, 0, 0, 0) if writing is None else write(paper, writing, rng)
    shade = np.zeros((high + 2 * MARGIN, wide + 2 * MARGIN), np.float32)
    cover = np.zeros_like(shade)
    inside = np.s_[MARGIN : MARGIN + high, MARGIN : MARGIN + wide]
    shade[inside], cover[inside] = paper, 1
    shade = np.asarray(cv2.dilate(shade, np.ones((3, 3))), np.float32) * (cover == 0) + shade
    if held:
        _hold(shade, cover, rng, rng.uniform(95, 190))
    x, y, w, h = line
    return Card(shade, cover, (x + MARGIN, y + MARGIN, w, h), 0.75 * h)


def _hold(shade: Layer, cover: Layer, rng: np.random.Generator, skin: float) -> None:
    """A forearm and a thumb over the lower edge or a corner, in place."""
    high, wide = shade.shape
    at = np.array([wide / 2 + rng.uniform(-0.34, 0.34) * (wide - 2 * MARGIN), high - MARGIN])
    lean = rng.uniform(-0.4, 0.4)
    down = at + (600 * lean, 420)
    tip = at + (-60 * lean + rng.uniform(-30, 30), -rng.uniform(35, 75))
    hand = np.zeros(shade.shape, np.uint8)
    _stroke(hand, at + (0, 90), down, 200)
    behind = (hand > 0) & (cover < 1)
    shade[behind], cover[behind] = skin * 0.93, 1
    thumb = np.zeros(shade.shape, np.uint8)
    _stroke(thumb, tip, at + (20 * lean, 120), 64)
    soft = cv2.GaussianBlur(thumb, (0, 0), 2.5).astype(np.float32) / 255
    round_ = cv2.GaussianBlur(thumb, (0, 0), 22).astype(np.float32) / 255
    shade[:] = shade * (1 - soft) + soft * skin * (0.75 + 0.35 * round_)
    np.maximum(cover, soft, out=cover)


def _stroke(image: Grey, start: NDArray[Any], end: NDArray[Any], thick: int) -> None:
    ends = [tuple(int(v) for v in np.round(point)) for point in (start, end)]
    cv2.line(image, ends[0], ends[1], 255, thick, cv2.LINE_AA)


def palm(rng: np.random.Generator) -> Card:
    """An open hand alone, which covers things."""
    size = (520, 620)
    shade, cover = np.zeros((size[1], size[0]), np.float32), np.zeros((size[1], size[0]), np.uint8)
    cv2.ellipse(cover, (260, 330), (140, 120), 0, 0, 360, 255, -1)
    for k, angle in enumerate(np.radians([-35, -12, 6, 24])):
        start = np.array([190 + 46 * k, 280])
        _stroke(cover, start, start + 230 * np.array([np.sin(angle), -np.cos(angle)]), 50)
    _stroke(cover, np.array([140, 360]), np.array([60, 250]), 56)
    _stroke(cover, np.array([260, 380]), np.array([270, 700]), 170)
    soft = cv2.GaussianBlur(cover, (0, 0), 2).astype(np.float32) / 255
    shade += rng.uniform(110, 200) * (0.7 + 0.4 * cv2.GaussianBlur(soft, (0, 0), 25))
    return Card(shade, np.asarray(soft, np.float32), (0, 0, 0, 0), 0.0)
