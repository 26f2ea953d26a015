"""Gives a row to a web address: POST, JSON, with the row's id as Idempotency-Key."""

from __future__ import annotations

import http.client
import os
import ssl
from pathlib import Path

from hwr_edge import __version__
from hwr_edge.errors import DataError
from hwr_edge.events.destination import Destination
from hwr_edge.events.outbox import Waiting

_LONGEST = 10.0  # seconds that an answer may take


class Webhook:
    """One address. It follows no redirects: they would turn the POST into another request."""

    def __init__(self, to: Destination, ca: Path | None = None) -> None:
        """Take the address.

        Args:
            to: where to.
            ca: certificates to trust instead of the system's.

        Raises:
            DataError: the certificates cannot be read.
        """
        self._to = to
        self._tls = tls_of(ca) if to.tls else None
        self._token = os.environ.get("HWR_EDGE_WEBHOOK_TOKEN")
        if self._token and not (self._token.isascii() and self._token.isprintable()):
            raise DataError("HWR_EDGE_WEBHOOK_TOKEN: must be plain letters, digits and signs")

    def give(self, row: Waiting) -> str | None:
        """Send a row; None once it was taken (status 2xx), else why not."""
        link = self._link()
        try:
            link.request("POST", self._to.path, row.body, self._headers(row.id))
            answer = link.getresponse()
            answer.read(1 << 16)
        except (OSError, http.client.HTTPException) as error:
            return getattr(error, "strerror", None) or str(error) or type(error).__name__
        finally:
            link.close()
        return None if 200 <= answer.status < 300 else f"it answers with status {answer.status}"

    def close(self) -> None:
        """Nothing is kept open."""

    def _link(self) -> http.client.HTTPConnection:
        host, port = self._to.host, self._to.port
        if self._tls:
            return http.client.HTTPSConnection(host, port, timeout=_LONGEST, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=_LONGEST)

    def _headers(self, id: str) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": id,
            "User-Agent": f"hwr-edge/{__version__}",
        }
        return headers | ({"Authorization": f"Bearer {self._token}"} if self._token else {})


def tls_of(ca: Path | None) -> ssl.SSLContext:
    """Connections that check the other side's certificate and name; DataError for a bad file."""
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise DataError(f"--tls-ca {ca}: no certificates can be read ({error})") from error
