"""Which columns of a people's list hold the names: by what the user says, by headings, by the cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hwr_edge.errors import DataError
from hwr_edge.line.charset import fold
from hwr_edge.results.headings import Heading, Role, heading_of, roles
from hwr_edge.results.name_cells import (
    are_different_names,
    are_names,
    have_many_words,
    is_name,
    no_name,
)
from hwr_edge.results.table_file import Table

_HEADINGS_WITHIN = 20  # lines
SHOWN = 40  # letters of a cell in a message
ASK = "name each column with --roster-column HEADING or NUMBER"


class Columns(NamedTuple):
    """Where names stand: columns to put together, and columns to put in the place of one of these."""

    taken: tuple[int, ...]
    instead: tuple[tuple[int, int], ...] = ()
    first: int = 0
    """The first line with a name."""
    headings: tuple[str, ...] = ()
    id_column: int | None = None
    notes: tuple[str, ...] = ()


def find_columns(
    path: Path, tables: Sequence[Table], named: Sequence[str]
) -> tuple[Table, Columns]:
    """The table that has them, of the ways to read a file, and the columns.

    Args:
        path: for messages.
        tables: one or more, each with rows.
        named: headings, or numbers from 1, of the columns to put together; else they are found.

    Raises:
        DataError: they cannot be told, or are not there.
    """
    for table in tables:
        if found := _named(table, named) if named else _headed(path, table):
            return table, found
    if named:
        shown = tables[0].rows[_heading_line(tables[0]) or 0][1]
        missing = ", ".join(map(repr, named))
        raise DataError(f"{path}: no column {missing}; the columns are {_shown(shown)}")
    return tables[0], _by_cells(path, tables[0])


def _shown(cells: Sequence[str]) -> str:
    return (
        ", ".join(f"{k} {cell[:SHOWN]!r}" for k, cell in enumerate(cells, 1) if cell) or "nothing"
    )


def width_of(table: Table) -> int:
    """How many cells most lines fill."""
    filled = sorted(sum(map(bool, cells)) for _, cells in table.rows)
    return filled[len(filled) // 2]


def _named(table: Table, columns: Sequence[str]) -> Columns | None:
    """The columns that the user names, by the first line that has all their headings, or by number."""
    wanted = [_plain(column) for column in columns]
    for k, (_, cells) in enumerate(table.rows[:_HEADINGS_WITHIN]):
        plain = [_plain(cell) for cell in cells]
        if all(one in plain for one in wanted) and _fits(table, k):
            return Columns(
                tuple(plain.index(one) for one in wanted),
                (),
                k + 1,
                tuple(cells),
                _id_of(roles(cells)),
            )
    widest = max(len(cells) for _, cells in table.rows)
    if not all(column.isdigit() and 1 <= int(column) <= widest for column in columns):
        return None
    taken = tuple(int(column) - 1 for column in columns)
    head = _heading_line(table)
    headings = tuple(table.rows[head][1]) if head is not None else ()
    return Columns(taken, (), 0 if head is None else head + 1, headings, _id_of(roles(headings)))


def _plain(heading: str) -> str:
    return fold(heading.replace("_", " ").rstrip("*"))


def _id_of(found: Sequence[Heading]) -> int | None:
    return next((k for k, one in enumerate(found) if one.role is Role.ID), None)


def _heading_line(table: Table) -> int | None:
    """Which line has the headings: the first of those that say most of a name.

    People are called Kind and Last, too: below a line of names, one word that is known makes no heading.
    """
    width, best, names_above = width_of(table), (0, 0), False
    for k, (_, cells) in enumerate(table.rows[:_HEADINGS_WITHIN]):
        if sum(map(bool, cells)) * 2 < width or (width > 1 and sum(map(bool, cells)) < 2):
            continue  # a title
        said = roles(cells)
        kinds = {one.role for one in said}
        both = {Role.SURNAME, Role.GIVEN} <= kinds
        any_name = bool(kinds & {Role.SURNAME, Role.GIVEN, Role.NAME, Role.WHOLE})
        if both or not names_above or all(map(_is_known, said)):
            best = max(best, (2 if both else int(any_name), -k))
        names_above |= all(map(is_name, filter(None, cells)))
    return -best[1] if best[0] else None


def _is_known(heading: Heading) -> bool:
    return heading.role is not Role.OTHER or heading.names or heading.lists


def _fits(table: Table, head: int) -> bool:
    """Whether most lines below the headings have as many cells as these."""
    others = sum(len(cells) != len(table.rows[head][1]) for _, cells in table.rows[head + 1 :])
    return others * 2 <= len(table.rows) - head - 1


def _headed(path: Path, table: Table) -> Columns | None:
    """The columns by their headings; None where no line has any that are known, or they are of another separator."""
    head = _heading_line(table)
    if head is None:
        return None
    headings = table.rows[head][1]
    body = [cells for _, cells in table.rows[head + 1 :]]
    if not _fits(table, head):
        return None
    found = roles(headings)
    columns = _by_headings(found, body)
    if not body:
        raise no_name(path)
    if columns is None:
        raise DataError(
            f"{path}: which columns have the names? The headings are {_shown(headings)}; {ASK}"
        )
    return columns._replace(first=head + 1, headings=tuple(headings), id_column=_id_of(found))


def _by_headings(found: Sequence[Heading], body: Sequence[Sequence[str]]) -> Columns | None:
    """The columns that headings tell, where their cells are names."""
    places: dict[Role, list[int]] = {role: [] for role in Role}
    for k, one in enumerate(found):
        if one.role in (Role.ID, Role.OTHER) or are_names(_column(body, k)):
            places[one.role].append(k)
    surname = places[Role.SURNAME] + places[Role.OTHER_SURNAME]
    given = places[Role.GIVEN] + places[Role.OTHER_GIVEN]
    if surname and given:
        others = [(surname[0], k) for k in surname[1:]] + [(given[0], k) for k in given[1:]]
        second = places[Role.SECOND_SURNAME][:1]
        return Columns((surname[0], *second, given[0]), tuple(others))
    whole = places[Role.WHOLE]
    if (
        whole and not found[whole[0]].lists
    ):  # STUDENT and KIND may be a surname in a list without headings
        return Columns((whole[0],))
    halves = whole or surname or given or places[Role.NAME]
    if not halves:
        return None
    elsewhere = any(
        one.names or (one.role is Role.OTHER and are_different_names(_column(body, k)))
        for k, one in enumerate(found)
        if k not in halves
    )
    if elsewhere and not have_many_words(_column(body, halves[0])):
        return None
    return Columns((halves[0],))


def _by_cells(path: Path, table: Table) -> Columns:
    """The columns by their cells: letters, most of them different.

    Raises:
        DataError: more than two may be names, or none.
    """
    width = width_of(table)
    rows = [cells for _, cells in table.rows if sum(map(bool, cells)) * 2 >= width]
    columns = [_column(rows, k) for k in range(max(map(len, rows)))]
    names = [k for k, cells in enumerate(columns) if are_different_names(cells)]
    if len(columns) == 1:
        return _single(path, table)
    several = [have_many_words(columns[k]) for k in names]
    if not names or len(names) > 2 or (len(names) == 2 and any(several)):
        line, cells = table.rows[0]
        raise DataError(
            f"{path}: which columns have the names? No heading is known, and line {line} is "
            f"{_shown(cells)}; {ASK}"
        )
    first = next(k for k, (_, cells) in enumerate(table.rows) if cells is rows[0])
    one = " ".join(filter(None, (rows[0][k] for k in names if k < len(rows[0]))))
    where = " and ".join(str(k + 1) for k in names)
    note = f"{path}: no heading is known; names are taken from column {where}, the first is {one!r}"
    return Columns(tuple(names), (), first, (), None, (note,))


def _single(path: Path, table: Table) -> Columns:
    """The only column, without a title above it."""
    line, (cell, *_) = table.rows[0]
    said = heading_of(cell)
    body = [cells for _, cells in table.rows[1:]]
    if body and not are_names(_column(body, 0)):
        raise DataError(
            f"{path}: most lines are not names, for example {body[0][0][:SHOWN]!r}; {ASK}"
        )
    if not (said.lists or said.names) or len(table.rows) == 1:
        return Columns((0,))
    return Columns(
        (0,), (), 1, notes=(f"{path}: line {line} is taken as a title: {cell[:SHOWN]!r}",)
    )


def _column(rows: Sequence[Sequence[str]], k: int) -> list[str]:
    """The cells of a column that are filled."""
    return [row[k] for row in rows if k < len(row) and row[k]]
