"""Texts as they stand in a line, in a cell of a spreadsheet, and in JSON."""

from __future__ import annotations

import json
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a formula begins with in a spreadsheet


def one_line(text: str) -> str:
    """A text that a tab or a line end would break, with these spelt out."""
    return text.translate({9: "\\t", 10: "\\n", 13: "\\r"})


def no_formula(cell: Any) -> Any:
    """A cell, with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def without_apostrophe(cell: str) -> str:
    """A text before `no_formula`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def to_json(value: Any) -> str:
    """JSON on one line; a path that is no valid Unicode stays valid JSON."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text
