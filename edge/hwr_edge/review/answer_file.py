"""The file of answers: what stands in it, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

from hwr_edge.errors import DataError
from hwr_edge.results.reviewed import answers_beside
from hwr_edge.review.results import Results

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


def cleaned(text: str) -> str:
    """What people type: single spaces, no control signs, no halves of letters."""
    return " ".join("".join(c for c in text if c.isspace() or category(c) not in _NO_SIGN).split())


def is_training_text(text: str) -> bool:
    """Whether an answer can teach how a name is written: "?" stands for what nobody could read."""
    return any(map(str.isalnum, text)) and "?" not in text


def head_of(digest: str) -> bytes:
    """The first line of the file, for results of that digest."""
    return (json.dumps({"schema": SCHEMA, "results": digest}) + "\n").encode()


def is_bare_head(raw: bytes) -> bool:
    """Whether a journal has nothing but its head: nobody answered before these results were replaced."""
    try:
        return raw == head_of(str(json.loads(raw)["results"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def read_events(raw: bytes, digest: str, rows: int, path: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal, after its head; none where that was cut short.

    Raises:
        DataError: it belongs to other results, or is damaged.
    """
    if head_of(digest).startswith(raw) or is_bare_head(raw):
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
