"""Windows of lines with their kinds, cut as the device cuts them: from pages, and from crops put on pages."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.line_kinds import HEIGHT, WIDTH, Kind, windows_of
from hwr_edge.page.locate import Line, find_lines

_HOLDS = {"name": Kind.HANDWRITING, "digits": Kind.DIGITS}
# Set by hand; `make print-model` measures the model that is trained with them.
_MUCH, _LITTLE = 0.12, 0.02  # of a window: so much of it is written, so little is chance
_PIECE = 0.5  # of what is written there in height: a lower line is a piece of it
_IMAGES = (".png", ".jpg", ".tif")


@dataclass(frozen=True)
class Windows:
    """What is learnt from.

    images: uint8 (N, 32, 192).
    kinds: uint8 (N,), values of `Kind`.
    lines: int64 (N,), a number for each line, unlike every other's.
    """

    images: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.kinds)

    def where(self, chosen: NDArray[np.bool_]) -> Windows:
        """Some of them."""
        return Windows(self.images[chosen], self.kinds[chosen], self.lines[chosen])

    def line(self) -> str:
        """Counts for people."""
        counts = ", ".join(f"{np.sum(self.kinds == k)} {k.name.lower()}" for k in Kind)
        return f"{len(self)} windows of {len(np.unique(self.lines))} lines: {counts}"


def joined(some: Iterable[Windows]) -> Windows:
    """All of them; lines keep apart."""
    parts = [w for w in some if len(w)]
    if not parts:
        raise DataError("no line was found to learn from")
    firsts = np.cumsum([0, *(int(w.lines.max()) + 1 for w in parts)])
    return Windows(
        np.concatenate([w.images for w in parts]),
        np.concatenate([w.kinds for w in parts]),
        np.concatenate([w.lines + first for w, first in zip(parts, firsts, strict=False)]),
    )


def of_folder(folder: Path) -> Windows:
    """Windows of every page in a folder; its truth is a JSON file of its name beside it.

    The JSON has "written": [{"box": [x, y, w, h], "holds": "name" or "digits"}] and "print": [box], in
    pixels of the image. A page without one is all print.

    Raises:
        DataError: there is no page in it.
    """
    return joined(of_page(read_grey(path), truth_of(path)) for path in images_of(folder))


def images_of(folder: Path) -> list[Path]:
    """The pages of a folder.

    Raises:
        DataError: there are none.
    """
    paths = sorted(p for p in folder.iterdir() if p.suffix in _IMAGES) if folder.is_dir() else []
    if not paths:
        raise DataError(f"{folder}: holds no page ({', '.join(_IMAGES)})")
    return paths


def truth_of(path: Path) -> dict[str, Any] | None:
    """What a page's JSON file says of it; None without one.

    Raises:
        DataError: it does not say that.
    """
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(beside.read_text("utf-8"))
        return {"written": found["written"], "print": found["print"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{beside}: does not say what is written on its page ({error!r})"
        ) from error


def of_page(image: Grey, truth: dict[str, Any] | None) -> Windows:
    """Windows of one upright page's lines; those of which it is not certain what they show are left out."""
    images, kinds, lines = [], [], []
    if truth is not None and sum(w < h for _, _, w, h in truth["print"]) > len(truth["print"]) / 2:
        return windows_made([], [], [])  # it lies on its side
    for k, line in enumerate(find_lines(image)):
        windows, spans = windows_of(line.crop)
        for window, span in zip(windows, spans, strict=True):
            kind = Kind.PRINT if truth is None else _kind(_place(line, span), truth)
            if kind is not None:
                images.append(window)
                kinds.append(kind)
                lines.append(k)
    return windows_made(images, kinds, lines)


def windows_made(images: Sequence[Grey], kinds: Sequence[int], lines: Sequence[int]) -> Windows:
    """From lists."""
    stacked = np.stack(images) if images else np.zeros((0, HEIGHT, WIDTH), np.uint8)
    return Windows(stacked, np.array(kinds, np.uint8), np.array(lines, np.int64))


def _place(line: Line, span: tuple[int, int]) -> Box:
    """Where the image shows a part of a line, of which `span` are columns of its crop."""
    x, y, width, height = line.box
    room = 0.4 * line.letter  # of paper beside the ink, in the crop
    left, right = (min(max(v - room, 0), width) for v in span)
    return round(x + left), y, max(1, round(right - left)), height


def _kind(place: Box, truth: dict[str, Any]) -> Kind | None:
    """What the page's truth says of a place; None where that is not certain.

    A line goes through the middle of what is written on it: what only reaches into it is another's.
    """
    middle = _middle(place)
    area = middle[2] * middle[3]
    touched = [w for w in truth["written"] if _common(place, w["box"])]
    if any(place[3] < _PIECE * w["box"][3] for w in touched):
        return None
    written = {
        kind: sum(_common(middle, _middle(w["box"])) for w in touched if _HOLDS[w["holds"]] == kind)
        for kind in (Kind.HANDWRITING, Kind.DIGITS)
    }
    most = max(written, key=lambda kind: written[kind])
    if written[most] >= _MUCH * area:
        return most
    if sum(_common(place, w["box"]) for w in touched) >= _LITTLE * place[2] * place[3]:
        return None
    printed = sum(_common(place, box) for box in truth["print"])
    return Kind.PRINT if printed >= _MUCH * place[2] * place[3] else Kind.MARK


def _middle(box: Sequence[int]) -> Box:
    """The middle half of a box's height."""
    x, y, width, height = box
    return x, y + height // 4, width, max(1, height // 2)


def _common(one: Box, other: Sequence[int]) -> int:
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)


def parted(all_: Windows, share: int = 10) -> tuple[Windows, Windows]:
    """Most of them, and of one line in `share` those that a threshold is chosen with."""
    numbers = np.array([zlib.crc32(str(n).encode()) % share == 0 for n in all_.lines])
    return all_.where(~numbers), all_.where(numbers)


def batches_of_lines(all_: Windows) -> Iterator[NDArray[np.int64]]:
    """The places of each line's windows."""
    order = np.argsort(all_.lines, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(all_.lines[order])) + 1)
