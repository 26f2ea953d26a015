"""The desk's one server: its page, its API, and the pages that are parts of it, behind one token."""

from __future__ import annotations

from collections.abc import Callable

from hwr_edge.desk.api import Api
from hwr_edge.desk.desk import Desk
from hwr_edge.desk.forms import Forms
from hwr_edge.desk.http_json import answer_in_json
from hwr_edge.desk.reviews import Reviews
from hwr_edge.limits import IMAGE_BYTES
from hwr_edge.review.handlers import texts
from hwr_edge.web import Page, Server
from hwr_edge.web.page import file_of

_THREADS = 16  # requests that are answered at a time
_PACKAGE = "hwr_edge.desk"
_MORE = ("calls.js", "home.js", "batch.js", "api.js")


Part = Callable[[Page, Desk], None]
"""Adds its routes to the desk's page: `page.route(method, path, call)` answers to who holds the token."""


def make_app(desk: Desk, token: str | None = None, parts: tuple[Part, ...] = ()) -> Page:
    """The page with all that is mounted in it.

    Args:
        desk: its parts.
        token: what opens it; by itself that which the folder keeps.
        parts: further pages, each added under addresses of its own.
    """
    page = Page("hwr-edge-desk", _PACKAGE, token or desk.place.token())
    answer_in_json(page.bottle)
    Api(desk).add_to(page)
    Reviews(desk).add_to(page)
    Forms(desk).add_to(page)
    for path, name in (("/api/", "api.html"), *((f"/{name}", name) for name in _MORE)):
        page.route("GET", path, file_of(_PACKAGE, name))
    page.route("GET", "/texts", lambda: texts(_PACKAGE))
    page.route("GET", "/texts.js", file_of("hwr_edge.review", "texts.js"))
    for add in (*parts,):
        add(page, desk)
    return page


def open_desk(page: Page, host: str, port: int) -> tuple[Server, str]:
    """A server to run, and the address to open; raises OSError as `Page.open`."""
    return page.open(host, port, _THREADS, IMAGE_BYTES + (1 << 20))
