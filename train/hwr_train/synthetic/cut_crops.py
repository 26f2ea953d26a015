"""Real crops cut into their letters, where these stand apart.

Which connected components are the letters, and which a printed label's, is told by the frames where a trained
model finds each letter of the label.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey
from hwr_edge.line.alignment import letter_frames
from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import log_softmax
from hwr_edge.line.greedy import decode_text
from hwr_train.data.canvases import NameData
from hwr_train.data.doubt import UNLIKELIER, nats_behind

# Set by hand; `make evaluate` measures a model that was trained with them.
_INK = 160  # grey level; darker pixels are ink
_LEAST_HEIGHT = 9  # pixels; smaller writing is not worth enlarging


@dataclass(frozen=True)
class CutCrop:
    """The letters of one crop, each a span of columns.

    text: its letters without spaces; starts, ends: columns of each; spaces: letters that a space
    comes before.
    top, bottom: rows of a usual letter; first_row, last_row: of all of them.
    pen: width of a stroke in parts of a letter's height.
    """

    place: int
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    spaces: frozenset[int]
    top: float
    bottom: float
    first_row: int
    last_row: int
    pen: float


def cut_crops(data: NameData, logits: NDArray[np.float32], charset: Charset) -> list[CutCrop]:
    """CutCrop every crop whose letters stand apart, where its label's letters are found.

    A letter that the model takes for another one is cut too: what is hard must not be missing. Only
    a crop whose label is far less likely than what the model reads is left out.
    """
    labelled = []
    pitch = data.canvases.shape[2] / logits.shape[1]
    for place, text in enumerate(data.texts):
        crop_logits = logits[place]
        if (
            text
            and nats_behind(text, decode_text(crop_logits, charset), crop_logits, charset)
            <= UNLIKELIER
        ):
            frames = letter_frames(log_softmax(crop_logits), charset.encode(text))
            peaks = [(f + 0.5) * pitch for f, c in zip(frames, text, strict=True) if c != " "]
            labelled.append(
                (place, text, _letter_boxes(np.asarray(data.canvases[place])), np.array(peaks))
            )
    # The frame where CTC emits a letter lies a little beside it, on the whole by as much everywhere.
    lags = [
        float(np.median(peaks - components[:, :2].mean(1)))
        for _, _, components, peaks in labelled
        if len(components) == len(peaks)
    ]
    lag = float(np.median(lags)) if lags else 0.0
    cuts = (
        _cut(place, text, np.asarray(data.canvases[place]), components, peaks - lag)
        for place, text, components, peaks in labelled
    )
    return [cut for cut in cuts if cut]


def _letter_boxes(canvas: Grey) -> NDArray[np.float64]:
    """Left, right, top and bottom of the ink that hangs together, (n, 4), from the left.

    What lies above one another is taken together: an I and its dot. Specks, and what touches the
    upper or lower edge, are left out.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats((canvas < _INK).astype(np.uint8))
    height = canvas.shape[0]
    boxes: list[list[float]] = []
    for x, y, w, h, area in sorted(stats[1:].tolist()):
        if area < 5 or ((y == 0 or y + h == height) and h < 0.6 * height):
            continue
        if boxes:
            last = boxes[-1]
            shared = min(last[1], x + w) - max(last[0], x)
            if shared > 0.4 * min(last[1] - last[0], w):
                last[1] = max(last[1], x + w)
                last[2], last[3] = min(last[2], y), max(last[3], y + h)
                continue
        boxes.append([x, x + w, y, y + h])
    return np.array(boxes, float).reshape(-1, 4)


def _cut(
    place: int,
    text: str,
    canvas: Grey,
    components: NDArray[np.float64],
    middles: NDArray[np.float64],
) -> CutCrop | None:
    """One component for each letter, or nothing: the run of components that lies where the letters do."""
    letters = text.replace(" ", "")
    count = len(letters)
    if len(components) < count:
        return None
    centers = components[:, :2].mean(1)
    misses = [
        float(np.abs(centers[k : k + count] - middles).max())
        for k in range(len(components) - count + 1)
    ]
    k = int(np.argmin(misses))
    pitch = float(np.median(np.diff(middles))) if count > 1 else 16.0
    run = components[k : k + count]
    heights = run[:, 3] - run[:, 2]
    tall = float(np.median(heights))
    if (
        misses[k] > max(5.0, 0.45 * pitch)
        or tall < _LEAST_HEIGHT
        or (run[1:, 0] < run[:-1, 1]).any()
    ):
        return None
    usual = np.abs(heights - tall) < 0.25 * tall
    capitals = np.array([c.isalpha() for c in letters])
    if not usual.any() or (heights[capitals] < 0.4 * tall).any() or (heights > 2 * tall).any():
        return None
    rows = slice(int(run[:, 2].min()), int(run[:, 3].max()))
    ink = (canvas[rows, int(run[0, 0]) : int(run[-1, 1])] < _INK).astype(np.uint8)
    edge = ink.sum() - cv2.erode(ink, np.ones((3, 3), np.uint8)).sum()
    pen = 2 * float(ink.sum()) / max(1.0, float(edge)) / tall
    spaces = frozenset(len(text[:k].replace(" ", "")) for k, c in enumerate(text) if c == " ")
    return CutCrop(
        place,
        letters,
        tuple(max(0, int(x) - 1) for x in run[:, 0]),
        tuple(int(x) + 1 for x in run[:, 1]),
        spaces,
        float(np.median(run[usual, 2])),
        float(np.median(run[usual, 3])),
        max(0, rows.start - 1),
        rows.stop + 1,
        pen,
    )
