"""The review page, served on this machine alone (web.py says who may ask)."""

from __future__ import annotations

import json
from typing import Any

import bottle
import cv2

from hwr_edge.errors import DataError, HwrError, ImageError
from hwr_edge.image.sources import label
from hwr_edge.results.separator import MARK, Separator
from hwr_edge.review.answers import Answer, Answers, Conflict
from hwr_edge.review.export import cut, table
from hwr_edge.review.results import Results
from hwr_edge.web import Page, Server

HOST = "127.0.0.1"
_LARGEST = 10_000  # bytes of a request


def open_server(
    results: Results, answers: Answers, port: int, separator: Separator = Separator.COMMA
) -> tuple[Server, str]:
    """A server to run with `serve_forever`, and the address to open, token and all.

    Args:
        results: what was read.
        answers: where answers go.
        port: 0 for any that is free.
        separator: of the table that the page hands out.

    Raises:
        OSError: the port is taken.
    """
    review, page = _Review(results, answers, separator), Page("hwr-edge-review", "hwr_edge.review")
    page.route("GET", "/rows", review.rows)
    page.route("GET", "/events", review.events)
    page.route("GET", "/picture/<place:int>", review.image)
    page.route("GET", "/names.csv", review.names)
    page.route("POST", "/rows/<place:int>", review.answer)
    return page.open(HOST, port)


class _Review:
    def __init__(self, results: Results, answers: Answers, separator: Separator) -> None:
        self.results, self.answers, self.separator = results, answers, separator

    def rows(self) -> dict[str, Any]:
        """All rows, the doubtful first, with what was answered."""
        # Counted first: an answer that comes meanwhile is told twice rather than not at all.
        found, events = [], len(self.answers.events)
        for place in self.results.order():
            row = self.results.rows[place]
            found.append(
                {
                    "place": place,
                    "image": " ".join(filter(None, (label(row.image, row.page), row.field))),
                    "proposed": row.proposed,
                    "text": row.text,
                    "confidence": row.sure,
                    "doubtful": row.doubtful,
                    "choices": row.choices,
                    **_said(self.answers.now(place)),
                }
            )
        return {"file": self.results.path.name, "rows": found, "events": events}

    def events(self) -> dict[str, Any]:
        """What was answered after the first so many events, and why no more can be, where that is so."""
        asked = bottle.request.query.get("after") or "0"
        if not asked.isdecimal() or len(asked) > 9:
            raise bottle.HTTPError(400, "after is a number")
        after = int(asked)
        new = self.answers.events[after:]
        told: dict[str, Any] = {
            "events": after + len(new),
            "rows": [{"place": place, **_said(answer)} for place, answer in new],
        }
        if trouble := self.answers.trouble():
            told["trouble"] = trouble
        return told

    def image(self, place: int) -> bytes:
        """A row's part of its image, as PNG."""
        if not 0 <= place < len(self.results.rows):
            raise bottle.HTTPError(404, f"there is no row {place}")
        try:
            grey = cut(self.results, place)
        except ImageError as error:
            raise bottle.HTTPError(404, str(error)) from error
        bottle.response.content_type = "image/png"
        return cv2.imencode(".png", grey)[1].tobytes()

    def names(self) -> bytes:
        """The table for people."""
        bottle.response.content_type = "text/csv; charset=utf-8"
        name = f"{self.results.path.stem}-names.csv".encode("ascii", "replace").decode()
        bottle.response.set_header("Content-Disposition", f'attachment; filename="{name}"')
        text = MARK + table(self.results, self.answers.given(), self.separator)
        return text.encode("utf-8", "surrogateescape")

    def answer(self, place: int) -> dict[str, Any]:
        """Save an answer, or take one back."""
        said = _body()
        version = said.get("version")
        if type(version) is not int:
            raise bottle.HTTPError(400, "version is missing")
        if "answer" not in said and not said.get("taken_back"):
            raise bottle.HTTPError(400, "there is no answer")
        text = said.get("answer")
        if text is not None and not isinstance(text, str):
            raise bottle.HTTPError(400, "an answer is a text, or null")
        try:
            if said.get("taken_back"):
                return _said(self.answers.take_back(place, version))
            return _said(self.answers.put(place, text, version))
        except Conflict as conflict:
            bottle.response.status = 409
            return _said(conflict.now)
        except DataError as error:
            raise bottle.HTTPError(400, str(error)) from error
        except HwrError as error:
            raise bottle.HTTPError(500, str(error)) from error


def _body() -> dict[str, Any]:
    """The request's JSON object; nothing but JSON, which no other site's form can send."""
    request = bottle.request
    length = request.environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or request.get_header("Transfer-Encoding"):
        raise bottle.HTTPError(411, "the length is missing")
    if len(length) > 9 or int(length) > _LARGEST:
        raise bottle.HTTPError(413, "too much")
    if not (request.content_type or "").startswith("application/json"):
        raise bottle.HTTPError(400, "JSON is needed")
    try:
        found = json.loads(request.body.read(_LARGEST))
    except (ValueError, RecursionError) as error:
        raise bottle.HTTPError(400, "not JSON") from error
    if not isinstance(found, dict):
        raise bottle.HTTPError(400, "not a JSON object")
    return found


def _said(answer: Answer) -> dict[str, Any]:
    return {"answer": answer.text, "given": answer.given, "version": answer.version}
