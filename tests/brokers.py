"""A real mosquitto and a web receiver on loopback, which tests kill, start again and ask what came."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(true: Any, what: str, seconds: float = 60.0) -> None:
    """Wait for something, and fail where it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Broker:
    """mosquitto, which keeps its sessions on the disk after each change."""

    def __init__(self, folder: Path, more: str = "allow_anonymous true\n") -> None:
        self.port = free_port()
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text(
            f"listener {self.port} 127.0.0.1\npersistence true\npersistence_location {folder}/\n"
            f"autosave_interval 1\nautosave_on_changes true\nuser root\n{more}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._conf)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers, "mosquitto does not start")

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _answers(self) -> bool:
        with socket.socket() as found:
            return found.connect_ex(("127.0.0.1", self.port)) == 0


class Subscriber:
    """Notes each message on every topic, also those that come again."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None) -> None:
        import paho.mqtt.client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        self.rows: list[dict[str, Any]] = []
        self.others: dict[str, bytes] = {}
        self.ready = threading.Event()
        self._link = paho.Client(
            CallbackAPIVersion.VERSION2, "test-subscriber", clean_session=False
        )
        if user:
            self._link.username_pw_set(user, password)
        self._link.on_message = self._message
        self._link.on_connect = lambda link, *_: link.subscribe("#", 1)
        self._link.on_subscribe = lambda *_: self.ready.set()
        self._link.on_disconnect = lambda *_: self.ready.clear()
        self._link.reconnect_delay_set(1, 1)
        self._link.connect_async("127.0.0.1", port)
        self._link.loop_start()
        assert self.ready.wait(30)

    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]

    def close(self) -> None:
        self._link.disconnect()
        self._link.loop_stop()

    def _message(self, link: object, data: object, message: Any) -> None:
        if message.topic == "names":
            self.rows.append(json.loads(message.payload))
        else:
            self.others[message.topic] = message.payload


class Hook:
    """A web receiver that answers as `answers` says; a status of 0 hangs until the end."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.headers: dict[str, str] = {}
        self.answers: list[int] = []
        self.asked = 0
        self.over = threading.Event()


@contextmanager
def web_hook(port: int = 0) -> Iterator[tuple[Hook, int]]:
    """A receiver, and its port."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = hook.answers.pop(0) if hook.answers else 204
            if status == 0:
                hook.over.wait(30)
                return
            if 200 <= status < 300:
                hook.rows.append(json.loads(body))
                hook.keys.append(self.headers["Idempotency-Key"])
                hook.headers = dict(self.headers)
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            raise AssertionError("a redirect was followed")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield hook, server.server_address[1]
        finally:
            hook.over.set()
            server.shutdown()
