"""Gives rows to an MQTT broker, exactly once as far as the broker remembers.

MQTT 5, QoS 2. A program that starts begins a new session, so the broker forgets what an earlier one had
not finished, and that is sent again. Within a run the session goes on over lost connections. A broker
that forgot the session may have lost the row in flight: it is sent again, with the same id.
"""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hwr_edge.events.destination import Destination
from hwr_edge.events.discovery import OFFLINE, ONLINE, Sensor
from hwr_edge.events.outbox import Waiting
from hwr_edge.events.webhook import tls_of

_QOS = 2  # each row arrives exactly once
_SESSION = 86_400  # seconds that the broker keeps the session
_ALIVE = 30  # seconds between signs of life
_REFUSED = 0x80  # reasons from here on are errors
_PATIENCE = 10.0  # seconds for a connection, or for one row


class Mqtt:
    """One topic of one broker. paho connects, and again after a loss, in a thread of its own."""

    def __init__(
        self,
        to: Destination,
        client: str,
        password: str | None = None,
        ca: Path | None = None,
        sensor: Sensor | None = None,
    ) -> None:
        """Begin to connect.

        Args:
            to: where to.
            client: the client id, the same at each start.
            password: of `to.user`.
            ca: certificates to trust instead of the system's.
            sensor: tells Home Assistant of the topic.

        Raises:
            DataError: the certificates cannot be read.
        """
        self._topic, self._sensor = to.path, sensor
        self._why, self._sessions = "no connection", 0
        self._there, self._news = threading.Event(), threading.Condition()
        self._done: set[int] = set()
        self._id, self._mid, self._session = "", 0, 0
        link = _Client(CallbackAPIVersion.VERSION2, client, protocol=paho.MQTTv5)
        if to.user:
            link.username_pw_set(to.user, password)
        if to.tls:
            link.tls_set_context(tls_of(ca))
        if sensor:
            link.will_set(sensor.availability, OFFLINE, qos=1, retain=True)
        link.on_connect, link.on_disconnect = self._connected, self._lost
        link.on_connect_fail, link.on_publish = self._failed, self._published
        link.reconnect_delay_set(1, 30)
        kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        kept.SessionExpiryInterval = _SESSION
        link.connect_async(to.host, to.port, _ALIVE, properties=kept)
        self._link = link
        link.loop_start()

    def give(self, row: Waiting) -> str | None:
        """Send a row; None once the broker has it, else why not. Ask again for the same row."""
        if not self._there.wait(_PATIENCE):
            return self._why
        with self._news:
            if self._id != row.id:
                self._publish(row)
            if not self._news.wait_for(lambda: self._mid in self._done, _PATIENCE):
                return self._why
            self._id = ""
            if self._mid in self._link.refused:
                return "the broker refuses the topic"
            if self._session != self._sessions:
                return "the broker was restarted"
            return None

    def _publish(self, row: Waiting) -> None:
        self._link.refused.clear()
        self._done.clear()
        self._id, self._session = row.id, self._sessions
        self._mid = self._link.publish(self._topic, row.body, _QOS).mid

    def close(self) -> None:
        """Say goodbye, if there is a connection."""
        if self._sensor and self._there.is_set():
            with suppress(RuntimeError, ValueError):  # the connection was lost just now
                self._link.publish(self._sensor.availability, OFFLINE, 1, True).wait_for_publish(
                    1.0
                )
        self._link.disconnect()
        self._link.loop_stop()

    def _connected(
        self, link: paho.Client, data: object, flags: Any, code: Any, properties: object
    ) -> None:
        if code.is_failure:
            self._why = f"the broker refuses: {code}"
            return
        self._sessions += not flags.session_present
        self._why = "no answer"
        if self._sensor:
            link.publish(self._sensor.config_topic, self._sensor.config(), 1, True)
            link.publish(self._sensor.availability, ONLINE, 1, True)
        self._there.set()

    def _lost(self, link: paho.Client, data: object, flags: object, code: Any, _: object) -> None:
        self._there.clear()
        if not self._why.startswith("the broker refuses"):
            self._why = "no connection"

    def _failed(self, link: paho.Client, data: object) -> None:
        self._why = self._link.trouble

    def _published(
        self, link: paho.Client, data: object, mid: int, code: Any, properties: object
    ) -> None:
        with self._news:
            self._done.add(mid)
            self._news.notify_all()


class _Client(paho.Client):
    """Remembers what paho does not tell.

    refused: messages that the broker refused; paho takes them for sent.
    trouble: why there was no connection, the last time.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.refused: set[int] = set()
        self.trouble = "no connection"

    def reconnect(self) -> MQTTErrorCode:
        try:
            return super().reconnect()
        except ssl.SSLCertVerificationError as error:
            self.trouble = f"its certificate is not trusted ({error.verify_message})"
            raise
        except ssl.SSLError as error:
            self.trouble = f"no TLS connection ({error.reason or error})"
            raise
        except OSError:
            self.trouble = "no connection"
            raise

    def _handle_pubrec(self) -> MQTTErrorCode:
        packet = self._in_packet["packet"]
        if len(packet) > 2 and packet[2] >= _REFUSED:  # MQTT 5.0, 3.5.2: identifier, reason
            self.refused.add(int.from_bytes(packet[:2], "big"))
        return super()._handle_pubrec()
