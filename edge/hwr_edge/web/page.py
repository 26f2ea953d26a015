"""A page behind a token: who may ask it, and the files that it is made of.

Who asks must hold the token that the command prints: other users of the machine do not have it. A
request that another site's page makes is refused, by its Host, Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import bottle

from hwr_edge.web.server import Server

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",  # names stay out of the browser's cache
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_THREADS = 8  # requests that are answered at a time
_LARGEST = 1 << 20  # bytes of a request's body
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


class Access:
    """Who may open the page: a token, and the address that has it."""

    def __init__(self, cookie: str, token: str | None = None) -> None:
        """Keep the token in the browser under a cookie's name; by itself it is a new one."""
        self.token = token or secrets.token_urlsafe(16)
        self._name, self._host, self._port = cookie, "", 0

    def opened(self, host: str, port: int) -> str:
        """The address to open, token and all, now that the port is known."""
        self._host, self._port = host, port
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{port}/?token={self.token}"

    @property
    def _cookie(self) -> str:
        return f"{self._name}-{self._port}"  # cookies know no ports: two pages at once

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether headers, by names such as AUTHORIZATION, show the token; an address may, too."""
        scheme, _, bearer = headers.get("AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._is(_digest(bearer.strip()))
        return self._is(_cookie_in(headers.get("COOKIE", ""), self._cookie))

    def _is(self, known: str) -> bool:
        return secrets.compare_digest(known.encode(), _digest(self.token).encode())

    def check(self) -> None:
        """Refuse who comes from elsewhere, or without the token.

        Raises:
            bottle.HTTPError: 401 where another token is sent as `Authorization: Bearer`; else 403.
        """
        sent = bottle.request.environ  # of any bytes, where get_header takes UTF-8 alone
        if shown := sent.get("HTTP_AUTHORIZATION"):  # which no other site's page can send
            if not self.knows({"AUTHORIZATION": shown}):
                raise bottle.HTTPError(401, "wrong token", WWW_Authenticate="Bearer")
            return
        self._check_site(sent)
        asked = bottle.request.query.getunicode("token")
        known = _digest(asked) if asked else _cookie_in(sent.get("HTTP_COOKIE", ""), self._cookie)
        if not self._is(known):
            raise bottle.HTTPError(403, "open the address that the command printed")
        if asked:
            bottle.response.set_cookie(
                self._cookie, known, httponly=True, samesite="strict", path="/"
            )

    def _check_site(self, sent: Mapping[str, str]) -> None:
        """Refuse what another site's page asks."""
        host, origin = sent.get("HTTP_HOST", ""), sent.get("HTTP_ORIGIN")
        site = sent.get("HTTP_SEC_FETCH_SITE", "same-origin")
        if not self._is_own_host(host) or (origin is not None and origin != f"http://{host}"):
            raise bottle.HTTPError(403, "request from another site")
        opens = bottle.request.path == "/" and bottle.request.query.get("token")
        if site not in ("same-origin", "none") and not opens:
            raise bottle.HTTPError(403, "request from another site")

    def _is_own_host(self, asked: str) -> bool:
        """Whether a Host header names this server, not a site whose name leads here."""
        name, _, port = asked.rpartition(":") if re.search(r":\d+$", asked) else (asked, "", "80")
        if port != str(self._port):
            return False
        if is_loopback(self._host):
            return name.strip("[]") in {self._host, "localhost"}
        own = socket.gethostname().lower()
        return name.lower() in {
            own,
            f"{own}.local",
            self._host.lower(),
            "localhost",
        } or _is_address(name.strip("[]"))


_OWN = ("page.html", "page.js", "page.css")
Route = tuple[str, str, Callable[..., Any]]
"""A method, a path and what answers it."""


class Page:
    """A bottle application behind a door."""

    def __init__(
        self, cookie: str, package: str, token: str | None = None, door: Access | None = None
    ) -> None:
        """Serve page.html, page.js and page.css of a package.

        Args:
            cookie: what the browser keeps the token under.
            package: where the three files are.
            token: by itself a new one.
            door: another page's, where this one is a part of that.
        """
        self.door = door or Access(cookie, token)
        self.bottle = bottle.Bottle()
        self.mount("", (), package, _OWN)
        for status in (400, 401, 403, 404, 405, 409, 411, 413, 500):
            self.bottle.error(status)(_plain)

    @property
    def token(self) -> str:
        """What opens the page."""
        return self.door.token

    def route(self, method: str, path: str, call: Callable[..., Any]) -> None:
        """Answer a path, to who holds the token."""

        def guarded(**arguments: Any) -> Any:
            self.door.check()
            for name, value in HEADERS.items():
                bottle.response.set_header(name, value)
            return call(**arguments)

        self.bottle.route(path, method, guarded)

    def mount(self, prefix: str, calls: Sequence[Route], package: str, more: Sequence[str]) -> None:
        """Answer calls and send files of a package below a prefix; its page.html is at "/".

        Args:
            prefix: "", or the place of another page than this one's own.
            calls: what is answered.
            package: where page.html, page.js, page.css and `more` are.
            more: names of further files.
        """
        for method, path, call in calls:
            self.route(method, prefix + path, call)
        for name in (*(_OWN if prefix else ()), *more):
            path = "/" if name == "page.html" else f"/{name}"
            self.route("GET", prefix + path, file_of(package, name))

    def open(
        self, host: str, port: int, threads: int = _THREADS, largest: int = _LARGEST
    ) -> tuple[Server, str]:
        """A server to run with `serve_forever`, and the address to open, token and all.

        Args:
            host: an address of this machine.
            port: 0 for any that is free.
            threads: requests that are answered at a time.
            largest: bytes of a request's body.

        Raises:
            OSError: the port is taken, or the address is not this machine's.
        """
        server = Server(self.bottle, host, port, self.door.knows, threads, largest)
        return server, self.door.opened(host, server.server_port)


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


def file_of(package: str, name: str) -> Callable[..., bytes]:
    """What sends a file of a package, whatever the address names besides."""

    def send(**_: Any) -> bytes:
        bottle.response.content_type = f"{_KINDS[name.rpartition('.')[2]]}; charset=utf-8"
        return _content(package, name)

    return send


def _plain(error: bottle.HTTPError) -> str:
    bottle.response.content_type = "text/plain; charset=utf-8"
    for name, value in HEADERS.items():
        bottle.response.set_header(name, value)
    return f"{error.body}\n"


def _cookie_in(sent: str, name: str) -> str:
    """Our own cookie; those of the machine's other servers come too, and may be of any form."""
    pairs = (pair.strip().partition("=") for pair in sent.split(";"))
    return next((value for key, _, value in pairs if key == name), "")


@cache
def _content(package: str, name: str) -> bytes:
    return files(package).joinpath(name).read_bytes()
