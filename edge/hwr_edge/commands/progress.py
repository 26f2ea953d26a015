"""A progress bar on stderr, shown only where it helps and disturbs nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import typer

T = TypeVar("T")

_FEWEST = 10  # images; fewer are done before anyone looks
_CLEAR_LINE = "\r\033[K"


class Progress:
    """A bar for many images on a terminal, unless rows go to the same terminal."""

    def __init__(self, total: int, output: Path | None) -> None:
        """Decide whether to show the bar.

        Args:
            total: number of images.
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

    def over(self, found: Iterable[T]) -> Iterator[T]:
        """What comes of each image, with the bar and the rate moving on as it comes."""
        if not self._shown:
            yield from found
            return
        began, count = time.monotonic(), 0

        def rate(_: object) -> str:
            return f"{count / max(time.monotonic() - began, 1e-3):.0f} a second"

        with typer.progressbar(
            found, length=self._total, label="Reading", file=sys.stderr, item_show_func=rate
        ) as bar:
            for one in bar:
                count += 1
                yield one

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
