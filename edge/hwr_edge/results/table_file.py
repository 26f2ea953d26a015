"""Tables as people keep them: text with any separator, and the files of spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hwr_edge.errors import DataError
from hwr_edge.line.charset import fold
from hwr_edge.results.siecle import is_siecle, rows_of
from hwr_edge.results.spreadsheet import read_sheets
from hwr_edge.textfile import decoded, read_bytes

if TYPE_CHECKING:
    from hwr_edge.line.name_model import NameModel

Cells = list[str]

_SEPARATORS = (";", "\t", ",", "|", ":")
_NONE = "\x1f"  # a separator that no text has: each line is one cell
_NUMBERED = re.compile(r"\A\d+\s*[.)]\s*")
_SPREADSHEETS = {b"PK\x03\x04": ".xlsx or .ods", b"\xd0\xcf\x11\xe0": ".xls"}
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"<?xml", "XML that is not SIECLE's list of pupils"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<", "a web page, whatever its name ends in"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)
_INSTEAD = (
    "export the list as CSV or Excel, or open it in a spreadsheet program and save it as .csv"
)


class Table(NamedTuple):
    """Lines of a file that hold anything, with their numbers, from 1.

    rows: (line number, cells), cells without outer spaces.
    notes: what was guessed, a line each.
    parted: whether the lines are parted into cells.
    """

    rows: list[tuple[int, Cells]]
    notes: list[str]
    parted: bool


def read_tables(path: Path) -> list[Table]:
    """The ways to read a file as a table, the likeliest first; of a spreadsheet or XML there is one.

    Raises:
        DataError: the file cannot be read, or is no table.
    """
    raw = read_bytes(path)
    if raw[:4] in _SPREADSHEETS:
        return [_of_spreadsheet(path, _SPREADSHEETS[raw[:4]])]
    if is_siecle(raw):
        return [Table(rows_of(path, raw), [], True)]
    start = raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, kind in _OTHERS:
        if start.startswith(mark):
            raise DataError(f"{path}: is {kind}; {_INSTEAD}")
    text, guess = decoded(raw, path, _log_prob_as_name)
    notes = []
    if guess:
        beyond = re.search(r"\w*[^\x00-\x7f]\w*", text)
        shown = f", where one word is {beyond[0]!r}" if beyond else ""
        notes = [
            f"{path}: is not UTF-8; taken for {guess}{shown}; if that is wrong, save it as UTF-8"
        ]
    return _of_text(text, path, notes)


def _log_prob_as_name(word: str) -> float | None:
    """log p of a word by the shipped name model; None where its letters are no name's."""
    names = _name_model()
    try:
        return names.log_prob(fold(word)) if names else None
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _name_model() -> NameModel | None:
    """Loaded for lists that do not say their encoding."""
    from hwr_edge.line.name_model import NameModel
    from hwr_edge.line.shipped import default_name_model

    path = default_name_model()
    return NameModel.load(path) if path else None


def _of_text(text: str, path: Path, notes: list[str]) -> list[Table]:
    said = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # Excel's own line
    separators: Sequence[str] = _SEPARATORS
    first = 1
    if said:
        text, first, separators = text[said.end() :], 2, said[1]
    found, why = [], None
    for separator in (*separators, _NONE):
        try:
            table = Table(_rows(text, separator, first), notes, separator != _NONE)
        except csv.Error as error:
            why = why or error
            continue
        if any(len(cells) > 1 for _, cells in table.rows) or separator == _NONE:
            found.append(table)
    if why and not found:
        raise DataError(f"{path}: not a CSV ({why})") from why
    return sorted(found, key=_evenness, reverse=True)


def _rows(text: str, separator: str, first: int) -> list[tuple[int, Cells]]:
    """The lines that hold anything but a comment."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    rows, at = [], first
    for row in reader:
        cells = [_unquoted(cell.strip()) for cell in row]
        if separator == _NONE and cells:  # a comment after a name, a number before it
            cells = [_NUMBERED.sub("", cells[0].partition("#")[0], count=1).strip(), *cells[1:]]
        if any(cells) and not cells[0].startswith("#"):
            rows.append((at, cells))
        at = first + reader.line_num
    return rows


def _unquoted(cell: str) -> str:
    return cell[1:-1].strip() if len(cell) > 2 and cell[0] == cell[-1] == "'" else cell


def _evenness(table: Table) -> tuple[bool, float]:
    """How many lines have as many cells as most; what parts nothing comes last."""
    widths = Counter(len(cells) for _, cells in table.rows)
    if not table.parted or not widths:
        return False, 0.0
    width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
    return width > 1, count / widths.total()


def _of_spreadsheet(path: Path, kind: str) -> Table:
    sheets = read_sheets(path, kind)
    filled = [sheet for sheet in sheets if any(map(any, sheet.rows))]
    if not filled:
        return Table([], [], True)
    name, rows = filled[0]
    notes = []
    if len(filled) > 1:
        others = ", ".join(sheet.name for sheet in filled[1:])
        notes = [f"{path}: its first sheet, {name}, is read; skipped: {others}"]
    kept = [(k, row) for k, row in enumerate(rows, 1) if any(row) and not row[0].startswith("#")]
    return Table(kept, notes, True)
