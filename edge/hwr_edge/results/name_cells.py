"""Whether cells of a list are names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hwr_edge.errors import DataError

_LETTER = r"[^\W\d_]"
_LETTERS = re.compile(rf"(?:{_LETTER}|[ .,'’`´·()\u00ad\u2010-\u2015\u0300-\u036f-])+")


def no_name(path: Path) -> DataError:
    """The error for a list without a name."""
    return DataError(f"{path}: no names found; write one name per line, or use a table")


def is_part(cell: str) -> bool:
    """Whether a cell may be a part of a name: letters, and what stands between them."""
    return bool(_LETTERS.fullmatch(cell))


def is_name(cell: str) -> bool:
    """Whether a cell may be a name: two letters or more, no digit, no e-mail address."""
    return is_part(cell) and sum(map(str.isalpha, cell)) > 1


def are_names(cells: Sequence[str]) -> bool:
    """Whether most are."""
    return sum(map(is_name, cells)) * 2 > len(cells)


def are_different_names(cells: Sequence[str]) -> bool:
    """Whether most are names, and most differ: a town or a class is the same for many."""
    return are_names(cells) and len({*cells}) * 2 > len(cells)


def have_many_words(cells: Sequence[str]) -> bool:
    """Whether most are of two words or more."""
    return sum(len(cell.split()) > 1 for cell in cells) * 2 > len(cells)
