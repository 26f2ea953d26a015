"""The review page, served on this machine alone (web.py says who may ask)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bottle
import cv2

from hwr_edge.errors import DataError, HwrError, ImageError
from hwr_edge.results.roster_file import People
from hwr_edge.results.separator import Separator
from hwr_edge.review.answer_file import LONGEST
from hwr_edge.review.answers import Answers, Conflict
from hwr_edge.review.handlers import body, number, texts
from hwr_edge.review.images import around, cut, whole_page
from hwr_edge.review.results import Results
from hwr_edge.review.session import Part, Review, said
from hwr_edge.web import Page, Server
from hwr_edge.web.page import Route

HOST = "127.0.0.1"
_PACKAGE = "hwr_edge.review"
_MOST_ROWS = 1000  # that are asked for at a time
_MORE = ("texts.js", "view.js", "names.js")

Find = Callable[..., Review]
"""Gives the review that an address's prefix names, from the parts of the prefix that vary."""


def open_server(
    results: Results,
    answers: Answers,
    port: int,
    separator: Separator = Separator.COMMA,
    people: People | None = None,
) -> tuple[Server, str]:
    """A server to run with `serve_forever`, and the address to open, token and all.

    Args:
        results: what was read.
        answers: where answers go.
        port: 0 for any that is free.
        separator: of the table that the page hands out.
        people: the list of those who may stand there.

    Raises:
        OSError: the port is taken.
    """
    review = Review(results, answers, separator, people)
    page = Page("hwr-edge-review", _PACKAGE)
    add_routes(page, lambda: review)
    return page.open(HOST, port)


def add_routes(page: Page, find: Find, prefix: str = "") -> None:
    """Serve a review, or many, behind a page's token.

    Args:
        page: who is asked.
        find: which review is meant: called with what varies in the prefix, by its name.
        prefix: begins all addresses, "" or such as "/batches/<batch>/review"; the review is at its "/".
    """
    handlers: list[Route] = [
        ("GET", "/rows", _rows),
        ("GET", "/events", _events),
        ("GET", "/picture/<place:int>", _image),
        ("GET", "/sheet/<place:int>", _sheet),
        ("GET", "/sheet/<place:int>.jpg", _sheet_image),
        ("GET", "/names.csv", _names),
        ("GET", "/missing", _missing),
        ("POST", "/suggest/<place:int>", _suggest),
        ("POST", "/rows/<place:int>", _answer),
    ]
    calls: list[Route] = [(method, path, _for(find, call)) for method, path, call in handlers]
    calls.append(("GET", "/texts", lambda **_: texts(_PACKAGE)))
    page.mount(prefix, calls, _PACKAGE, _MORE)


def _for(find: Find, handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler of the review that the address names; of the row, where there is one."""

    def call(place: int | None = None, **which: Any) -> Any:
        review = find(**which)
        if place is None:
            return handler(review)
        if not 0 <= place < len(review.results.rows):
            raise bottle.HTTPError(404, f"there is no row {place}")
        return handler(review, place)

    return call


def _rows(review: Review) -> dict[str, Any]:
    """A part of the queue; by itself the one that is open."""
    if "from" not in bottle.request.query:
        return review.rows()
    return review.rows(Part(number("from"), min(_MOST_ROWS, number("count"))))


def _events(review: Review) -> dict[str, Any]:
    return review.news(number("after"))


def _image(review: Review, place: int) -> bytes:
    """A row's part of its image, as PNG."""
    grey = _read(cut, review, place)
    bottle.response.content_type = "image/png"
    return cv2.imencode(".png", grey)[1].tobytes()


def _sheet(review: Review, place: int) -> dict[str, Any]:
    """The size of the page around a row, and where the row is on it."""
    found = _read(around, review, place)
    return {"size": found.size, "box": found.box}


def _sheet_image(review: Review, place: int) -> bytes:
    """The page around a row, as JPEG."""
    data: bytes = _read(whole_page, review, place)
    bottle.response.content_type = "image/jpeg"
    return data


def _read(what: Callable[[Results, int], Any], review: Review, place: int) -> Any:
    try:
        return what(review.results, place)
    except ImageError as error:
        raise bottle.HTTPError(404, str(error)) from error


def _names(review: Review) -> bytes:
    """The table for people."""
    bottle.response.content_type = "text/csv; charset=utf-8"
    name = f"{review.results.path.stem}-names.csv".encode("ascii", "replace").decode()
    name = "".join(c if c.isprintable() and c not in '"\\' else "_" for c in name)
    bottle.response.set_header("Content-Disposition", f'attachment; filename="{name}"')
    return review.table().encode("utf-8", "surrogateescape")


def _missing(review: Review) -> dict[str, Any]:
    return {"names": review.missing()}


def _suggest(review: Review, place: int) -> dict[str, Any]:
    """Names for what is typed, which no address may hold."""
    typed = body().get("typed")
    if not isinstance(typed, str) or len(typed) > LONGEST:
        raise bottle.HTTPError(400, f"typed is a text of at most {LONGEST} letters")
    return {"names": review.suggest(typed, place)}


def _answer(review: Review, place: int) -> dict[str, Any]:
    """Save an answer, or take one back."""
    sent = body()
    version = sent.get("version")
    if type(version) is not int:
        raise bottle.HTTPError(400, "version is missing")
    if "answer" not in sent and not sent.get("taken_back"):
        raise bottle.HTTPError(400, "there is no answer")
    text = sent.get("answer")
    if text is not None and not isinstance(text, str):
        raise bottle.HTTPError(400, "an answer is a text, or null")
    try:
        if sent.get("taken_back"):
            return said(review.answers.take_back(place, version))
        return said(review.answers.put(place, text, version))
    except Conflict as conflict:
        bottle.response.status = 409
        return said(conflict.now)
    except DataError as error:
        raise bottle.HTTPError(400, str(error)) from error
    except HwrError as error:
        raise bottle.HTTPError(500, str(error)) from error
