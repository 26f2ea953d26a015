"""What the pages of this program share: a small server, and who may ask it.

Who asks must hold the token that the command prints: other users of the machine do not have it. A
request that another site's page makes is refused, by its Host, Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import bottle

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",  # names stay out of the browser's cache
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_MOST_REQUESTS = 64  # at a time
_MOST_UNKNOWN = 16  # of those, of one address, that have not shown the token
_LONGEST_REQUEST = 30  # seconds
_LONGEST_UNKNOWN = 5  # seconds, until the token is shown
_PATIENCE = 1.0  # seconds, until one who was hung up on is gone
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


@dataclass(eq=False)
class _Caller:
    """A connection that is being served; known: the token was shown on it; leaving: it was hung up on."""

    request: socket.socket
    address: str
    known: bool = False
    leaving: bool = False

    def watch(self, seconds: float, more: float = 0.0) -> threading.Timer:
        """Hang up after so long; who has shown the token then has so much longer."""
        timer = threading.Timer(seconds, self._end, [more])
        timer.daemon = True
        timer.start()
        return timer

    def _end(self, more: float) -> None:
        if self.known and more > 0:
            self.watch(more)
        else:
            self.hang_up()

    def hang_up(self) -> None:
        """Let nothing more come or go."""
        self.leaving = True
        with suppress(OSError):  # it is closed already
            self.request.shutdown(socket.SHUT_RDWR)


_serving = threading.local()  # `caller`: whom this thread serves


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request, and not without end; none outlives the program.

    Who has not shown the token must do so soon, and makes room for others: by however many idle
    connections, nobody keeps out who holds it.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._free = threading.BoundedSemaphore(_MOST_REQUESTS)
        self._mutex = threading.Lock()
        self._callers: list[_Caller] = []  # the oldest first
        super().__init__(*arguments, **named)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin a thread for a request, or refuse it where too many are at work that hold the token."""
        caller: Any = _Caller(request, str(client_address[0]))
        self._make_room(caller.address)
        if not self._free.acquire(timeout=_PATIENCE):
            self.shutdown_request(request)
            return
        with self._mutex:
            self._callers.append(caller)
        try:
            super().process_request(caller, client_address)
        except BaseException:  # no thread could begin
            self._gone(caller)
            raise

    def _make_room(self, address: str) -> None:
        """Hang up on the oldest that did not show the token, where it, or all together, are too many."""
        with self._mutex:
            unknown = [c for c in self._callers if not (c.known or c.leaving)]
            same = [caller for caller in unknown if caller.address == address]
            full = len(self._callers) >= _MOST_REQUESTS
        if leaving := same if len(same) >= _MOST_UNKNOWN else unknown if full else []:
            leaving[0].hang_up()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """What the thread does, for a while: who sends or takes a byte now and then holds none for ever."""
        caller: _Caller = request
        _serving.caller = caller
        soon = min(_LONGEST_UNKNOWN, _LONGEST_REQUEST)
        end: threading.Timer | None = None
        try:
            end = caller.watch(soon, _LONGEST_REQUEST - soon)
            super().process_request_thread(caller.request, client_address)
        finally:
            if end:
                end.cancel()
            self._gone(caller)

    def _gone(self, caller: _Caller) -> None:
        with self._mutex:
            self._callers.remove(caller)
        self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller who went away, or who never asked."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, which may be wrapped."""
        super().shutdown_request(request.request if isinstance(request, _Caller) else request)


class _Server6(Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: paths are of no use, and a log would keep who was looked at."""

    def address_string(self) -> str:
        """The caller's address as it is: no name server is asked."""
        return str(self.client_address[0])


class Page:
    """A bottle application behind a token."""

    def __init__(self, cookie: str, package: str, token: str | None = None) -> None:
        """Serve page.html, page.js and page.css of a package.

        Args:
            cookie: what the browser keeps the token under.
            package: where the three files are.
            token: by itself a new one.
        """
        self.token = token or secrets.token_urlsafe(16)
        self.bottle = bottle.Bottle()
        self._name, self._host, self._port = cookie, "", 0
        for path, name in (("/", "page.html"), ("/page.js", "page.js"), ("/page.css", "page.css")):
            self.route("GET", path, _file(package, name))
        for status in (400, 403, 404, 405, 409, 411, 413, 500):
            self.bottle.error(status)(_plain)

    def route(self, method: str, path: str, call: Callable[..., Any]) -> None:
        """Answer a path, to who holds the token."""

        def guarded(**arguments: Any) -> Any:
            self._check()
            for name, value in _HEADERS.items():
                bottle.response.set_header(name, value)
            return call(**arguments)

        self.bottle.route(path, method, guarded)

    def open(self, host: str, port: int) -> tuple[Server, str]:
        """A server to run with `serve_forever`, and the address to open, token and all.

        Args:
            host: an address of this machine.
            port: 0 for any that is free.

        Raises:
            OSError: the port is taken, or the address is not this machine's.
        """
        kind = _Server6 if ":" in host else Server
        server = make_server(host, port, self.bottle, server_class=kind, handler_class=_Quiet)
        self._host, self._port = host, server.server_port
        shown = f"[{host}]" if ":" in host else host
        return server, f"http://{shown}:{self._port}/?token={self.token}"

    @property
    def _cookie(self) -> str:
        return f"{self._name}-{self._port}"  # cookies know no ports: two pages at once

    def _check(self) -> None:
        """Refuse who comes from elsewhere, or without the token."""
        request = bottle.request
        sent = request.environ  # of any bytes, where get_header takes UTF-8 alone
        host, origin = sent.get("HTTP_HOST", ""), sent.get("HTTP_ORIGIN")
        site = sent.get("HTTP_SEC_FETCH_SITE", "same-origin")
        if not self._ours(host) or (origin is not None and origin != f"http://{host}"):
            raise bottle.HTTPError(403, "request from another site")
        asked = request.query.getunicode("token")
        if site not in ("same-origin", "none") and not (asked and request.path == "/"):
            raise bottle.HTTPError(403, "request from another site")
        known = _digest(asked) if asked else _cookie(self._cookie)
        if not secrets.compare_digest(known.encode(), _digest(self.token).encode()):
            raise bottle.HTTPError(403, "open the address that the command printed")
        if caller := getattr(_serving, "caller", None):
            caller.known = True
        if asked:
            bottle.response.set_cookie(
                self._cookie, known, httponly=True, samesite="strict", path="/"
            )

    def _ours(self, asked: str) -> bool:
        """Whether a Host header names this server, not a site whose name leads here."""
        name, _, port = asked.rpartition(":") if re.search(r":\d+$", asked) else (asked, "", "80")
        if port != str(self._port):
            return False
        if is_loopback(self._host):
            return name.strip("[]") in {self._host, "localhost"}
        own = socket.gethostname().lower()
        return name.lower() in {own, f"{own}.local", self._host.lower()} or _is_address(
            name.strip("[]")
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def _digest(token: str) -> str:
    """What the browser keeps: of letters that a cookie can hold, and not the secret itself."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _file(package: str, name: str) -> Callable[[], bytes]:
    def send() -> bytes:
        bottle.response.content_type = f"{_KINDS[name.rpartition('.')[2]]}; charset=utf-8"
        return _content(package, name)

    return send


def _plain(error: bottle.HTTPError) -> str:
    bottle.response.content_type = "text/plain; charset=utf-8"
    for name, value in _HEADERS.items():
        bottle.response.set_header(name, value)
    return f"{error.body}\n"


def _cookie(name: str) -> str:
    """Our own cookie; those of the machine's other servers come too, and may be of any form."""
    pairs = (
        pair.strip().partition("=")
        for pair in bottle.request.environ.get("HTTP_COOKIE", "").split(";")
    )
    return next((value for key, _, value in pairs if key == name), "")


@cache
def _content(package: str, name: str) -> bytes:
    return files(package).joinpath(name).read_bytes()
