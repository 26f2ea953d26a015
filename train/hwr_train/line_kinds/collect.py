"""What the network learns from, gathered from folders; kept in a file, since it takes minutes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwr_edge.errors import DataError
from hwr_edge.line.recognizer import Recognizer
from hwr_train.config import TrainConfig
from hwr_train.data.cleaning import NON_NAMES
from hwr_train.data.rows import read_rows
from hwr_train.data.tables import read_columns
from hwr_train.line_kinds.hands import of_crops, of_made, of_plotted, some_of
from hwr_train.line_kinds.windows import Windows, joined, of_folder
from hwr_train.synthetic.fields import FieldGenerator
from hwr_train.synthetic.fonts import read_fonts
from hwr_train.synthetic.glyphs import stroke_file_writers

_FONTS = 8
"""One handwriting font in so many is for measuring."""


@dataclass(frozen=True)
class Sources:
    """Where lines come from.

    pages: folders of pages with what is printed and written on them, as `windows.of_folder` reads them.
    data: name crops in the public layout, which hold print, too.
    crops: folders of handwriting with labels.csv and images/.
    held_out: matches writers of `crops` that are for measuring.
    fonts: folder of handwriting fonts; strokes: file of pen strokes.
    most: crops of each folder; made: lines drawn.
    """

    pages: Sequence[Path]
    data: Path | None
    crops: Sequence[Path]
    held_out: str
    fonts: Path | None
    strokes: Path | None
    most: int
    made: int


def gathered(sources: Sources, check: bool, seed: int, say: Callable[[str], None]) -> Windows:
    """All windows to learn from; for `check` those to measure with, of other writers and fonts."""
    rng, parts = np.random.default_rng([seed, check]), []

    def take(name: str, windows: Windows) -> None:
        say(f"{name}: {windows.line()}")
        parts.append(windows)

    for folder in sources.pages:
        take(str(folder), of_folder(folder))
    if sources.data:
        rows = _names(sources.data, "validation" if check else "train")
        reader = Recognizer()
        take(str(sources.data), of_crops(list(some_of(rows, sources.most, rng)), rng, reader))
    for folder in sources.crops:
        rows = _crops(folder, sources.held_out, check)
        take(str(folder), of_crops(list(some_of(rows, sources.most, rng)), rng, None))
    if sources.made:
        take("made lines", of_made(_maker(sources, check, seed), sources.made, rng))
        take("plotted print", of_plotted(max(1, sources.made // 4), rng))
    return joined(parts)


def _names(data: Path, split: str) -> list[tuple[Path, str]]:
    rows = read_rows(TrainConfig(data=str(data)), split)
    return [(row.path, row.text) for row in rows if row.text and row.text not in NON_NAMES]


def _crops(folder: Path, held_out: str, check: bool) -> list[tuple[Path, str]]:
    rows = read_columns(folder / "labels.csv", "FILENAME", "IDENTITY", "WRITER")
    return [
        (folder / "images" / name, text)
        for name, text, writer in rows
        if bool(re.search(held_out, writer)) == check
    ]


def _maker(sources: Sources, check: bool, seed: int) -> FieldGenerator:
    fonts = read_fonts(sources.fonts) if sources.fonts else []
    fonts = [font for k, font in enumerate(fonts) if (k % _FONTS == 0) == check]
    writers = stroke_file_writers(sources.strokes) if sources.strokes else None
    return FieldGenerator(writers=writers, seed=seed + check, fonts=fonts)


def load(path: Path) -> Windows:
    """Windows that were kept.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with np.load(path) as kept:
            return Windows(kept["images"], kept["kinds"], kept["lines"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: holds no windows of lines ({error})") from error


def save(path: Path, windows: Windows) -> None:
    """Keep windows."""
    np.savez_compressed(path, images=windows.images, kinds=windows.kinds, lines=windows.lines)


def gathered_once(
    path: Path, sources: Sources, check: bool, seed: int, say: Callable[[str], None]
) -> Windows:
    """As `gathered`, or what an earlier run has left at `path`."""
    if path.is_file():
        windows = load(path)
        say(f"{path}: {windows.line()}")
        return windows
    windows = gathered(sources, check, seed, say)
    save(path, windows)
    return windows
