"""Where names are sent: an MQTT topic or a web address, as people type them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from hwr_edge.errors import DataError

_PORTS = {"mqtt": 1883, "mqtts": 8883, "http": 80, "https": 443}
_MQTT, _WEB = ("mqtt", "mqtts"), ("http", "https")
_WILD = frozenset("+#\0")
_LONGEST_TOPIC = 65_535  # bytes (MQTT 5.0, 1.5.4)


@dataclass(frozen=True)
class Destination:
    """One receiver.

    kind: "mqtt" or "webhook".
    path: the topic, or the path of the address with its query.
    user: of the broker; never a password.
    """

    kind: str
    tls: bool
    host: str
    port: int
    path: str
    user: str | None = None

    @property
    def key(self) -> str:
        """Tells it from every other one."""
        return f"{self.kind} {self.tls} {self.user or ''}@{self.host}:{self.port} {self.path}"

    @property
    def shown(self) -> str:
        """For messages: without the topic or path, which may hold a secret."""
        return f"{self.kind} {self.host}:{self.port}"


def mqtt_of(url: str) -> Destination:
    """The topic that `mqtt[s]://[user@]host[:port]/topic` names.

    Raises:
        DataError: it names none, or holds a password.
    """
    parts, port = _split(url, "--mqtt", _MQTT)
    topic = unquote(parts.path[1:])
    if set("?#") & set(url) or not topic or _WILD & set(topic):
        raise DataError("--mqtt: give a topic without + # ? signs, as in mqtt://host/names")
    if len(topic.encode("utf-8", "replace")) > _LONGEST_TOPIC:
        raise DataError("--mqtt: the topic is too long")
    user = unquote(parts.username) if parts.username else None
    return Destination("mqtt", parts.scheme == "mqtts", parts.hostname or "", port, topic, user)


def webhook_of(url: str) -> Destination:
    """The address that `http[s]://host[:port]/path` names.

    Raises:
        DataError: it is none, or holds a user or a password.
    """
    parts, port = _split(url, "--webhook", _WEB)
    if parts.username is not None:
        raise DataError("--webhook: leave the user out of the address; set HWR_EDGE_WEBHOOK_TOKEN")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or any(c <= " " for c in path):
        raise DataError("--webhook: write special characters of the path as %XX")
    return Destination("webhook", parts.scheme == "https", parts.hostname or "", port, path)


def _split(url: str, option: str, schemes: tuple[str, str]) -> tuple[SplitResult, int]:
    """The parts of an address and its port. No message repeats the address, which may hold a secret."""
    plain = f"{option}: give an address such as {schemes[0]}://host/path"
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise DataError(plain) from error
    if parts.password is not None:
        raise DataError(
            f"{option}: no password in the address, where other users see it; "
            "set HWR_EDGE_MQTT_PASSWORD, or give --mqtt-password-file"
            if schemes == _MQTT
            else f"{option}: no password in the address; set HWR_EDGE_WEBHOOK_TOKEN"
        )
    if parts.scheme not in schemes or not parts.hostname:
        raise DataError(plain)
    return parts, port
