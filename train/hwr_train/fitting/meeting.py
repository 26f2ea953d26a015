"""How hosts meet before a run: host 0 waits for the others, who connect to it."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

from hwr_edge import __version__
from hwr_edge.errors import DataError, HwrError
from hwr_train.fitting.hosts import LOOK, Hosts, Link
from hwr_train.interrupts import check

_PATIENCE = 300.0  # seconds until all hosts must have come
_HANDSHAKE = 10.0  # seconds


def meet(count: int, place: int, address: str) -> Hosts:
    """Wait until all hosts of a run have met.

    Args:
        count: how many there are.
        place: which of them this is, from 0.
        address: HOST:PORT of host 0, the same on all.

    Raises:
        DataError: that is no address, another host says that it is this one, or it has another version.
        HwrError: a host does not come.
    """
    name, colon, port = address.rpartition(":")
    if not (name and colon and port.isdecimal() and 0 < int(port) < 65536):
        raise DataError(f"{address}: not an address; use HOST:PORT of host 0")
    if not 0 <= place < count:
        raise DataError(f"there is no host {place} of {count}; hosts are counted from 0")
    where = (name.strip("[]"), int(port))
    if place:
        return Hosts(count, place, {0: _connect(where, count, place)})
    return Hosts(count, place, _wait_for_hosts(where, count))


def free_port() -> int:
    """One on which nothing listens now."""
    with socket.socket() as server:
        server.bind(("", 0))
        return int(server.getsockname()[1])


def _wait_for_hosts(where: tuple[str, int], count: int) -> dict[int, Link]:
    """On host 0: the links to all others."""
    links: dict[int, Link] = {}
    late = time.monotonic() + _PATIENCE
    try:
        server = socket.create_server(where)
    except OSError as error:
        why = error.strerror or error
        raise HwrError(
            f"{where[0]}:{where[1]}: cannot be listened on ({why}); use an address of this host"
        ) from error
    with server:
        server.settimeout(LOOK)
        while len(links) < count - 1:
            check()
            if time.monotonic() > late:
                missing = sorted(set(range(1, count)) - set(links))
                hosts = ", ".join(f"host {k}" for k in missing)
                raise HwrError(f"{hosts} did not connect within {_PATIENCE:.0f} seconds")
            with suppress(TimeoutError):
                _accept(server.accept()[0], count, links)
    for link in links.values():
        link.send({"welcome": count})
    return links


def _accept(found: socket.socket, count: int, links: dict[int, Link]) -> None:
    """A host that came, or a stranger."""
    found.settimeout(_HANDSHAKE)
    link = Link(found, found.makefile("rb"))
    came = link.receive() or {}
    place, refused = came.get("host", 0), ""
    if place not in range(1, count) or came.get("hosts") != count:
        refused = f"host 0 expects hosts 1 to {count - 1} of {count}"
    elif came.get("version") != __version__:
        refused = f"host 0 has version {__version__}"
    elif place in links:
        refused = f"there is a host {place} already"
    if refused:
        with suppress(OSError):
            link.send({"refused": refused})
        found.close()
    else:
        links[place] = Link.of(found)


def _connect(where: tuple[str, int], count: int, place: int) -> Link:
    """On another host: the link to host 0."""
    late = time.monotonic() + _PATIENCE
    while True:
        check()
        try:
            found = socket.create_connection(where, _HANDSHAKE)
            break
        except OSError as error:
            if time.monotonic() > late:
                raise HwrError(
                    f"{where[0]}:{where[1]}: host 0 cannot be reached ({error.strerror or error})"
                ) from error
            time.sleep(LOOK)
    link = Link.of(found)
    link.send({"host": place, "hosts": count, "version": __version__})
    answer = link.receive()
    if answer is None:
        raise HwrError(f"{where[0]}:{where[1]}: host 0 is gone")
    if "refused" in answer:
        raise DataError(
            f"{where[0]}:{where[1]}: {answer['refused']}, but this is {place} of {count}"
        )
    return link
