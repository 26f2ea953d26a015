"""How many letters of a line stand elsewhere on its page, too: print repeats its letters, a hand never does.

Letters are compared as the coders of scanned text compare them, by symbol matching: "Pattern matching and substitution"
(Ascher and Nagy, 1974), later in JBIG2. No font needs to be known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import connected_components
from hwr_edge.image.pixels import PAPER, Grey

# Chosen on the pages that `hwr_convert line-kinds-among` learns from.
_SIDE = 12  # pixels of a letter that is compared; it is put in place in twice as many
_INK = 0.5  # of the way from paper to ink
_LOWEST, _WIDEST = 0.3, 0.76  # of the crop's height: lower marks are none, wider ones join
_SLIM = 8  # times as high as wide: bars
_LEAST = 20  # pixels of ink: fewer show no shape
_SIZE = 1.0, 0.06  # pixels, and part of a side, by which two letters may differ
_ALIKE = 0.86  # correlation of two that are one letter
_MOST = 4000  # letters of a page that are compared
_BLOCK = 256  # letters, compared at once


def recurring(crops: Sequence[Grey]) -> list[tuple[int, int]]:
    """Of each line of one page: how many of its letters stand apart, and how many of those recur on the page.

    Letters that join, low marks and specks are not counted, so a line of them has (0, 0).

    Args:
        crops: uint8 (H, W), as `Line.crop`, in any size.
    """
    patches, sizes, lines = [], [], []
    for k, crop in enumerate(crops):
        for patch, size in _letters(crop):
            patches.append(patch)
            sizes.append(size)
            lines.append(k)
    if len(patches) > _MOST:
        some = np.linspace(0, len(patches) - 1, _MOST).astype(int)
        patches, sizes, lines = ([of[k] for k in some] for of in (patches, sizes, lines))
    found = np.zeros((len(crops), 2), np.int64)
    if patches:
        again = _nearest(np.stack(patches), np.array(sizes, np.float32)) > _ALIKE
        np.add.at(found, lines, np.column_stack([np.ones(len(again), np.int64), again]))
    return [(int(apart), int(again)) for apart, again in found]


def _letters(crop: Grey) -> Iterator[tuple[NDArray[np.float32], tuple[int, int]]]:
    """Ink of each letter in a square of `_SIDE` pixels, 0 to 1, float32; its width and height in the crop."""
    counts = np.bincount(crop.ravel(), minlength=PAPER + 1).cumsum()
    paper, dark = (int(np.searchsorted(counts, part * counts[-1])) for part in (0.5, 0.01))
    dark = dark if paper > dark else int(crop.min())
    if paper <= dark:
        return
    of = connected_components((crop < paper - _INK * (paper - dark)).view(np.uint8))
    high = crop.shape[0]
    usable = (of.height > _LOWEST * high) & (of.width < _WIDEST * high)
    usable &= (of.area >= _LEAST) & (of.height <= _SLIM * of.width)
    for k in np.flatnonzero(usable[1:]) + 1:
        x, y, wide, tall = (int(side[k]) for side in of[1:5])
        part = np.s_[y : y + tall, x : x + wide]
        label = of.labels[part]
        ink = np.clip((paper - crop[part].astype(np.float32)) / (paper - dark), 0, 1)
        yield _in_square(ink * ((label == k) | (label == 0))), (wide, tall)


def _in_square(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    tall, wide = ink.shape
    side = 2 * _SIDE
    part = side / max(tall, wide)
    size = max(1, round(wide * part)), max(1, round(tall * part))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if part < 1 else cv2.INTER_LINEAR)
    square = np.zeros((side, side), np.float32)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    square[top : top + size[1], left : left + size[0]] = small
    return np.asarray(square.reshape(_SIDE, 2, _SIDE, 2).mean(axis=(1, 3)), np.float32)


def _nearest(patches: NDArray[np.float32], sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each letter's highest correlation with another of its size, float32 (N,); -1 where there is none."""
    order = np.argsort(sizes[:, 1], kind="stable")
    shapes, sizes = patches[order].reshape(len(order), -1), sizes[order]
    shapes = shapes - shapes.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True) + 1e-6
    best = np.full(len(order), -1, np.float32)
    for first in range(0, len(order), _BLOCK):
        own = np.arange(first, min(first + _BLOCK, len(order)))
        low, high = sizes[own[0], 1], sizes[own[-1], 1]
        start = np.searchsorted(sizes[:, 1], low - _off(low))
        stop = np.searchsorted(sizes[:, 1], high + _off(high), side="right")
        others = np.arange(start, stop)
        alike = shapes[own] @ shapes[others].T
        for side in sizes.T:
            mine, theirs = side[own, None], side[None, others]
            alike[np.abs(mine - theirs) > _off(np.minimum(mine, theirs))] = -1
        alike[own[:, None] == others] = -1
        best[order[own]] = alike.max(axis=1)
    return best


def _off(size: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixels by which a letter's side may differ from another's."""
    return np.asarray(np.maximum(_SIZE[0], _SIZE[1] * size), np.float32)
