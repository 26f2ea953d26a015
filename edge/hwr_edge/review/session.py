"""What the review page shows and is told, without HTTP: one results file, its answers and its list."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from hwr_edge.image.sources import label
from hwr_edge.results.roster_file import People
from hwr_edge.results.separator import MARK, Separator
from hwr_edge.review.answer_file import Answer
from hwr_edge.review.answers import Answers
from hwr_edge.review.export import table
from hwr_edge.review.people import NameList
from hwr_edge.review.results import Results

AT_ONCE = 100
"""Rows that the page gets at a time."""
_BEFORE = 20  # of them before the one that is shown first


@dataclass(frozen=True)
class Part:
    """Which rows are asked for, in the queue's order: from one, so many."""

    start: int
    count: int


class Review:
    """A review of results that are being answered; the desk has one for each batch, `review` has one."""

    def __init__(
        self,
        results: Results,
        answers: Answers,
        separator: Separator = Separator.COMMA,
        people: People | None = None,
        title: str = "",
    ) -> None:
        """Know what is reviewed.

        Args:
            results: what was read.
            answers: where answers go.
            separator: of the table that the page hands out.
            people: the list of those who may stand there.
            title: what the page is headed; by itself the file's name.
        """
        self.results, self.answers, self.separator = results, answers, separator
        self.title = title or results.path.name
        self.order = results.order()
        self._people, self._mutex = people, threading.Lock()
        self._list: NameList | None = None

    @property
    def names(self) -> NameList | None:
        """The list; it is made ready when it is first asked for."""
        with self._mutex:
            if self._list is None and self._people is not None:
                self._list = NameList(self._people, self.results)
            return self._list

    def rows(self, part: Part | None = None) -> dict[str, Any]:
        """A part of the queue, the doubtful rows first, with what was answered.

        Args:
            part: by itself the rows around the first that is open; `at` is its place in the queue.
        """
        # Counted first: an answer that comes meanwhile is told twice rather than not at all.
        events = len(self.answers.events)
        at = self._first_open()
        part = part or Part(max(0, min(at - _BEFORE, len(self.order) - AT_ONCE)), AT_ONCE)
        places = self.order[part.start : part.start + part.count]
        return {
            "file": self.title,
            "events": events,
            "total": len(self.order),
            "at": at,
            "from": part.start,
            **self._progress(),
            "list": self._people is not None,
            "rows": [self.row(place) for place in places],
        }

    def row(self, place: int) -> dict[str, Any]:
        """A row as the page shows it."""
        row = self.results.rows[place]
        return {
            "place": place,
            "sheet": label(row.image, row.page),
            "image": " ".join(filter(None, (label(row.image, row.page), row.field))),
            "proposed": row.proposed,
            "text": row.text,
            "confidence": row.sure,
            "doubtful": row.doubtful,
            "reasons": [reason.value for reason in row.reasons],
            "letters": row.runs(),
            "choices": row.choices,
            **said(self.answers.now(place)),
        }

    def _progress(self) -> dict[str, int]:
        """How many rows are doubtful, and how many of those are answered."""
        doubtful = {place for place, row in enumerate(self.results.rows) if row.doubtful}
        return {"doubtful": len(doubtful), "done": len(doubtful & self.answers.given().keys())}

    def _first_open(self) -> int:
        """The place in the queue of the first doubtful row without an answer; else 0."""
        rows, given = self.results.rows, self.answers.given()
        open_ = (
            k for k, place in enumerate(self.order) if rows[place].doubtful and place not in given
        )
        return next(open_, 0)

    def news(self, after: int) -> dict[str, Any]:
        """What was answered after the first so many events, and why no more can be, where that is so."""
        new = self.answers.events[after:]
        told: dict[str, Any] = {
            "events": after + len(new),
            "rows": [{"place": place, **said(answer)} for place, answer in new],
        }
        if trouble := self.answers.trouble():
            told["trouble"] = trouble
        return told

    def suggest(self, typed: str, place: int) -> list[dict[str, Any]]:
        """Names of the list for what is typed into a row; none without a list."""
        if not (names := self.names):
            return []
        found = names.suggest(typed, place, self.answers.given())
        return [one._asdict() for one in found]

    def missing(self) -> list[str]:
        """Whoever of the list was not found; nobody without a list."""
        return names.missing(self.answers.given()) if (names := self.names) else []

    def table(self) -> str:
        """All names as CSV, as a spreadsheet takes it, with whoever is missing at its end."""
        return MARK + table(self.results, self.answers.given(), self.separator, self.missing())


def said(answer: Answer) -> dict[str, Any]:
    """What stands for a row, for the page."""
    return {"answer": answer.text, "given": answer.given, "version": answer.version}
