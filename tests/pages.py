"""Pages made with OpenCV alone: the examples' handwriting pasted on paper, print, ruled lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey

Box = tuple[int, int, int, int]

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
NAMES = {"manon": "MANON", "thomas": "THOMAS", "maeva": "MAEVA", "lucie_dubois": "LUCIE DUBOIS"}
"""Examples, with what is written in them."""
_WRITING = {
    "manon": np.s_[12:40, 4:130],
    "thomas": np.s_[25:54, 32:160],
    "maeva": np.s_[0:25, 79:176],
    "lucie_dubois": np.s_[8:38, 66:292],
}


def handwriting(name: str) -> Grey:
    """An example's writing without the print beside it, trimmed to its ink, at twice its size."""
    crop = cv2.imread(str(EXAMPLES / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    assert crop is not None
    crop = crop[_WRITING[name]]
    y, x = np.nonzero(crop < 128)
    ink = crop[y.min() : y.max() + 1, x.min() : x.max() + 1]
    return np.asarray(cv2.resize(ink, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)


def page(width: int = 1240, height: int = 1754) -> Grey:
    """White paper, by itself an A4 sheet at 150 dots an inch."""
    return np.full((height, width), 250, np.uint8)


def paste(paper: Grey, ink: Grey, x: int, y: int) -> Box:
    """Lay writing on paper with its upper left corner at (x, y); its box."""
    height, width = ink.shape
    there = paper[y : y + height, x : x + width]
    np.minimum(there, ink, out=there)
    return x, y, width, height


def class_list(names: Sequence[str] = tuple(NAMES), pitch: int = 120) -> tuple[Grey, list[Box]]:
    """A page with a name in each row, and their boxes."""
    paper = page()
    return paper, [
        paste(paper, handwriting(name), 150, 250 + k * pitch) for k, name in enumerate(names)
    ]


def answer_sheet() -> Grey:
    """A page with the name MANON above hundreds of small bubbles, some filled."""
    paper, _ = class_list(["manon"])
    for x in range(100, 1200, 105):
        for y in range(420, 1730, 26):
            cv2.circle(paper, (x, y), 6, 60, -1 if (x + y) % 7 == 0 else 1)
    return paper


def speckled_sheet() -> Grey:
    """A page with the name MANON above hundreds of marks of many sizes."""
    paper, _ = class_list(["manon"])
    for k, x in enumerate(range(100, 1200, 105)):
        for y in range(420, 1730, 26):
            cv2.circle(paper, (x, y), 4 + (7 * k + y) % 5, 60, -1 if (x + y) % 7 == 0 else 1)
    return paper


def print_at(paper: Grey, words: str, x: int, y: int, size: float = 1.0) -> None:
    """Words in letters that are the same to the pixel."""
    cv2.putText(paper, words, (x, y), cv2.FONT_HERSHEY_DUPLEX, size, 20, 2, cv2.LINE_AA)


def rotated(paper: Grey, degrees: float, border: int = 250) -> tuple[Grey, NDArray[np.float64]]:
    """The page turned counter-clockwise about its middle, and the move, float (3, 3)."""
    height, width = paper.shape
    move = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), [0, 0, 1]])
    out = cv2.warpPerspective(paper, move, (width, height), borderValue=border)
    return np.asarray(out, np.uint8), np.asarray(move, np.float64)


def on_table(paper: Grey, corners: Sequence[tuple[int, int]], size: tuple[int, int]) -> Grey:
    """A sheet on a dark table, its corners (clockwise from the upper left) in an image of that size."""
    height, width = paper.shape
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    move = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))
    out = np.full((size[1], size[0]), 60, np.uint8)
    laid = cv2.warpPerspective(paper, move, size, flags=cv2.INTER_AREA, borderValue=0)
    return np.maximum(out, np.asarray(laid, np.uint8))


def cards_on_table(places: Sequence[Box]) -> Grey:
    """A dark table, 900 x 600, with white cards, and a line of dark ink on each."""
    image = np.full((600, 900), 60, np.uint8)
    for x, y, width, height in places:
        image[y : y + height, x : x + width] = 220
        image[y + height // 2, x + 10 : x + width - 10] = 40
    return image


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    low = min(one[1] + one[3], other[1] + other[3])
    both = max(0, right - left) * max(0, low - top)
    return both / (one[2] * one[3] + other[2] * other[3] - both)
