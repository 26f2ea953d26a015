"""What comes of a review: a table for people, and training rows of what they corrected.

Both hold people's names: they are readable by their owner alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import cv2

from hwr_edge.errors import DataError, ImageError
from hwr_edge.files import make_folder, make_own_folder, open_sink, sync_folder, write_own
from hwr_edge.image.document import checksum, read_page_of
from hwr_edge.image.pixels import Grey
from hwr_edge.image.turning import upright
from hwr_edge.line.charset import fold
from hwr_edge.locks import hold
from hwr_edge.results.matched import Matches, names_by_writing
from hwr_edge.results.roster_file import People
from hwr_edge.results.rows import no_formula
from hwr_edge.results.separator import MARK, Separator
from hwr_edge.review.answers import Answer
from hwr_edge.review.results import Results
from hwr_edge.textfile import read_text

_PATIENCE = 300.0  # seconds, for others who write corrections into the same folder
_ROOM = 0.3  # of a line's height, around it
_HEADING = ("image", "page", "field", "name", "checked", "read", "confidence")
_COLUMNS = ("FILENAME", "IDENTITY")
_TABLE, _PICTURES = "written_name_train_v2.csv", Path("train_v2", "train")


def table(
    results: Results, answers: Mapping[int, Answer], separator: Separator = Separator.COMMA
) -> str:
    """All rows as CSV, in the order of the results.

    name: the answer, else what was proposed; empty for what nobody can read.
    checked: yes, no, or unreadable.
    read, confidence: what was proposed, and how surely.
    After these comes what the roster says of the name, where results have it and it is the one proposed.
    """
    lines = io.StringIO()
    keys = list(dict.fromkeys(key for row in results.rows for key, _ in row.kept))
    lines.write(separator.record([*_HEADING, *keys]))
    for place, row in enumerate(results.rows):
        name, checked = row.proposed, "no"
        if answer := answers.get(place):
            name, checked = answer.text or "", "unreadable" if answer.text is None else "yes"
        cells = (
            row.image,
            "" if row.page is None else str(row.page),
            row.field or "",
            name,
            checked,
            row.proposed,
            round(row.sure, 4),
            *(dict(row.kept).get(key, "") if name == row.proposed else "" for key in keys),
        )
        lines.write(separator.record([no_formula(cell) for cell in cells]))
    return lines.getvalue()


def write_missing(
    path: Path,
    results: Results,
    answers: Mapping[int, Answer],
    people: People,
    separator: Separator = Separator.COMMA,
) -> str:
    """Write who of a roster is in no row, as it was answered, else proposed; a line for people.

    Raises:
        OutputError: it cannot be written.
    """
    matches, written = Matches(people), names_by_writing(people)
    for place, row in enumerate(results.rows):
        answer = answers.get(place)
        name = row.proposed if answer is None else answer.text or ""
        if fold(name) in written:
            matches.count([written[fold(name)]])
    return matches.write_missing(path, separator)


def write_table(
    path: Path,
    results: Results,
    answers: Mapping[int, Answer],
    separator: Separator = Separator.COMMA,
) -> None:
    """Write `table` with a byte order mark, by which spreadsheets know UTF-8; whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    with open_sink(path, private=True) as sink:
        sink.write(MARK + table(results, answers, separator))


def write_corrections(
    folder: Path, results: Results, answers: Mapping[int, Answer]
) -> tuple[int, list[str]]:
    """Every answered image with its answer, in the public layout of a training split.

    Rows of other results that are there stay; those of these results are made anew. An image that
    cannot be read any more keeps the crop that was made of it before.

    Returns:
        How many rows there are, and a line for each image that could not be read.

    Raises:
        DataError: the table that is there is none of training rows.
        OutputError: something cannot be written, or another process writes there and does not end.
    """
    make_folder(folder, private=True)
    make_own_folder(folder, _PICTURES)
    with hold(folder / _TABLE, _PATIENCE):
        return _written(folder, results, answers)


def _written(
    folder: Path, results: Results, answers: Mapping[int, Answer]
) -> tuple[int, list[str]]:
    mine = results.digest[:12]
    rows = [row for row in _rows_of(folder / _TABLE) if not row[0].startswith(mine)]
    problems, before = [], len(rows)
    for place, answer in sorted(answers.items()):
        if not answer.text:  # unreadable, or nothing written: no name to learn
            continue
        name = f"{mine}-{place:06d}.png"
        try:
            image = cv2.imencode(".png", cut(results, place))[1].tobytes()
        except ImageError as error:
            problems.append(str(error))
            if (folder / _PICTURES / name).is_file():
                rows.append((name, answer.text))
            continue
        write_own(folder / _PICTURES / name, image, private=True)
        rows.append((name, answer.text))
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows([_COLUMNS, *rows])
    write_own(folder / _TABLE, lines.getvalue().encode("utf-8"), private=True)
    sync_folder(folder / _TABLE)
    kept = {name for name, _ in rows}
    for old in (folder / _PICTURES).glob(f"{mine}-*.png"):
        if old.name not in kept:  # its answer was taken back
            with suppress(OSError):  # it is in no table, and harms nobody
                old.unlink()
    return len(rows) - before, problems


def _rows_of(path: Path) -> list[tuple[str, str]]:
    """The rows of a training split's table; none where there is no such file."""
    if not path.is_file():
        return []
    head, *found = list(csv.reader(io.StringIO(read_text(path), newline=""))) or [[*_COLUMNS]]
    if tuple(head) != _COLUMNS or any(len(row) != 2 for row in found):
        raise DataError(
            f"{path}: is not a table of only {','.join(_COLUMNS)}; choose another folder for corrections"
        )
    return [(row[0], row[1]) for row in found]


@lru_cache(maxsize=1)
def _page(path: Path, page: int | None, crc32: str | None, stamp: tuple[int, int]) -> Grey:
    """A page, kept for the rows after it as long as the file's time and size stay; not to be changed."""
    if crc32 is not None and checksum(path) != crc32:
        raise _changed(path)
    return read_page_of(path, page)


def _changed(path: Path) -> ImageError:
    return ImageError(f"{path}: changed after it was read; read it again")


def cut(results: Results, place: int) -> Grey:
    """A row's part of its image, uint8 (H, W), upright; of a line on a page with paper around it.

    Raises:
        ImageError: the image cannot be read any more, or is another than was read.
    """
    row, path = results.rows[place], results.image(place)
    x, y, width, height = row.box
    try:
        now = path.stat()
        grey = upright(_page(path, row.page, row.crc32, (now.st_mtime_ns, now.st_size)), row.turn)
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror})") from error
    if x < 0 or y < 0 or grey[y : y + height, x : x + width].shape != (height, width) or not width:
        raise _changed(path)
    if grey.shape == (height, width):
        return grey
    room = round(_ROOM * height)
    left, top = max(0, x - room), max(0, y - room)
    return grey[top : y + height + room, left : x + width + room]
