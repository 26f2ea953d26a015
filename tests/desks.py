"""A desk that runs in this process, and a client of its API."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2

from fakes import TINY_MODEL, draw
from hwr_edge.desk.desk import Desk, make_desk
from hwr_edge.desk.server import make_app, open_desk

TOKEN = "a-token-of-many-letters"


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: http.client.HTTPMessage

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """A program that calls the API."""

    def __init__(self, port: int, desk: Desk, token: str = TOKEN) -> None:
        self.port, self.desk, self.token = port, desk, token

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        sent = {"Authorization": f"Bearer {self.token}"}
        if body is not None and not isinstance(body, bytes):
            body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        link.request(method, path, body, sent)
        found = link.getresponse()
        reply = Reply(found.status, found.read(), found.headers)
        link.close()
        return reply

    def send(self, path: str, files: dict[str, bytes], **fields: str) -> Reply:
        """A multipart request, the files in the field `file`."""
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        for name, data in files.items():
            named = name.replace("\\", "\\\\").replace('"', "%22")
            head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{named}"\r\n\r\n'
            parts.append(head.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return self.ask("POST", path, body, Content_Type=f"multipart/form-data; boundary={mark}")

    def new(self, *names: str, **options: Any) -> str:
        """A batch with an image of each of these texts; its id."""
        made = str(self.ask("POST", "/api/batches", options).json["id"])
        for name in names:
            assert self.send(f"/api/batches/{made}/scans", {f"{name}.png": png(name)}).status == 202
        return made

    def wait(self, batch: str, state: str = "done") -> Any:
        """The batch, once it is so far."""
        deadline = time.monotonic() + 60
        while (found := self.ask("GET", f"/api/batches/{batch}").json)["state"] != state:
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
        return found

    def names(self, batch: str) -> list[str]:
        """What was read."""
        return [
            row["name"] for row in self.ask("GET", f"/api/batches/{batch}/results").json["rows"]
        ]


def png(text: str) -> bytes:
    """An image's file that the tiny model reads as this text."""
    return cv2.imencode(".png", draw(text))[1].tobytes()


@contextmanager
def running(folder: Path, model: Path = TINY_MODEL, **more: Any) -> Iterator[Client]:
    """A desk in a folder, as long as the context is."""
    desk = make_desk(folder, model)
    with desk.place.held():
        server, _ = open_desk(make_app(desk, TOKEN, **more), "127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever)
        with server, desk.queue:
            thread.start()
            try:
                yield Client(server.server_port, desk)
            finally:
                server.shutdown()
                thread.join()
