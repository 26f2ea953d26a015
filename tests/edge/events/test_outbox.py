from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands import environment
from hwr_edge.errors import OutputError
from hwr_edge.events.destination import mqtt_of, webhook_of
from hwr_edge.events.outbox import Outbox, outbox_for, outboxes


def test_rows_come_out_in_the_order_they_went_in_each_with_its_own_id(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "a.outbox", "webhook host:80")
    box.add([{"text": "Zoë"}, {"text": "Zoë"}])
    first = box.first()
    assert first
    assert json.loads(first.body) == {"id": first.id, "text": "Zoë"}
    box.given(first.id)
    second = Outbox(tmp_path / "a.outbox").first()
    assert second
    assert second.id != first.id
    box.given(second.id)
    assert box.first() is None


def test_rows_of_what_is_read_again_keep_their_ids_and_wait_once(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "Zoë", "page": 1},
        {"text": "Zoë", "page": 1},
        {"text": "\udcff"},
    ]
    box = Outbox(tmp_path / "a.outbox", "webhook host:80")
    box.add(rows[:2], "/scans/a.png")
    first = box.first()
    box.add(rows, "/scans/a.png")
    assert len(box) == 3
    assert box.first() == first
    box.add(rows, "/scans/b.png")
    box.add([{**row, "text": "Zoe"} for row in rows[:1]], "/scans/a.png")
    assert len(box) == 7


def test_rows_survive_a_kill_right_after_they_were_queued(tmp_path: Path) -> None:
    code = (
        "import os, signal, pathlib; from hwr_edge.events.outbox import Outbox\n"
        f"Outbox(pathlib.Path({str(tmp_path / 'a.outbox')!r}), 'x').add([dict(text='A')] * 7)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), check=False)
    assert done.returncode == -9
    assert len(Outbox(tmp_path / "a.outbox")) == 7


def test_a_full_outbox_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "a.outbox", "mqtt host:1883", most=2)
    box.add([{"text": "A"}])
    with pytest.raises(OutputError, match=r"mqtt host:1883: 1 names wait.*events --drop"):
        box.add([{"text": "B"}, {"text": "C"}])
    assert len(box) == 1


def test_what_is_no_outbox_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.outbox").write_bytes(b"something else" * 500)
    with pytest.raises(OutputError, match="the outbox cannot be used"):
        Outbox(tmp_path / "a.outbox")


def test_deleted_names_are_gone_from_the_files_and_those_are_the_owners_alone(
    tmp_path: Path,
) -> None:
    box = outbox_for(tmp_path / "boxes", webhook_of("http://host/a"))
    box.add([{"text": "Rumpelstiltskin"}] * 50)
    assert stat.S_IMODE(box.path.stat().st_mode) == 0o600
    assert any(b"Rumpelstiltskin" in path.read_bytes() for path in box.path.parent.iterdir())
    assert box.drop() == 50
    assert not any(b"Rumpelstiltskin" in path.read_bytes() for path in box.path.parent.iterdir())


def test_each_receiver_has_its_own_outbox_and_client(tmp_path: Path) -> None:
    one, other = (outbox_for(tmp_path, mqtt_of(f"mqtt://host/{topic}")) for topic in "ab")
    assert one.path != other.path
    assert one.client != other.client
    assert outbox_for(tmp_path, mqtt_of("mqtt://host/a")).client == one.client
    assert len(outboxes(tmp_path)) == 2
