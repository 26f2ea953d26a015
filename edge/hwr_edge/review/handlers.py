"""What the pages' handlers have in common: numbers and JSON that are sent, files and words that are served."""

from __future__ import annotations

import json
from typing import Any

import bottle

from hwr_edge.review.texts import catalogue, language_for

_LARGEST = 10_000  # bytes of a request


def texts(package: str) -> dict[str, Any]:
    """The words of a package's page, and which language the browser asks for."""
    found = catalogue(package)
    asked = bottle.request.environ.get("HTTP_ACCEPT_LANGUAGE", "")
    return {"language": language_for(asked, tuple(found)), "texts": found}


def number(name: str) -> int:
    """A number of the address, 0 where there is none; HTTPError where it is none."""
    asked = bottle.request.query.get(name) or "0"
    if not asked.isdecimal() or len(asked) > 9:
        raise bottle.HTTPError(400, f"{name} is a number")
    return int(asked)


def body(largest: int = _LARGEST) -> dict[str, Any]:
    """The request's JSON object; nothing but JSON, which no other site's form can send.

    Args:
        largest: bytes that it may have.
    """
    request = bottle.request
    length = request.environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or request.get_header("Transfer-Encoding"):
        raise bottle.HTTPError(411, "the length is missing")
    if len(length) > 9 or int(length) > largest:
        raise bottle.HTTPError(413, "too much")
    if not (request.content_type or "").startswith("application/json"):
        raise bottle.HTTPError(400, "JSON is needed")
    try:
        found = json.loads(request.body.read(largest))
    except (ValueError, RecursionError) as error:
        raise bottle.HTTPError(400, "not JSON") from error
    if not isinstance(found, dict):
        raise bottle.HTTPError(400, "not a JSON object")
    return found
