"""Names put together from pieces of real crops: real ink, in words that nobody wrote there.

A piece is one letter or a few of one hand, as `cut_crops` finds them; a new name is a row of pieces of like
pens, on one baseline and of one size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.line.charset import Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.data.canvases import NameData
from hwr_train.synthetic.cut_crops import CutCrop, cut_crops
from hwr_train.synthetic.name_list import NameList

# Set by hand; `make evaluate` measures a model that was trained with them.
_LONGEST = 4  # letters of a piece
_TRIES = 6  # pieces looked at for one of a like pen
_EMPTY = 0.015  # share of fields with all but the name
_IN_PLACE = 0.6  # share of names that stand in a real crop, with the print around it


class _Style(NamedTuple):
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
        """CutCrop the crops of `data` whose labels their logits (N, T, classes) do not belie.

        Raises:
            DataError: nothing can be cut, or no name can be put together of what is.
        """
        self.data, self.canvas = data, canvas
        self.count, self.seed = count, seed
        self.cuts = cut_crops(data, logits, charset)
        if not self.cuts:
            raise DataError("no crop could be cut into letters")
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
        hand = _Style(rng.normal(0, 0.12), rng.uniform(0.8, 1.2))
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

    def _around(self, cut: CutCrop) -> Grey:
        """A real crop without its letters: the print beside and above them."""
        field = np.array(self.data.canvases[cut.place])
        # Right of the letters stands nothing, but for the next field's: gone with them.
        field[cut.first_row : cut.last_row, cut.starts[0] :] = PAPER
        field[:, cut.ends[-1] :] = PAPER
        return field

    def _piece(
        self, cut: CutCrop, i: int, j: int, tall: float, hand: _Style, rng: np.random.Generator
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
