"""What people answered, saved at once: a journal that is only ever added to.

Every answer is one line, on the disk before it is confirmed; a crash loses at most the one being
written. Each row has a version, the number of its lines: who answers says which version they saw,
so that two tabs or two people never overwrite each other unseen.
"""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from hwr_edge.appending import append_whole, is_still, open_own
from hwr_edge.errors import DataError, OutputError
from hwr_edge.folders import sync_folder
from hwr_edge.limits import RESULTS_BYTES
from hwr_edge.locks import Held, hold
from hwr_edge.results.reviewed import answers_beside
from hwr_edge.review.answer_file import (
    LONGEST,
    Answer,
    _answer,
    cleaned,
    head_of,
    is_bare_head,
    read_events,
)
from hwr_edge.review.results import Results, Watched


class Conflict(Exception):  # noqa: N818  # no fault of anybody
    """Somebody else answered in the meantime."""

    def __init__(self, now: Answer) -> None:
        super().__init__("answered elsewhere")
        self.now = now


class Answers:
    """The answers to one results file, in a journal beside it; a context manager that locks it."""

    def __init__(self, results: Results) -> None:
        """Open or begin the journal.

        Raises:
            DataError: it belongs to other results, is damaged, or another review has it open; or the
                results changed since they were read.
            OutputError: it cannot be written.
        """
        self.path = answers_beside(results.path)
        self.events: list[tuple[int, Answer]] = []
        self._rows = len(results.rows)
        self._now: dict[int, Answer] = {}
        self._mutex = threading.Lock()
        self._results = Watched(results)
        with ExitStack() as stack:
            try:
                stack.enter_context(hold(self.path))
            except Held as error:
                raise DataError(f"{self.path}: another review of these results is open") from error
            self._file = self._opened()
            stack.callback(os.close, self._file)
            if not self._results.same():
                raise DataError(_changed(results.path))
            self._load(results.digest)
            self._open = stack.pop_all()

    def __enter__(self) -> Answers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._mutex:  # an answer that is being saved is saved
            self._open.close()

    def trouble(self) -> str:
        """Why no answer can be taken at present; empty where it can."""
        with self._mutex:
            return self._trouble()

    def _trouble(self) -> str:
        if not self._results.same():
            return _changed(self._results.path)
        if not is_still(self._file, self.path):
            return f"{self.path}: was deleted or replaced; restore it, or restart the review"
        return ""

    def now(self, place: int) -> Answer:
        """What stands for a row."""
        return self._now.get(place, Answer())

    def given(self) -> dict[int, Answer]:
        """All rows with an answer."""
        with self._mutex:
            return {place: answer for place, answer in self._now.items() if answer.given}

    def put(self, place: int, text: str | None, version: int) -> Answer:
        """Answer a row; None says that nobody can read it, and so does a text without letters, as "?".

        Raises:
            Conflict: the row has another version by now.
            DataError: there is no such row, or the text is too long.
            OutputError: the answer could not be saved, or the results are not those that were read;
                nothing changed.
        """
        if text is not None:
            text = cleaned(text)
            if len(text) > LONGEST:
                raise DataError(f"an answer has at most {LONGEST} letters")
            if text and not any(map(str.isalnum, text)):
                text = None
        return self._add(place, {"answer": text}, version)

    def take_back(self, place: int, version: int) -> Answer:
        """Leave a row unanswered again; raises as `put` does."""
        return self._add(place, {"taken_back": True}, version)

    def _add(self, place: int, said: Mapping[str, Any], version: int) -> Answer:
        with self._mutex:
            if not 0 <= place < self._rows:
                raise DataError(f"there is no row {place}")
            before = self.now(place)
            if before.version != version:
                raise Conflict(before)
            if trouble := self._trouble():
                raise OutputError(trouble)
            event = {"row": place, **said, "at": round(time.time(), 3)}
            self._append(event)
            return self._apply(event)

    def _append(self, event: Mapping[str, Any]) -> None:
        line = (json.dumps(event, ensure_ascii=False) + "\n").encode("utf-8")
        append_whole(self._file, self.path, line)

    def _apply(self, event: Mapping[str, Any]) -> Answer:
        place = int(event["row"])
        answer = _answer(event, self.now(place))
        self._now[place] = answer
        self.events.append((place, answer))
        return answer

    def _opened(self) -> int:
        try:
            file = open_own(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        except OSError as error:
            if error.errno == errno.EINVAL:
                raise OutputError(f"{self.path}: not a regular file; move it away") from error
            raise OutputError(f"{self.path}: cannot be written ({error.strerror})") from error
        self.path.chmod(0o600)
        return file

    def _load(self, digest: str) -> None:
        raw = b""
        while part := os.read(self._file, 1 << 20):
            raw += part
            if len(raw) > RESULTS_BYTES:
                raise DataError(f"{self.path}: larger than {RESULTS_BYTES >> 20} MiB; move it away")
        head = head_of(digest)
        if raw != head and (head.startswith(raw) or is_bare_head(raw)):
            os.ftruncate(self._file, 0)
            append_whole(self._file, self.path, head)
            sync_folder(self.path)
            return
        for event in read_events(raw, digest, self._rows, self.path):
            self._apply(event)
        if rest := len(raw) - raw.rfind(b"\n") - 1:  # the answer that a crash cut short
            os.ftruncate(self._file, len(raw) - rest)


def _changed(results: Path) -> str:
    return (
        f"{results}: was changed, moved or deleted after this review began; restore it, or restart "
        "the review"
    )
