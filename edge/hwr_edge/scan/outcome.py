"""What reading one image came to, and what is reported of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hwr_edge.image.document import Unit
from hwr_edge.results.rows import Row

Report = Callable[[str], None]


class Outcome(NamedTuple):
    """What one image or page came to.

    problems: a line for each thing that could not be read, or be written beside the rows.
    note: what is said of a page without a name, or of one that is not read whole.
    trace: where a fault of this program lies, in many lines.
    unit: what was read.
    refused: why a page of many is not the form.
    """

    rows: list[Row]
    problems: tuple[str, ...] = ()
    note: str = ""
    trace: str = ""
    unit: Unit = Unit("")
    refused: str = ""


class Reporter:
    """Reports what went wrong; pages of a document that are not the form once, after the last one."""

    def __init__(self, on_error: Report, on_blank: Report, on_trace: Report) -> None:
        self._on_error, self._on_blank, self._on_trace = on_error, on_blank, on_trace
        self._image, self._read = "", False
        self._refused: list[tuple[int, str]] = []

    def report(self, outcome: Outcome) -> list[Row]:
        """Report what went wrong; gives the rows."""
        if outcome.unit.image != self._image:
            self.report_refused()
            self._image, self._read = outcome.unit.image, False
        self._read |= bool(outcome.rows)
        if outcome.refused:
            self._refused.append((outcome.unit.page or 1, outcome.refused))
        for problem in outcome.problems:
            self._on_error(problem)
        if outcome.trace:
            self._on_trace(outcome.trace)
        if outcome.note:
            self._on_blank(outcome.note)
        return outcome.rows

    def report_refused(self) -> None:
        """Report the pages so far that are not the form; no fault where others are."""
        refused, self._refused = self._refused, []
        if not refused:
            return
        numbers = [page for page, _ in refused]
        if self._read:
            self._on_blank(
                f"{self._image}: not the form, skipped: page{'s' * (len(numbers) > 1)} {_page_ranges(numbers)}; "
                "name the form's pages with --form-pages"
            )
        else:
            more = f" (nor do the other {len(refused) - 1} pages)" if len(refused) > 1 else ""
            self._on_error(refused[0][1] + more)


def _page_ranges(numbers: Sequence[int]) -> str:
    """Numbers in order, as "2-6, 8"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
