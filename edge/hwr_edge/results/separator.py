"""How spreadsheets of different countries take a CSV, by name; light to import, for help texts."""

from __future__ import annotations

import io
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

MARK = "\ufeff"


class Separator(StrEnum):
    """What stands between the cells of a table.

    comma: as spreadsheets take it where numbers have a decimal point.
    semicolon: where they have a decimal comma, as in France and Germany; numbers get one.
    """

    COMMA = "comma"
    SEMICOLON = "semicolon"

    @property
    def sign(self) -> str:
        """The character."""
        return ";" if self is Separator.SEMICOLON else ","

    def record(self, cells: Iterable[Any]) -> str:
        """One record of CSV, with its line end; fractions are numbers as they are written there."""
        import csv  # for those who write it

        if self is Separator.SEMICOLON:
            cells = (str(c).replace(".", ",") if isinstance(c, float) else c for c in cells)
        line = io.StringIO()
        # Of the signs of line ends it quotes those alone that it writes itself.
        csv.writer(line, delimiter=self.sign, lineterminator="\r\n").writerow(cells)
        return line.getvalue().removesuffix("\r\n") + "\n"

    def heading(self, columns: Iterable[str]) -> str:
        """The first record; with semicolons after a byte order mark, by which spreadsheets know UTF-8."""
        return (MARK if self is Separator.SEMICOLON else "") + self.record(columns)
