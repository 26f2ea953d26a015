"""Results that somebody reviews are never replaced: their answers would match nothing any more."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwr_edge.errors import OutputError
from hwr_edge.locks import Held, hold


class Reviewed(OutputError):  # noqa: N818  # says what is wrong, as its siblings do
    """A review of the file has answers, or is open."""


def answers_beside(results: Path) -> Path:
    """Where a review keeps the answers to a file of results: NAME.answers.jsonl beside it.

    By whatever link the file is named, its answers are in one place.
    """
    if results.is_symlink():
        results = Path(os.path.realpath(results))
    return results.with_name(f"{results.stem}.answers.jsonl")


@contextmanager
def replacing(output: Path, with_results: bool) -> Iterator[None]:
    """Keep reviews of a file away while it is replaced.

    Args:
        output: the file.
        with_results: whether what replaces it are results for a review, too.

    Raises:
        Reviewed: a review of it has answers, or is open.
        OutputError: its journal cannot be locked.
    """
    journal = answers_beside(output)
    there = os.path.lexists(journal)
    if not (_may_be_results(output) or (with_results and there)):
        yield
        return
    try:
        with hold(journal):
            if _has_answers(journal):
                raise Reviewed(
                    f"{journal} has answers of a review; export them and move both files away first"
                )
            yield
    except Held as error:
        raise Reviewed(f"{journal}: a review of this file is open; end it first") from error


def _may_be_results(path: Path) -> bool:
    """Whether a file begins as JSON lines do."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            begin = file.read(64)
    except (OSError, ValueError):  # who cannot tell is careful
        return True
    return begin.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")


def _has_answers(journal: Path) -> bool:
    """Whether a review's journal has more than its first line."""
    try:
        return journal.read_bytes().count(b"\n") > 1
    except (FileNotFoundError, IsADirectoryError):
        return False
    except (OSError, ValueError):  # a colleague's, who alone may read it
        return True
