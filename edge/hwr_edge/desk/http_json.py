"""Requests and answers of the API: bodies checked, and every error in one shape."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bottle

from hwr_edge.desk.batch import Gone
from hwr_edge.desk.readers import TooMuch
from hwr_edge.errors import DataError, HwrError, ImageError, OutputError
from hwr_edge.web.page import HEADERS

_JSON_BYTES = 100_000
_CODES = {
    400: "bad_request",
    401: "wrong_token",
    403: "forbidden",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    411: "length_missing",
    413: "too_large",
    415: "wrong_type",
    422: "unreadable",
    429: "busy",
    500: "error",
    503: "busy",
    507: "disk_full",
}
_WAIT = "2"  # seconds, after which a client may ask again


class Failure(bottle.HTTPError):  # type: ignore[misc]  # bottle has no types
    """An answer that says what is wrong; `code` is for programs, the message for people."""

    def __init__(self, status: int, message: str, code: str = "", **headers: str) -> None:
        super().__init__(status, message, **headers)
        self.code = code or _CODES[status]


def answer_in_json(app: Any) -> None:
    """Let every error of an application be {"error": {"code", "message"}}."""
    for status in _CODES:
        app.error(status)(_error_body)


def _error_body(error: Any) -> str:
    for name, value in HEADERS.items():
        bottle.response.set_header(name, value)
    unforeseen = error.status_code == 500 and error.exception is not None
    message = "a bug in hwr-edge; please report it" if unforeseen else str(error.body)
    if not bottle.request.path.startswith("/api"):  # a person's browser asks
        bottle.response.content_type = "text/plain; charset=utf-8"
        return f"{message}\n"
    bottle.response.content_type = "application/json"
    code = getattr(error, "code", None) or _CODES[error.status_code]
    return json.dumps({"error": {"code": code, "message": message}}) + "\n"


def answering(call: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose errors are answers."""

    def answer(**arguments: Any) -> Any:
        try:
            return call(**arguments)
        except Gone as error:
            raise Failure(404, str(error)) from error
        except TooMuch as error:
            raise Failure(413, str(error), error.code) from error
        except ImageError as error:
            raise Failure(422, str(error)) from error
        except DataError as error:
            raise Failure(400, str(error)) from error
        except OutputError as error:
            raise Failure(507, str(error), "cannot_write") from error
        except HwrError as error:
            raise Failure(500, str(error)) from error

    return answer


def json_body() -> dict[str, Any]:
    """The request's JSON object, which no other site's form can send."""
    request = bottle.request
    if (request.content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise Failure(415, "send JSON, as Content-Type: application/json")
    if request.content_length > _JSON_BYTES:
        raise Failure(413, f"at most {_JSON_BYTES} bytes of JSON")
    try:
        found = json.loads(request.body.read(_JSON_BYTES))
    except (ValueError, RecursionError) as error:
        raise Failure(400, "not JSON") from error
    if not isinstance(found, dict):
        raise Failure(400, "not a JSON object")
    return found


def uploads(key: str, most: int, largest: int) -> list[Any]:
    """The files of a multipart request, from one to so many, each of at most so many bytes."""
    request = bottle.request
    if (request.content_type or "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise Failure(415, f"send the file as multipart/form-data, in the field {key!r}")
    try:
        found = [one for one in request.files.getall(key) if one.raw_filename]
    except bottle.HTTPError as error:
        status = error.status_code if error.status_code in _CODES else 400
        raise Failure(status, str(error.body)) from error
    except ValueError as error:  # a header of a part that no browser sends
        raise Failure(400, "not a multipart request") from error
    if not 1 <= len(found) <= most:
        raise Failure(400, f"send {'one file' if most == 1 else 'files'} in the field {key!r}")
    for one in found:
        if one.file.seek(0, 2) > largest:
            raise Failure(413, f"a file has at most {largest >> 20} MiB")
        one.file.seek(0)
    return found


def number(key: str, default: int, most: int) -> int:
    """A whole number of the address's query."""
    said = bottle.request.query.get(key)
    if said is None:
        return default
    if not (said.isascii() and said.isdecimal() and len(said) < 16 and int(said) <= most):
        raise Failure(400, f"{key} is a whole number from 0 to {most}")
    return int(said)


def choice(key: str, known: tuple[str, ...]) -> str:
    """One of known words of the address's query; the first by itself."""
    said = bottle.request.query.getunicode(key) or known[0]
    if said not in known:
        raise Failure(400, f"{key} is {' or '.join(known)}")
    return str(said)


class RequestQueue:
    """Reads a few requests at a time and lets a few more wait; the next ones are told to come again."""

    def __init__(self, places: int, waiting: int) -> None:
        self._all = threading.BoundedSemaphore(places + waiting)
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a place, and have it.

        Raises:
            Failure: 429, where too many wait.
        """
        if not self._all.acquire(blocking=False):
            raise busy()
        try:
            with self._places:
                yield
        finally:
            self._all.release()


def busy() -> Failure:
    """What is said where the queue is full."""
    return Failure(429, "too much waits to be read; try again soon", Retry_After=_WAIT)
