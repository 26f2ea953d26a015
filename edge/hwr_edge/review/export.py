"""What comes of a review: a table for people, and training rows of what they corrected.

Both hold people's names: they are readable by their owner alone.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

import cv2

from hwr_edge.errors import ImageError, OutputError
from hwr_edge.image import read_grey
from hwr_edge.output import make_folder, write_whole
from hwr_edge.preprocess import Grey
from hwr_edge.review.answers import Answer
from hwr_edge.review.results import Results

_HEADING = ("image", "name", "checked", "read", "confidence")
_TABLE, _PICTURES = "written_name_train_v2.csv", Path("train_v2", "train")


def table(results: Results, answers: Mapping[int, Answer]) -> str:
    """All rows as CSV, in the order of the results.

    name: the answer, else what was proposed; empty for what nobody can read.
    checked: yes, no, or unreadable.
    read, confidence: what was proposed, and how surely.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(_HEADING)
    for place, row in enumerate(results.rows):
        name, checked = row.proposed, "no"
        if answer := answers.get(place):
            name, checked = answer.text or "", "unreadable" if answer.text is None else "yes"
        writer.writerow((row.image, name, checked, row.proposed, f"{row.sure:.4f}"))
    return lines.getvalue()


def write_table(path: Path, results: Results, answers: Mapping[int, Answer]) -> None:
    """Write `table`, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    private = not path.exists()
    write_whole(path, table(results, answers).encode("utf-8", "surrogateescape"))
    if private:
        _own(path)


def write_corrections(
    folder: Path, results: Results, answers: Mapping[int, Answer]
) -> tuple[int, list[str]]:
    """Every answered picture with its answer, in the public layout of a training split.

    Returns:
        How many rows there are, and a line for each picture that could not be read.

    Raises:
        OutputError: something cannot be written.
    """
    make_folder(folder / _PICTURES)
    folder.chmod(0o700)
    lines, problems = io.StringIO(), []
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("FILENAME", "IDENTITY"))
    count = 0
    for place, answer in sorted(answers.items()):
        if answer.text is None:
            continue
        name = f"{results.digest[:12]}-{place:06d}.png"
        try:
            _write_picture(folder / _PICTURES / name, cut(results, place))
        except ImageError as error:
            problems.append(str(error))
            continue
        writer.writerow((name, answer.text))
        count += 1
    write_whole(folder / _TABLE, lines.getvalue().encode("utf-8"))
    _own(folder / _TABLE)
    return count, problems


def cut(results: Results, place: int) -> Grey:
    """A row's part of its picture, uint8 (H, W).

    Raises:
        ImageError: the picture cannot be read any more.
    """
    x, y, width, height = results.rows[place].box
    grey = read_grey(results.picture(place))
    part = grey[max(0, y) : y + height, max(0, x) : x + width]
    return part if part.size else grey


def _write_picture(path: Path, grey: Grey) -> None:
    write_whole(path, cv2.imencode(".png", grey)[1].tobytes())
    _own(path)


def _own(path: Path) -> None:
    try:
        os.chmod(path, 0o600)  # noqa: PTH101
    except OSError as error:
        raise OutputError(f"{path}: its permissions cannot be set ({error.strerror})") from error
