"""What a match brings of its line in the roster, and who of the roster was not found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.files import open_sink
from hwr_edge.line.charset import fold
from hwr_edge.results.cells import no_formula
from hwr_edge.results.roster_file import Entry, People
from hwr_edge.results.rows import ID_KEY, Row, row_key
from hwr_edge.results.separator import MARK, Separator


class Matches:
    """Counts who was found, and gives each row what the roster says of its match.

    columns: the keys that rows get beside `match`.
    """

    def __init__(self, people: People, keep: Sequence[str] = ()) -> None:
        """Know the roster.

        Args:
            people: the roster.
            keep: headings, or numbers from 1, of the columns that rows are to have.

        Raises:
            DataError: there is no such column.
        """
        self.people = people
        self._keep = [_heading(people, asked) for asked in keep]
        self._found: Counter[str] = Counter()
        ids = [ID_KEY] if people.id_column else []
        self.columns = (*ids, *map(row_key, self._keep))

    def add(self, rows: Iterable[Row]) -> list[Row]:
        """The rows with what the roster says of their matches; they are counted."""
        return [self._added(row) for row in rows]

    def _added(self, row: Row) -> Row:
        name = row.reading.match.name if row.reading.match else None
        self.count([name] if name is not None else [])
        return row._replace(kept=self.kept(name)) if self.columns else row

    def kept(self, name: str | None) -> dict[str, str | None]:
        """The cells of a name's line by key; None where there is no line, or there are several."""
        lines = self.people.entries.get(name or "", ())
        if len(lines) != 1:
            return dict.fromkeys(self.columns)
        cells = lines[0].cells
        found: dict[str, str | None] = {row_key(heading): cells[heading] for heading in self._keep}
        return ({ID_KEY: cells[self.people.id_column]} if self.people.id_column else {}) | found

    def count(self, names: Iterable[str]) -> None:
        """Count names that were found, as the roster spells them."""
        self._found.update(names)

    def missing(self) -> list[tuple[str, Entry]]:
        """Whoever was found less often than the roster has them, in its order.

        Of people who are called alike, all are given where one is missing.
        """
        return [
            (name, entry)
            for name, entries in self.people.entries.items()
            if self._found[name] < len(entries)
            for entry in entries
        ]

    def write_missing(self, path: Path, separator: Separator = Separator.COMMA) -> str:
        """Write who was not found as CSV: the name, and its line of the roster; whole or not at all.

        Returns:
            A line for people.

        Raises:
            OutputError: it cannot be written.
        """
        missing = self.missing()
        lines = [separator.record(["roster name", *self.people.headings])]
        for name, entry in missing:
            cells = [no_formula(entry.cells[heading]) for heading in self.people.headings]
            lines.append(separator.record([no_formula(name), *cells]))
        with open_sink(path, private=True) as sink:
            sink.write(MARK + "".join(lines))
        everybody = sum(map(len, self.people.entries.values()))
        return f"{path}: {len(missing)} of {everybody} names of the roster were not found"


def names_by_writing(people: People) -> dict[str, str]:
    """The roster's names by how people may type them, folded: with a name in use, and so on."""
    others = {fold(way): name for name in people.names for way in people.others.get(name, ())}
    return others | {fold(name): name for name in people.names}


def _heading(people: People, asked: str) -> str:
    for heading in people.headings:
        if fold(heading) == fold(asked):
            return heading
    if asked.isdigit() and 1 <= int(asked) <= len(people.headings):
        return people.headings[int(asked) - 1]
    columns = ", ".join(map(repr, people.headings))
    raise DataError(f"the roster has no column {asked!r} to keep; its columns are {columns}")
