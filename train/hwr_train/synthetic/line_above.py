"""Crops that hold the line above too: its writing whole, the name's feet cut off.

A form's fields stand close, so a crop that is a little too high shows the field above and loses the
lower half of the name. Real data has a few of them in a thousand. Their upper lines are put over other names.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import PAPER, Grey

# Set by hand; `make evaluate` measures a model that was trained with them.
_INK = 140  # grey; darker is ink
_LINE = 16, 34  # rows, of 48, where a line above ends
_LEAST_WRITTEN = 0.28  # of the width, that both lines must fill
_NAME = 14, 30  # rows, of 48, of the name's line
_LEAST_SEEN = 0.4  # of the name's height
_AT_ONCE = 1024  # canvases


def upper_lines(canvases: NDArray[np.uint8]) -> list[Grey]:
    """Of the canvases (N, H, W) that show two lines, the upper ones, uint8 (its height, W) each.

    Two lines: a paper row parts them, the upper one touches the canvas's top, the lower one its bottom.
    """
    found: list[Grey] = []
    for start in range(0, len(canvases), _AT_ONCE):
        part = canvases[start : start + _AT_ONCE]
        inked = np.any(part < _INK, axis=2)
        edges = inked[:, :2].any(axis=1) & inked[:, -2:].any(axis=1)
        for k in np.flatnonzero(edges):
            cut = _gap(inked[k])
            if cut and _is_written(part[k, :cut]) and _is_written(part[k, cut:]):
                found.append(np.array(part[k, :cut]))
    return found


def _gap(inked: NDArray[np.bool_]) -> int:
    """The row after the only paper rows between two lines; 0 where there are not two."""
    rows = np.flatnonzero(inked)
    breaks = np.flatnonzero(np.diff(rows) > 1)
    if len(breaks) != 1:
        return 0
    end, start = int(rows[breaks[0]]) + 1, int(rows[breaks[0] + 1])
    least, most = _LINE
    scale = len(inked) / 48
    return start if least * scale <= end and start <= most * scale else 0


def _is_written(line: Grey) -> bool:
    """Whether ink fills as much of the width as a label and a word do."""
    return float(np.any(line < _INK, axis=0).mean()) >= _LEAST_WRITTEN


def put_below(canvas: Grey, line: Grey, rng: np.random.Generator) -> Grey:
    """The canvas's tallest line under `line`, made so large that its feet are cut off; uint8 (H, W) in and out.

    line: uint8 (its height, W or more), from `upper_lines`.
    """
    height, width = canvas.shape
    top, bottom = _tallest(canvas)
    if bottom == top:
        return canvas
    room = height - line.shape[0]
    least, most = _NAME
    wanted = np.clip(room / rng.uniform(_LEAST_SEEN, 1.1), least * height / 48, most * height / 48)
    scale = min(1.2, wanted / (bottom - top))
    written = int(np.flatnonzero(np.any(canvas[top:bottom] < _INK, axis=0))[-1]) + 1
    scale = min(scale, width / written)
    size = max(1, round(written * scale)), max(1, round((bottom - top) * scale))
    small = cv2.resize(canvas[top:bottom, :written], size, interpolation=cv2.INTER_AREA)[:room]
    made: Grey = np.full_like(canvas, PAPER)
    made[:-room] = line[:, :width]
    left = round(rng.uniform(0, 0.5) * (width - size[0]))
    made[-room:][: len(small), left : left + size[0]] = small
    return made


def _tallest(canvas: Grey) -> tuple[int, int]:
    """First row and the one after the last of the tallest run of rows with ink; 0, 0 without ink."""
    inked = np.flatnonzero(np.any(canvas < _INK, axis=1))
    if not inked.size:
        return 0, 0
    runs = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
    tallest = max(runs, key=len)
    return int(tallest[0]), int(tallest[-1]) + 1


def pick(lines: Sequence[Grey], rng: np.random.Generator) -> Grey:
    """One of the lines."""
    return lines[int(rng.integers(len(lines)))]
