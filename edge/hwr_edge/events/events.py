"""All receivers together: a row goes in as a dict, and each gets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from hwr_edge.errors import RuntimeMissing
from hwr_edge.events.destination import Destination
from hwr_edge.events.outbox import Outbox, outbox_for
from hwr_edge.events.places import default_folder
from hwr_edge.events.sender import Receiver, Sender
from hwr_edge.events.webhook import Webhook, tls_of

_STOPPED = 1.0  # seconds for receivers when the command is stopped


@dataclass(frozen=True)
class Receivers:
    """Where names are sent.

    folder: of the outboxes; None for the usual one.
    ca: certificates to trust instead of the system's.
    home_assistant: tell Home Assistant of the topic.
    """

    destinations: tuple[Destination, ...]
    folder: Path | None = None
    password: str | None = None
    ca: Path | None = None
    home_assistant: bool = False


class Events:
    """A context manager that queues rows and gives them; giving goes on in threads meanwhile."""

    def __init__(self, to: Receivers, tell: Callable[[str], None], seconds: float = 0.0) -> None:
        """Open the outboxes, and begin to send what waits in them.

        Args:
            to: what was asked for.
            tell: gets a line when a receiver fails, and at the end where rows wait.
            seconds: how long the end may wait for receivers.

        Raises:
            RuntimeMissing: the MQTT library is not installed.
            DataError: the certificates cannot be read.
            OutputError: an outbox cannot be made.
        """
        self._tell, self._seconds = tell, seconds
        for one in to.destinations:
            check(one, to.ca)
        folder = to.folder or default_folder()
        found = [(outbox_for(folder, one), one) for one in to.destinations]
        self._senders = [Sender(box, partial(_receiver, one, box, to), tell) for box, one in found]

    def __enter__(self) -> Events:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._wait(self._seconds if kind is None else min(self._seconds, _STOPPED))
        finally:
            for sender in self._senders:
                sender.close()

    def add(self, rows: Sequence[Mapping[str, Any]], of: str = "") -> None:
        """Queue rows, and wait until they are on the disk; never for a receiver.

        Args:
            rows: what to give.
            of: what they were read from, if a kill may let it be read again (`Outbox.add`).

        Raises:
            OutputError: an outbox is full, or cannot be written.
        """
        for sender in self._senders:
            if rows:
                sender.outbox.add(rows, of)
                sender.wake()

    def _wait(self, seconds: float) -> None:
        for sender in self._senders:
            if left := sender.wait(seconds):
                count = f"{left} names wait" if left > 1 else "1 name waits"
                self._tell(f"{sender.outbox.shown}: {count} on the disk; the next run sends them")


def check(to: Destination, ca: Path | None) -> None:
    """Raise what would keep a receiver from being made."""
    if to.tls:
        tls_of(ca)
    if to.kind == "mqtt":
        try:
            import paho.mqtt.client  # noqa: F401
        except ModuleNotFoundError as error:
            raise RuntimeMissing(
                "--mqtt needs the package paho-mqtt; run: pip install 'hwr-edge[events]'"
            ) from error


def _receiver(one: Destination, outbox: Outbox, to: Receivers) -> Receiver:
    if one.kind == "webhook":
        return Webhook(one, to.ca)
    from hwr_edge.events.discovery import Sensor
    from hwr_edge.events.mqtt import Mqtt

    sensor = Sensor(outbox.client, one.path) if to.home_assistant else None
    return Mqtt(one, outbox.client, to.password, to.ca, sensor)
