"""Rosters as people keep them: a name a line, or a table of any program, with what else it says of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.results.name_cells import is_name, is_part, no_name
from hwr_edge.results.name_columns import ASK, SHOWN, Columns, find_columns, width_of
from hwr_edge.results.table_file import Table, read_tables
from hwr_edge.textfile import composed


@dataclass(frozen=True)
class Entry:
    """A line of a roster: its number in the file, from 1, and its cells by heading, or by number."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class People:
    """A roster with what it says of each of its people.

    names: as the file spells them, each once, in its order.
    others: further ways to write a name: with a name in use, with the first of several first names.
    entries: the lines of each name; more than one where people are called alike.
    headings: of all columns.
    id_column: the heading under which people are numbered, where there is one.
    notes: what was guessed or left out, a line each.
    """

    names: tuple[str, ...]
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    id_column: str | None = None
    notes: tuple[str, ...] = ()

    def spelt(self) -> dict[str, tuple[str, ...]]:
        """Every name with its other ways to be written, as a Recognizer takes them."""
        return {name: self.others.get(name, ()) for name in self.names}


def read_roster(path: Path | str, column: str | Sequence[str] | None = None) -> list[str]:
    """The names in a file, in its order, each once; `read_people` says how they are found.

    Raises:
        DataError: as `read_people`.
    """
    columns = (column,) if isinstance(column, str) else tuple(column or ())
    return list(read_people(Path(path), columns).names)


def read_people(path: Path, columns: Sequence[str] = ()) -> People:
    """The people in a list: text of any encoding and separator, or a spreadsheet's file.

    Lines above the headings, comments, empty and all but empty lines are left out. Without `columns` the
    headings tell where surname and first name stand, or the whole name; without headings that are
    known, the cells do: names are letters, and most differ. What may be wrong is told in the notes.

    Args:
        path: the file.
        columns: headings, or numbers from 1, of the columns to put together, in this order.

    Raises:
        DataError: the file cannot be read, is no table, holds no name, or does not tell which columns
            hold the names.
    """
    tables = [table for table in read_tables(path) if table.rows]
    if not tables:
        raise no_name(path)
    return _people(path, *find_columns(path, tables, columns))


def _people(path: Path, table: Table, columns: Columns) -> People:
    """The names in the columns, with what else their lines say."""
    headings = _unique(columns.headings, max(len(cells) for _, cells in table.rows))
    spelt: dict[str, str] = {}
    others: dict[str, dict[str, None]] = {}
    entries: dict[str, list[Entry]] = {}
    left: list[str] = []
    for line, cells in table.rows[columns.first :]:
        filled = [*cells, *[""] * (len(headings) - len(cells))]
        if tuple(cells) == columns.headings or not any(
            filled
        ):  # headings stand on every printed page
            continue
        parts = [filled[k] for k in columns.taken if filled[k]]
        name = composed(" ".join(parts))
        thin = sum(map(bool, filled)) * 2 < width_of(table)
        if thin or not all(map(is_part, parts)) or not any(map(str.isalpha, name)):
            left.append(f"line {line}: {next(filter(None, parts or filled))[:SHOWN]!r}")
            continue
        name = spelt.setdefault(name.casefold(), name)
        others.setdefault(name, {}).update(dict.fromkeys(_other_ways(filled, columns)))
        entries.setdefault(name, []).append(Entry(line, dict(zip(headings, filled, strict=True))))
    if not entries:
        raise _none_of(path, left)
    return People(
        tuple(entries),
        {name: tuple(way for way in ways if way != name) for name, ways in others.items()},
        {name: tuple(found) for name, found in entries.items()},
        tuple(headings),
        None if columns.id_column is None else headings[columns.id_column],
        (*table.notes, *columns.notes, *_notes(path, left, entries)),
    )


def _none_of(path: Path, left: Sequence[str]) -> DataError:
    if not left:
        return no_name(path)
    return DataError(
        f"{path}: no line has a name where names should be, for example {left[0]}; {ASK}"
    )


def _notes(
    path: Path, left: Sequence[str], entries: Mapping[str, Sequence[Entry]]
) -> Iterator[str]:
    if left:
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""
        yield f"{path}: skipped, not names: {', '.join(left[:3])}{more}"
    for name, found in entries.items():
        if len(found) > 1:
            lines = ", ".join(str(entry.line) for entry in found)
            yield f"{path}: {name} is on lines {lines}; a match does not say which"


def _unique(headings: Sequence[str], count: int) -> list[str]:
    """A heading for each column, none twice; the column's number where it has none."""
    found: list[str] = []
    for k in range(count):
        said = headings[k] if k < len(headings) and headings[k] else str(k + 1)
        found.append(f"{said} {k + 1}" if said in found else said)
    return found


def _other_ways(cells: Sequence[str], columns: Columns) -> list[str]:
    """Further ways to write a line's name: names in use, one surname of two, the first of several first names."""
    ways = [[cells[k] for k in columns.taken]]
    for place, instead in columns.instead:
        if is_name(cells[instead]):
            ways.append([cells[instead] if k == place else cells[k] for k in columns.taken])
    ways += [[way[0], way[-1]] for way in ways if len(way) > 2]
    for way in ways[:]:
        surname, comma, given = way[0].partition(",")
        if len(way) > 1 and len(way[-1].split()) > 1:
            ways.append([*way[:-1], way[-1].split()[0]])
        elif len(way) == 1 and comma and len(given.split()) > 1:
            ways.append([f"{surname}, {given.split()[0]}"])
    return [composed(" ".join(filter(None, way))) for way in ways]
