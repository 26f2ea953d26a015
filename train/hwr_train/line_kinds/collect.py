"""What the network learns from, gathered from folders; kept in a file, since it takes minutes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
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


def gathered(
    sources: Sources, check: bool, seed: int, say: Callable[[str], None], jobs: int = 1
) -> Windows:
    """All windows to learn from; for `check` those to measure with, of other writers and fonts.

    seed: of each source's own generator; so `jobs`, a number of processes, changes nothing.
    """
    tasks = _tasks(sources, check, seed)
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        parts = list(
            pool.map(_called, tasks.values()) if jobs > 1 else map(_called, tasks.values())
        )
    for name, windows in zip(tasks, parts, strict=True):
        say(f"{name}: {windows.line()}")
    return joined(parts)


def _tasks(sources: Sources, check: bool, seed: int) -> dict[str, Callable[[], Windows]]:
    """What makes each source's windows."""
    tasks: dict[str, Callable[[], Windows]] = {str(f): partial(of_folder, f) for f in sources.pages}
    for name, found in _of_hands(sources, check).items():
        tasks[name] = partial(found, seed=[seed, check, len(tasks)])
    return tasks


def _called(task: Callable[[], Windows]) -> Windows:
    return task()


def _of_hands(sources: Sources, check: bool) -> dict[str, Callable[..., Windows]]:
    """What windows of handwriting, digits and plotted print are made by, each from a seed."""
    tasks: dict[str, Callable[..., Windows]] = {}
    if sources.data:
        rows = _names(sources.data, "validation" if check else "train")
        tasks[str(sources.data)] = partial(_some_crops, rows, sources.most, True)
    for folder in sources.crops:
        rows = _crops(folder, sources.held_out, check)
        tasks[str(folder)] = partial(_some_crops, rows, sources.most, False)
    if sources.made:
        tasks["made lines"] = partial(_made_lines, sources, check)
        tasks["plotted print"] = partial(_plotted, max(1, sources.made // 4))
    return tasks


def _some_crops(
    rows: Sequence[tuple[Path, str]], most: int, printed: bool, seed: Sequence[int]
) -> Windows:
    rng = np.random.default_rng(seed)
    reader = Recognizer() if printed else None  # crops that hold print too
    return of_crops(list(some_of(rows, most, rng)), rng, reader)


def _made_lines(sources: Sources, check: bool, seed: Sequence[int]) -> Windows:
    return of_made(_maker(sources, check, seed[0]), sources.made, np.random.default_rng(seed))


def _plotted(count: int, seed: Sequence[int]) -> Windows:
    return of_plotted(count, np.random.default_rng(seed))


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
    path: Path,
    sources: Sources,
    check: bool,
    seed: int,
    say: Callable[[str], None],
    jobs: int = 1,
) -> Windows:
    """As `gathered`, or what an earlier run has left at `path`."""
    if path.is_file():
        windows = load(path)
        say(f"{path}: {windows.line()}")
        return windows
    windows = gathered(sources, check, seed, say, jobs)
    save(path, windows)
    return windows
