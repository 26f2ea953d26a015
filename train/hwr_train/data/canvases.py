"""Images of rows as canvases in one array, preprocessed once and memory-mapped."""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError, ImageError
from hwr_edge.image import decode, morphology
from hwr_edge.image.pixels import Grey
from hwr_edge.line import closeup
from hwr_edge.line import preprocess as preprocessing
from hwr_edge.line.preprocess import Canvas, preprocess
from hwr_train.data.cleaning import CleaningReport
from hwr_train.data.row import Row
from hwr_train.files import replace_text
from hwr_train.interrupts import check

_AT_ONCE = 1024  # images


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
    """Preprocess the rows' images into one array, memory-mapped under `cache`.

    Images that cannot be read are noted in `report` and left out.

    Raises:
        DataError: no image could be read, or the cache cannot be written.
    """
    if not rows:
        raise DataError(f"no usable row ({report.line()})")
    if cache is None:
        array = np.empty((len(rows), canvas.height, canvas.width), np.uint8)
        canvases = iter(array)
        broken = _fill(lambda made: np.copyto(next(canvases), made), rows, canvas)
    else:
        array, broken = _cached(rows, canvas, cache)
    for i in broken:
        report.drop("image broken", rows[i].name)
    skip = set(broken)
    good = [row for i, row in enumerate(rows) if i not in skip]
    report.kept = len(good)
    # A slice of a memory-mapped array is one too: nothing is read into memory here.
    return NameData(array[: len(good)], tuple(r.text for r in good), tuple(r.name for r in good))


def _cached(
    rows: Sequence[Row], canvas: Canvas, cache: Path
) -> tuple[NDArray[np.uint8], list[int]]:
    """The memory-mapped canvases, made if they are not there, and which rows are broken."""
    path = cache / f"{_key(rows, canvas)}.npy"
    beside = path.with_suffix(".json")
    try:
        return np.load(path, mmap_mode="r"), json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError, EOFError):  # not there, or damaged
        try:
            cache.mkdir(parents=True, exist_ok=True)
            _make(path, beside, rows, canvas)
        except OSError as error:
            why = error.strerror or error
            raise DataError(f"{cache}: the cache cannot be written ({why})") from error
    return np.load(path, mmap_mode="r"), json.loads(beside.read_text(encoding="utf-8"))


def _key(rows: Sequence[Row], canvas: Canvas) -> str:
    key = hashlib.sha256(repr(canvas).encode())
    key.update(cv2.__version__.encode())
    for module in (preprocessing, closeup, morphology, decode):
        key.update(Path(str(module.__file__)).read_bytes())
    for row in rows:
        key.update(f"{row.identity()}\n".encode("utf-8", "surrogateescape"))
    return key.hexdigest()[:20]


def _make(path: Path, beside: Path, rows: Sequence[Row], canvas: Canvas) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    draft = Path(name)
    shape = (len(rows), canvas.height, canvas.width)
    try:
        # Not mapped, for what is written would stay in memory.
        with os.fdopen(handle, "wb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": "|u1", "fortran_order": False, "shape": shape}
            )
            whole = file.tell() + math.prod(shape)
            file.flush()
            # Taken before it is written to: a full disk is an error at once.
            if hasattr(os, "posix_fallocate"):  # Linux
                os.posix_fallocate(handle, 0, whole)
            broken = _fill(lambda made: file.write(made.tobytes()), rows, canvas)
            file.truncate(whole)  # the rows of broken images are nought
        replace_text(beside, json.dumps(broken))
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _fill(keep: Callable[[Grey], object], rows: Sequence[Row], canvas: Canvas) -> list[int]:
    """Give `keep` the canvases of the images that can be read, in their order.

    Returns the indices of the rows that cannot be.

    Raises:
        DataError: none can be.
    """

    def one(row: Row) -> Grey | None:
        try:
            return preprocess(row.grey(), canvas)
        except ImageError:
            return None

    broken = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # Some at a time: a Ctrl-C would wait for all that the pool was given.
        parts = (rows[k : k + _AT_ONCE] for k in range(0, len(rows), _AT_ONCE))
        for i, made in enumerate(chain.from_iterable(pool.map(one, part) for part in parts)):
            check()
            if made is None:
                broken.append(i)
            else:
                keep(made)
            if sys.stderr.isatty() and (i % 500 == 0 or i + 1 == len(rows)):
                end = "\n" if i + 1 == len(rows) else ""
                print(f"\rpreprocessing {i + 1}/{len(rows)}", end=end, file=sys.stderr)
    if len(broken) == len(rows):
        raise DataError(f"none of {len(rows)} images could be read, for example {rows[0].path}")
    return broken
