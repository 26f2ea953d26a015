"""What comes of a review: a table for people, and training rows of what they corrected.

Both hold people's names: they are readable by their owner alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import cv2

from hwr_edge.errors import DataError, ImageError
from hwr_edge.files import open_sink, write_own
from hwr_edge.folders import make_folder, make_own_folder, sync_folder
from hwr_edge.locks import hold
from hwr_edge.results.cells import no_formula
from hwr_edge.results.matched import Matches
from hwr_edge.results.roster_file import People
from hwr_edge.results.separator import MARK, Separator
from hwr_edge.review.answer_file import Answer, is_training_text
from hwr_edge.review.images import cut
from hwr_edge.review.people import NameList
from hwr_edge.review.results import Results
from hwr_edge.textfile import read_text

_PATIENCE = 300.0  # seconds, for others who write corrections into the same folder
_HEADING = ("image", "page", "field", "name", "checked", "read", "confidence")
_COLUMNS = ("FILENAME", "IDENTITY")
_TABLE, _PICTURES = "written_name_train_v2.csv", Path("train_v2", "train")


def table(
    results: Results,
    answers: Mapping[int, Answer],
    separator: Separator = Separator.COMMA,
    missing: Sequence[str] = (),
) -> str:
    """All rows as CSV, in the order of the results; then a row for each name that is missing.

    name: the answer, else what was proposed; empty for what nobody can read.
    checked: yes, no, unreadable, or missing.
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
    for name in missing:
        rest = [""] * (len(_HEADING) - 5 + len(keys))
        lines.write(separator.record(["", "", "", no_formula(name), "missing", *rest]))
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
    matches = Matches(people)
    matches.count(NameList(people, results).found(answers))
    return matches.write_missing(path, separator)


def write_table(
    path: Path,
    results: Results,
    answers: Mapping[int, Answer],
    separator: Separator = Separator.COMMA,
    missing: Sequence[str] = (),
) -> None:
    """Write `table` with a byte order mark, by which spreadsheets know UTF-8; whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    with open_sink(path, private=True) as sink:
        sink.write(MARK + table(results, answers, separator, missing))


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
        if not answer.text or not is_training_text(answer.text):
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
