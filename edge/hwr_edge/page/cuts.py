"""A doubtful line is read from several cuts: what most of them show, the surest counting most, is its text.

Taking ruled lines and neighbours out of a crop helps nearly always. Where it took a letter's foot with it, the line as it
stands on the page is read better. And strokes that are doubtful in one width are often clear in another. A cut that
is wrong is seldom read surely, nor as another one is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.locate import Line


@dataclass(frozen=True)
class CutLimits:
    """Which lines are read again, and how; chosen on filled believable forms and class lists.

    sure: confidence from which the first reading stays.
    narrow: times as wide, the second width.
    """

    sure: float = 0.6
    narrow: float = 0.86


LIMITS = CutLimits()


def read_again(recognizer: Recognizer, line: Line, first: Reading) -> Reading:
    """The reading of a line, of several cuts where the first is doubtful; one of theirs, with its confidence.

    Args:
        recognizer: what reads the cuts.
        line: the line.
        first: of its crop; where nothing was read, it stays.
    """
    if not first.text or first.confidence >= LIMITS.sure:
        return first
    (stands, left), readings = line.as_it_stands, [first]
    for crop, start, times in (
        (line.crop, 0, LIMITS.narrow), (stands, left, 1.0), (stands, left, LIMITS.narrow)
    ):  # fmt: skip
        readings.append(_read(recognizer, crop, start, times))
    return agreed([one for one in readings if one.text])


def agreed(readings: Sequence[Reading]) -> Reading:
    """Of several readings of one line the surest that has the text, or the match of a roster, with the most confidence in all."""
    total: dict[str | None, float] = defaultdict(float)
    for one in readings:
        total[_name(one)] += _sure(one)
    return max(readings, key=lambda one: (total[_name(one)], _sure(one)))


def _name(one: Reading) -> str | None:
    return one.match.name if one.match else one.text


def _sure(one: Reading) -> float:
    return one.match.confidence if one.match else one.confidence


def _read(recognizer: Recognizer, crop: Grey, start: int, times: float) -> Reading:
    """The reading of a crop made so many times as wide; boxes of letters are in it as it was, from column `start` on."""
    height, width = crop.shape
    size = max(1, round(times * width)), height
    other = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    reading = recognizer.read_grey(np.asarray(other, np.uint8))

    def in_crop(box: Box) -> Box:
        x, y, wide, high = box
        return (
            round(x * width / size[0]) - start,
            y,
            max(1, round(wide * width / size[0])),
            high,
        )

    return reading.moved(reading.box, in_crop)
