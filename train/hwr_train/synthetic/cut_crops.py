"""Names put together from pieces of real crops: real ink, in words that nobody wrote there.

Crops whose letters stand apart are cut between them. Which components of ink are the letters, and which a
printed label's, is told by the frames where a trained model finds each letter. A piece is one
letter or a few of one hand; a new name is a row of pieces of like pens, on one baseline and of one
size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.line.alignment import letter_frames
from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import log_softmax
from hwr_edge.line.greedy import decode_text
from hwr_edge.line.preprocess import Canvas
from hwr_train.data.canvases import NameData
from hwr_train.data.doubt import UNLIKELIER, nats_behind
from hwr_train.synthetic.name_list import NameList

_LONGEST = 4  # letters of a piece
_INK = 160  # what is darker counts as ink
_TRIES = 6  # pieces looked at for one of a like pen
_EMPTY = 0.015  # share of fields with all but the name
_IN_PLACE = 0.6  # share of names that stand in a real crop, with the print around it
_LEAST_HEIGHT = 9  # pixels; smaller writing is not worth enlarging


@dataclass(frozen=True)
class Cut:
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


class _Hand(NamedTuple):
    """What all letters of one synthetic name share: columns a row leans by, and width beside height."""

    slant: float
    stretch: float


class CutoutNames:
    """`count` names an epoch, put together when they are asked for; the same for the same seed."""

    def __init__(
        self,
        data: NameData,
        logits: NDArray[np.float32],
        charset: Charset,
        names: NameList,
        canvas: Canvas,
        count: int,
        seed: int = 0,
    ) -> None:
        """Cut the crops of `data` whose labels their logits (N, T, classes) do not belie.

        Raises:
            DataError: nothing can be cut, or no name can be put together of what is.
        """
        self.data, self.canvas = data, canvas
        self.count, self.seed = count, seed
        self.cuts = cut_crops(data, logits, charset)
        if not self.cuts:
            raise DataError(
                "no crop has a credible label and stands in letters apart: nothing to cut"
            )
        self.pieces: dict[str, list[tuple[int, int, int]]] = {}
        for k, cut in enumerate(self.cuts):
            for i in range(len(cut.text)):
                for j in range(i + 1, min(i + _LONGEST, len(cut.text)) + 1):
                    if not cut.spaces & set(range(i + 1, j)):
                        self.pieces.setdefault(cut.text[i:j], []).append((k, i, j))
        self.names = names.spelt_with({piece for piece in self.pieces if len(piece) == 1} | {" "})

    def sample(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one name."""
        rng = np.random.default_rng((self.seed, epoch, index, 2))
        if rng.random() < _EMPTY:
            return "", self._around(self.cuts[rng.integers(len(self.cuts))])
        text = self.names.draw(rng)
        return text, self._paste(self._spell(text, rng), rng)

    def _spell(self, text: str, rng: np.random.Generator) -> list[tuple[int, int, int] | None]:
        """Pieces for a text, None for a space."""
        parts: list[tuple[int, int, int] | None] = []
        pen = self.cuts[rng.integers(len(self.cuts))].pen
        at = 0
        while at < len(text):
            if text[at] == " ":
                parts.append(None)
                at += 1
                continue
            rest = [text[at : at + n] for n in range(1, min(_LONGEST, len(text) - at) + 1)]
            known = [piece for piece in rest if piece in self.pieces]
            piece = known[rng.integers(len(known))]
            choices = self.pieces[piece]
            tries = [choices[i] for i in rng.integers(len(choices), size=_TRIES).tolist()]
            parts.append(min(tries, key=lambda part: abs(self.cuts[part[0]].pen - pen)))
            at += len(piece)
        return parts

    def _paste(
        self, parts: Sequence[tuple[int, int, int] | None], rng: np.random.Generator
    ) -> Grey:
        """The pieces side by side, often in the place of a real crop's own letters."""
        height, width = self.canvas.height, self.canvas.width
        around = self.cuts[rng.integers(len(self.cuts))]
        tall = (around.bottom - around.top) * rng.uniform(0.8, 1.2)
        if rng.random() < _IN_PLACE:
            field = self._around(around)
            start, middle = around.starts[0], (around.top + around.bottom) / 2
        else:
            field = np.full((height, width), PAPER, np.uint8)
            start, middle = round(rng.uniform(3, 24)), height / 2 + rng.normal(0, 2)
        gap = tall * rng.uniform(0.02, 0.6)
        hand = _Hand(rng.normal(0, 0.12), rng.uniform(0.8, 1.2))
        line: list[Grey] = []
        for part in parts:
            if part is None:
                space = tall * rng.uniform(0.3, 1.0)
            else:
                cut = self.cuts[part[0]]
                own = tall * rng.uniform(0.9, 1.1)
                line.append(self._piece(cut, part[1], part[2], own, hand, rng))
                space = max(1.0, gap + rng.normal(0, 0.06) * tall)
            line.append(np.full((height, round(space)), PAPER, np.uint8))
        image = np.concatenate(line, 1)
        room = width - start - 3
        if image.shape[1] > room:  # as a crop too wide for the canvas is shrunk
            size = (room, max(8, round(height * room / image.shape[1])))
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        # The line's middle goes to the row of the crop's letters; what passes the edges is cut off.
        top = round(middle - image.shape[0] / 2)
        rows = image[max(0, -top) : height - top]
        place = field[max(0, top) : max(0, top) + len(rows), start : start + image.shape[1]]
        np.minimum(place, rows[: len(place)], out=place)
        return field

    def _around(self, cut: Cut) -> Grey:
        """A real crop without its letters: the print beside and above them."""
        field = np.array(self.data.canvases[cut.place])
        # Right of the letters stands nothing, but for the next field's: gone with them.
        field[cut.first_row : cut.last_row, cut.starts[0] :] = PAPER
        field[:, cut.ends[-1] :] = PAPER
        return field

    def _piece(
        self, cut: Cut, i: int, j: int, tall: float, hand: _Hand, rng: np.random.Generator
    ) -> Grey:
        """Letters i to j of a crop as (H, w), a usual letter `tall` pixels high in the middle."""
        height = self.canvas.height
        columns = slice(cut.starts[i], cut.ends[j - 1])
        image = np.array(self.data.canvases[cut.place][:, columns])
        image[: cut.first_row] = image[cut.last_row :] = PAPER
        scale = float(np.clip(tall / (cut.bottom - cut.top), 0.6, 1.7))
        stretch = scale * hand.stretch * rng.uniform(0.93, 1.07)
        slant = hand.slant + rng.normal(0, 0.04)
        lean = abs(slant) * tall / 2  # columns that the slant moves the top and the foot by
        width = max(1, round(image.shape[1] * stretch + 2 * lean))
        middle = height / 2 + rng.normal(0, 0.5)
        shift = middle - (cut.top + cut.bottom) / 2 * scale
        matrix = np.array(
            [[stretch, -slant * scale, lean + slant * (middle - shift)], [0, scale, shift]]
        )
        moved = cv2.warpAffine(
            image,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=PAPER,
        )
        return np.asarray(moved, np.uint8)


def cut_crops(data: NameData, logits: NDArray[np.float32], charset: Charset) -> list[Cut]:
    """Cut every crop whose letters stand apart, where its label's letters are found.

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
) -> Cut | None:
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
    return Cut(
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
