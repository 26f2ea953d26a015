"""The review page, served on this machine alone.

Loopback only. Who asks must hold the token that the command prints: other users of the machine do not have
it. A request that another site's page makes is refused, by its Host, Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import bottle
import cv2

from hwr_edge.errors import DataError, HwrError, ImageError
from hwr_edge.review.answers import Answer, Answers, Conflict
from hwr_edge.review.export import cut, table
from hwr_edge.review.results import Results

HOST = "127.0.0.1"
_COOKIE = "hwr-edge-review"
_LARGEST = 10_000  # bytes of a request
_FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",  # names stay out of the browser's cache
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request; none outlives the program."""

    daemon_threads = True
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    timeout = 30  # seconds for a request to come: half a one holds no thread for ever

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: paths are of no use, and a log would keep who was looked at."""


def open_server(results: Results, answers: Answers, port: int) -> tuple[Server, str]:
    """A server to run with `serve_forever`, and the address to open, token and all.

    Args:
        results: what was read.
        answers: where answers go.
        port: 0 for any that is free.

    Raises:
        OSError: the port is taken.
    """
    token = secrets.token_urlsafe(16)
    app = _Review(results, answers, token)
    server = make_server(HOST, port, app.bottle, server_class=Server, handler_class=_Quiet)
    app.port = server.server_port
    return server, f"http://{HOST}:{server.server_port}/?token={token}"


class _Review:
    def __init__(self, results: Results, answers: Answers, token: str) -> None:
        self.results, self.answers, self.token, self.port = results, answers, token, 0
        self.bottle = bottle.Bottle()
        routes: list[tuple[str, str, Callable[..., Any]]] = [
            *(("GET", path, self._file(*what)) for path, what in _FILES.items()),
            ("GET", "/rows", self.rows),
            ("GET", "/events", self.events),
            ("GET", "/picture/<place:int>", self.picture),
            ("GET", "/names.csv", self.names),
            ("POST", "/rows/<place:int>", self.answer),
        ]
        for method, path, call in routes:
            self.bottle.route(path, method, self._guarded(call))
        for status in (400, 403, 404, 405, 409, 411, 413, 500):
            self.bottle.error(status)(_plain)

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(**arguments: Any) -> Any:
            self._check()
            for name, value in _HEADERS.items():
                bottle.response.set_header(name, value)
            return call(**arguments)

        return guarded

    def _check(self) -> None:
        """Refuse who comes from elsewhere, or without the token."""
        request = bottle.request
        own = {f"{HOST}:{self.port}", f"localhost:{self.port}"}
        origin = request.get_header("Origin")
        site = request.get_header("Sec-Fetch-Site", "same-origin")
        elsewhere = origin is not None and origin not in {f"http://{host}" for host in own}
        if request.get_header("Host") not in own or elsewhere:
            raise bottle.HTTPError(403, "asked from elsewhere")
        asked = request.query.get("token")
        if site not in ("same-origin", "none") and not (asked and request.path == "/"):
            raise bottle.HTTPError(403, "asked from elsewhere")
        known = asked or _cookie(self._cookie)
        if not secrets.compare_digest(known.encode(), self.token.encode()):
            raise bottle.HTTPError(403, "open the address that the command printed")
        if asked:
            bottle.response.set_cookie(
                self._cookie, self.token, httponly=True, samesite="strict", path="/"
            )

    @property
    def _cookie(self) -> str:
        return f"{_COOKIE}-{self.port}"  # cookies know no ports: two reviews at once

    def _file(self, name: str, kind: str) -> Callable[[], bytes]:
        def send() -> bytes:
            bottle.response.content_type = kind
            return _content(name)

        return send

    def rows(self) -> dict[str, Any]:
        """All rows, the doubtful first, with what was answered."""
        # Counted first: an answer that comes meanwhile is told twice rather than not at all.
        found, events = [], len(self.answers.events)
        for place in self.results.order():
            row = self.results.rows[place]
            found.append(
                {
                    "place": place,
                    "image": row.image,
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
        """What was answered after the first so many events."""
        asked = bottle.request.query.get("after") or "0"
        if not asked.isdecimal() or len(asked) > 9:
            raise bottle.HTTPError(400, "after is a number")
        after = int(asked)
        new = self.answers.events[after:]
        return {
            "events": after + len(new),
            "rows": [{"place": place, **_said(answer)} for place, answer in new],
        }

    def picture(self, place: int) -> bytes:
        """A row's part of its picture, as PNG."""
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
        return table(self.results, self.answers.given()).encode("utf-8", "surrogateescape")

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


def _plain(error: bottle.HTTPError) -> str:
    bottle.response.content_type = "text/plain; charset=utf-8"
    for name, value in _HEADERS.items():
        bottle.response.set_header(name, value)
    return f"{error.body}\n"


def _cookie(name: str) -> str:
    """Our own cookie; those of the machine's other servers come too, and may be of any form."""
    pairs = (
        pair.strip().partition("=") for pair in bottle.request.get_header("Cookie", "").split(";")
    )
    return next((value for key, _, value in pairs if key == name), "")


@cache
def _content(name: str) -> bytes:
    return files("hwr_edge.review").joinpath(name).read_bytes()
