"""Files that are whole or not there, on the training side."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from hwr_edge.output import write_whole


def replace_text(path: Path, text: str) -> None:
    """Write UTF-8 text.

    Raises:
        OutputError: the file cannot be written; what was there is as it was.
    """
    write_whole(path, text.encode("utf-8"))


def replace_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write rows as CSV.

    Raises:
        OutputError: the file cannot be written; what was there is as it was.
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    replace_text(path, text.getvalue())
