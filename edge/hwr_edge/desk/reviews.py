"""Reviews of batches inside the desk: the review's own page, one for each batch that is open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from hwr_edge.desk.batch import Batch, Gone
from hwr_edge.desk.http_json import Failure
from hwr_edge.desk.records import RESULTS, carry_answers
from hwr_edge.errors import HwrError
from hwr_edge.results.roster_file import read_people
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import Watched, read_results
from hwr_edge.review.server import add_routes
from hwr_edge.review.session import Review

if TYPE_CHECKING:
    from hwr_edge.desk.desk import Desk
    from hwr_edge.web import Page

PREFIX = "/batches/<batch>/review"
_MOST = 8  # that are open; others are opened again when they are asked


class _Open(NamedTuple):
    review: Review
    answers: Answers
    results: Watched


class Reviews:
    """The reviews that are open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.RLock()
        self._open: OrderedDict[str, _Open] = OrderedDict()

    def add_to(self, page: Page) -> None:
        """Serve them below the page."""
        add_routes(page, self.find, PREFIX)
        self._desk.queue.guards.append(self.closed)

    def find(self, batch: str) -> Review:
        """The review of a batch; bottle's errors where there is none."""
        try:
            with self._lock:
                return self._found(self._desk.batches.get(batch))
        except Gone as error:
            raise Failure(404, str(error)) from error
        except HwrError as error:
            raise Failure(409, str(error)) from error

    def _found(self, batch: Batch) -> Review:
        there = self._open.get(batch.id)
        if there and there.results.same():
            self._open.move_to_end(batch.id)
            return there.review
        self._close(batch.id)
        if not (batch.folder / RESULTS).is_file():
            raise Failure(409, "the batch is still being read; wait, or stop it")
        carry_answers(batch.folder)
        results = read_results(batch.folder / RESULTS)
        listed = batch.list_file
        people = read_people(listed, batch.asked.columns) if listed else None
        answers = Answers(results)
        review = Review(results, answers, people=people, title=batch.title)
        self._open[batch.id] = _Open(review, answers, Watched(results))
        while len(self._open) > _MOST:
            self._close(next(iter(self._open)))
        return review

    @contextmanager
    def closed(self, batch: Batch) -> Iterator[None]:
        """Keep a batch's review closed while its results are replaced or deleted."""
        with self._lock:
            self._close(batch.id)
            yield

    def close(self) -> None:
        """Close all."""
        with self._lock:
            for batch in list(self._open):
                self._close(batch)

    def _close(self, batch: str) -> None:
        if there := self._open.pop(batch, None):
            there.answers.__exit__(None, None, None)
