"""Files that are whole or not there, on the training side."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hwr_edge.errors import OutputError, cannot_write
from hwr_edge.files import write_whole
from hwr_edge.locks import lock_open


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


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder against others that ask for it so.

    Raises:
        OutputError: another process holds it.
    """
    try:
        file = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        try:
            lock_open(file)
        except BlockingIOError as error:
            raise OutputError(f"{folder}: another training is running in it") from error
        except OSError:  # a file system that has no such locks
            pass
        yield
    finally:
        os.close(file)
