"""Pen strokes of single letters: an alphabet drawn by this code, or people's own from a file.

A glyph is a list of strokes, each float (n, 2) of x to the right and y down, with capitals one
unit high: y 0 at the top, 1 on the baseline.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError

Stroke = NDArray[np.float64]
Glyph = list[Stroke]
Writer = Mapping[str, list[Glyph]]
"""What one hand writes for each letter; a letter has one glyph or more."""

# One variant a bar; strokes parted by spaces; a stroke is points in tenths, "~" curves it.
_ALPHABET = {
    "A": "0a-40-8a 26-66|0a-30-5a-7a 15-65|~0a-03-40-73-7a 06-76|~60-20-04-0a-5a-73-60-7a",
    "B": "00-0a ~00-50-63-05 ~05-55-78-5a-0a|~0a-00-50-53-05-58-6a-0a",
    "C": "~71-40-04-08-3a-79|~60-20-05-2a-6a",
    "D": "00-0a ~00-50-75-5a-0a|~0a-00-60-85-6a-0a",
    "E": "60-00-0a-6a 05-55|00-0a 00-60 05-50 0a-6a|~61-30-02-25-45-25-07-3a-69|~04-54-50-10-06-2a-69",
    "F": "60-00-0a 05-45|00-0a 00-60 05-55",
    "G": "~71-40-04-08-3a-79 79-75-45|~60-20-05-2a-6a-66 46-86|~61-20-05-3a-66 66-6a",
    "H": "00-0a 70-7a 05-75|~00-0a-05-64-7a|00-0a ~0a-05-45-6a",
    "I": "00-0a|00-40 20-2a 0a-4a|03-0a 00-01|04-0a ~00-10-11-01-00",
    "J": "~50-58-3a-08|20-80 ~50-58-3a-08|~54-58-3a-08 50-51",
    "K": "00-0a 60-05-7a|00-0a 60-15 15-6a|~00-0a-06-50-15-6a",
    "L": "00-0a-6a|~00-09-1a-6a",
    "M": "0a-00-45-80-8a|0a-10-46-70-8a|~0a-03-20-43-4a-53-70-83-8a|00-0a ~00-45-80-8a",
    "N": "0a-00-7a-70|~0a-03-30-63-6a|0a-00 00-7a 7a-70",
    "O": "~40-10-05-2a-6a-85-60-30|~30-04-3a-75-30",
    "P": "00-0a ~00-50-63-45-05|~0a-00-50-63-45-05",
    "Q": "~40-10-05-2a-6a-85-60-30 57-8b|~60-20-03-25-60-7a 60-6c",
    "R": "00-0a ~00-50-63-45-05 25-7a|~0a-00-60-54-05-7a|0a-04 ~04-24-44-55",
    "S": "~61-30-02-35-67-4a-09|~70-10-14-55-58-2a-0a|71-00-04-66-6a-09",
    "T": "00-80 40-4a|~00-40-80 40-49-6a|20-2a 03-53",
    "U": "~00-06-3a-66-60|~00-07-3a-67-60 60-6a",
    "V": "00-4a-80|~00-3a-50-80",
    "W": "00-2a-43-6a-80|~00-08-3a-45-45-5a-80-80",
    "X": "00-7a 70-0a|~00-3a-7a 70-0a",
    "Y": "00-45 80-45-4a|00-35 70-1a|~00-04-45-70 70-6a-2c",
    "Z": "00-70-0a-7a|00-70-0a-7a 25-55|~00-70-35-6a-0a",
    "-": "06-56|~06-36-55",
    "'": "10-03|00-03",
}


def drawn_writers(count: int, rng: np.random.Generator) -> list[Writer]:
    """Hands made from this file's own alphabet: each keeps to its shapes, widths and tremor."""
    return [_drawn_writer(rng) for _ in range(count)]


def _drawn_writer(rng: np.random.Generator) -> Writer:
    tremor, wide = rng.uniform(0.01, 0.06), rng.uniform(0.7, 1.2)
    writer: dict[str, list[Glyph]] = {}
    for letter, variants in _ALPHABET.items():
        shapes = variants.split("|")
        shape = shapes[rng.integers(len(shapes))] if rng.random() < 0.5 else shapes[0]
        strokes = [_parse(stroke) for stroke in shape.split()]
        bend = rng.normal(0, tremor, (2, 2)) + np.diag([wide, 1.0])
        writer[letter] = [[s @ bend + rng.normal(0, tremor, s.shape) for s in strokes]]
    return writer


def _parse(stroke: str) -> Stroke:
    corners = stroke.removeprefix("~").split("-")
    points = np.array([[int(c[0], 16), int(c[1], 16)] for c in corners], float) / 10
    return smooth(points) if stroke.startswith("~") else points


def smooth(points: Stroke, rounds: int = 2) -> Stroke:
    """Chaikin's corner cutting (1974): every corner replaced by two points, ends kept."""
    for _ in range(rounds):
        if len(points) < 3:
            break
        near = 0.75 * points[:-1] + 0.25 * points[1:]
        far = 0.25 * points[:-1] + 0.75 * points[1:]
        cut = np.stack([near, far], 1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut[1:-1], points[-1:]])
    return points


def stroke_file_writers(path: Path, least_letters: int = 15) -> list[Writer]:
    """The hands of a gzipped JSON-lines file of single letters: {text, writer, strokes}, y up.

    Hands with fewer than `least_letters` different letters are left out; so are single glyphs
    of no extent.

    Raises:
        DataError: the file is missing, not of that form, or holds no such hand.
    """
    hands: dict[object, dict[str, list[Glyph]]] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                strokes = [np.array(s, float) * (1, -1) for s in row["strokes"] if len(s) > 0]
                if glyph := _to_unit(strokes, row["text"]):
                    hands.setdefault(row["writer"], {}).setdefault(row["text"], []).append(glyph)
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: not a gzipped JSON-lines file of pen strokes ({error})"
        ) from error
    writers: list[Writer] = [hand for hand in hands.values() if len(hand) >= least_letters]
    if not writers:
        raise DataError(f"{path}: no hand with at least {least_letters} different letters")
    return writers


def _to_unit(strokes: Glyph, letter: str) -> Glyph:
    """Move and scale a glyph to one unit of height; hyphens and apostrophes keep their place."""
    if not strokes:
        return []
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    wide, tall = high - low
    unit = {"-": max(wide, 1e-9) * 2, "'": max(tall, 1e-9) * 3}.get(letter, tall)
    if unit <= 0 or wide / unit > 3:
        return []
    lift = 0.5 if letter == "-" else 0.0
    return [smooth(_thin((s - low) / unit), 1) + (0, lift) for s in strokes]


def _thin(points: Stroke, step: float = 0.06) -> Stroke:
    """Drop points nearer than `step` to the last one kept: sampling steps and jitter go."""
    thinned = [points[0]]
    for point in points[1:]:
        if np.hypot(*(point - thinned[-1])) >= step:
            thinned.append(point)
    if len(thinned) == 1:
        thinned.append(points[-1])
    return np.array(thinned)
