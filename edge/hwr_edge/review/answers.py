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
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from unicodedata import category

from hwr_edge.appending import append_whole, is_still, open_own
from hwr_edge.errors import DataError, OutputError
from hwr_edge.folders import sync_folder
from hwr_edge.limits import RESULTS_BYTES
from hwr_edge.locks import Held, hold
from hwr_edge.results.reviewed import answers_beside
from hwr_edge.review.results import Results, Watched

SCHEMA = 1
_NO_SIGN = ("Cc", "Cs")  # Unicode's categories
LONGEST = 200
"""Letters of an answer."""


@dataclass(frozen=True)
class Answer:
    """What stands for a row now.

    text: None where nobody can read it, or where there is no answer.
    given: whether there is one.
    version: how often it was answered or taken back; 0 for never.
    """

    text: str | None = None
    given: bool = False
    version: int = 0


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
        head = _head(digest)
        if raw != head and (head.startswith(raw) or _is_bare_head(raw)):
            os.ftruncate(self._file, 0)
            append_whole(self._file, self.path, head)
            sync_folder(self.path)
            return
        for event in read_events(raw, digest, self._rows, self.path):
            self._apply(event)
        if rest := len(raw) - raw.rfind(b"\n") - 1:  # the answer that a crash cut short
            os.ftruncate(self._file, len(raw) - rest)


def cleaned(text: str) -> str:
    """What people type: single spaces, no control signs, no halves of letters."""
    return " ".join("".join(c for c in text if c.isspace() or category(c) not in _NO_SIGN).split())


def teaches(text: str) -> bool:
    """Whether an answer can teach how a name is written: "?" stands for what nobody could read."""
    return any(map(str.isalnum, text)) and "?" not in text


def _head(digest: str) -> bytes:
    return (json.dumps({"schema": SCHEMA, "results": digest}) + "\n").encode()


def _is_bare_head(raw: bytes) -> bool:
    """Whether a journal has nothing but its head: nobody answered before these results were replaced."""
    try:
        return raw == _head(str(json.loads(raw)["results"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _changed(results: Path) -> str:
    return (
        f"{results}: was changed, moved or deleted after this review began; restore it, or restart "
        "the review"
    )


def read_events(raw: bytes, digest: str, rows: int, path: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal, after its head; none where that was cut short.

    Raises:
        DataError: it belongs to other results, or is damaged.
    """
    if _head(digest).startswith(raw) or _is_bare_head(raw):
        return []
    try:
        lines = raw[: raw.rfind(b"\n") + 1].splitlines()
        head, *events = (json.loads(line) for line in lines)
        if head["schema"] != SCHEMA or head["results"] != digest:
            raise DataError(f"{path}: its answers belong to other results; move it away")
        for event in events:
            if type(event["row"]) is not int or not 0 <= event["row"] < rows:
                raise ValueError(f"row {event['row']!r}")
            if not event.get("taken_back") and not isinstance(event["answer"], str | None):
                raise ValueError(f"answer {event['answer']!r}")
        return events
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f"{path}: damaged, or not written by hwr-edge ({error!r}); move it away"
        ) from error


def answers_so_far(results: Results) -> dict[int, Answer]:
    """What was answered, while a review may be going on; nothing is written.

    Raises:
        DataError: the journal belongs to other results, or is damaged.
    """
    path = answers_beside(results.path)
    try:
        raw = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    answers: dict[int, Answer] = {}
    if raw:
        for event in read_events(raw, results.digest, len(results.rows), path):
            answers[event["row"]] = _answer(event, answers.get(event["row"], Answer()))
    return {place: answer for place, answer in answers.items() if answer.given}


def _answer(event: Mapping[str, Any], before: Answer) -> Answer:
    """What stands for a row after an event."""
    if event.get("taken_back"):
        return Answer(version=before.version + 1)
    return Answer(event["answer"], True, before.version + 1)
