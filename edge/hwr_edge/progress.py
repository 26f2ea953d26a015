"""A progress bar on stderr, shown only where it helps and disturbs nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import typer

_FEWEST = 10  # pictures; fewer are done before anyone looks
_CLEAR_LINE = "\r\033[K"


class Progress:
    """A bar for many pictures on a terminal, unless rows go to the same terminal."""

    def __init__(self, total: int, output: Path | None) -> None:
        """Decide whether to show the bar.

        Args:
            total: number of pictures.
            output: the file that the rows go to; None for standard output.
        """
        self._total = total
        self._shown = total >= _FEWEST and _terminal(sys.stderr)
        if output is None and _terminal(sys.stdout):
            self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.clear()

    def over(self, images: Iterable[str]) -> Iterator[str]:
        """The images, with the bar moving on as each is done."""
        if not self._shown:
            yield from images
            return
        with typer.progressbar(images, length=self._total, label="Reading", file=sys.stderr) as bar:
            yield from bar

    def clear(self) -> None:
        """Wipe the bar, so that a line can be printed; it comes back by itself."""
        if self._shown:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()


def _terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False
