"""How spreadsheets of different countries take a CSV, by name; light to import, for help texts."""

from __future__ import annotations

from enum import StrEnum


class Separator(StrEnum):
    """What stands between the cells of a table for people.

    comma: as spreadsheets take it where numbers have a decimal point.
    semicolon: where they have a decimal comma, as in France and Germany; numbers get one.
    """

    COMMA = "comma"
    SEMICOLON = "semicolon"

    @property
    def sign(self) -> str:
        """The character."""
        return ";" if self is Separator.SEMICOLON else ","

    def number(self, value: float) -> str:
        """A number with four decimals, as it is written there."""
        text = f"{value:.4f}"
        return text.replace(".", ",") if self is Separator.SEMICOLON else text
