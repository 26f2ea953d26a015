"""Pictures of rows as canvases in one array, preprocessed once and memory-mapped."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwr_edge import preprocess as preprocessing
from hwr_edge.errors import DataError, ImageError
from hwr_edge.image import read_grey
from hwr_edge.preprocess import Canvas, preprocess
from hwr_train.rows import CleaningReport, Row


@dataclass(frozen=True)
class NameData:
    """Canvases uint8 (N, H, W), often memory-mapped, with their texts and ids."""

    canvases: NDArray[np.uint8]
    texts: tuple[str, ...]
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)


def load(
    rows: Sequence[Row], report: CleaningReport, canvas: Canvas, cache: Path | None = None
) -> NameData:
    """Preprocess the rows' pictures into one array, memory-mapped under `cache`.

    Pictures that cannot be read are noted in `report` and left out.

    Raises:
        DataError: no picture could be read, or the cache cannot be written.
    """
    if not rows:
        raise DataError(f"no usable row ({report.line()})")
    if cache is None:
        array = np.empty((len(rows), canvas.height, canvas.width), np.uint8)
        good = _fill(array, rows, report, canvas)
    else:
        array, good = _cached(rows, report, canvas, cache)
    texts, ids = zip(*((rows[i].text, rows[i].name) for i in good), strict=True)
    report.kept = len(good)
    return NameData(array if len(good) == len(rows) else array[good], texts, ids)


def _cached(
    rows: Sequence[Row], report: CleaningReport, canvas: Canvas, cache: Path
) -> tuple[NDArray[np.uint8], list[int]]:
    key = hashlib.sha256(repr(canvas).encode())
    key.update(Path(preprocessing.__file__).read_bytes())
    for row in rows:
        key.update(f"{row.path}\0{row.path.stat().st_mtime_ns}\n".encode())
    path = cache / f"{key.hexdigest()[:20]}.npy"
    broken_path = path.with_suffix(".json")
    if not path.exists() or not broken_path.exists():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            shape = (len(rows), canvas.height, canvas.width)
            handle, draft = tempfile.mkstemp(dir=cache, suffix=".part")
            os.close(handle)
            array = np.lib.format.open_memmap(draft, mode="w+", dtype=np.uint8, shape=shape)
            good = set(_fill(array, rows, report, canvas))
            array.flush()
            broken = [i for i in range(len(rows)) if i not in good]
            broken_path.write_text(json.dumps(broken), encoding="utf-8")
            os.replace(draft, path)
        except OSError as error:
            raise DataError(f"{cache}: the cache cannot be written ({error})") from error
    else:
        broken = json.loads(broken_path.read_text(encoding="utf-8"))
        for i in broken:
            report.drop("picture broken", rows[i].name)
    skip = set(broken)
    return np.load(path, mmap_mode="r"), [i for i in range(len(rows)) if i not in skip]


def _fill(
    array: NDArray[np.uint8], rows: Sequence[Row], report: CleaningReport, canvas: Canvas
) -> list[int]:
    """Fill `array` from the rows' pictures in parallel; the indices that could be read."""

    def one(i: int) -> bool:
        try:
            array[i] = preprocess(read_grey(rows[i].path), canvas)
        except ImageError:
            return False
        return True

    good = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for i, fine in enumerate(pool.map(one, range(len(rows)))):
            if fine:
                good.append(i)
            else:
                report.drop("picture broken", rows[i].name)
            if sys.stderr.isatty() and (i % 500 == 0 or i + 1 == len(rows)):
                end = "\n" if i + 1 == len(rows) else ""
                print(f"\rpreprocessing {i + 1}/{len(rows)}", end=end, file=sys.stderr)
    if not good:
        raise DataError(f"none of {len(rows)} pictures could be read, for one {rows[0].path}")
    return good
