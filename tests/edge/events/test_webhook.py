from __future__ import annotations

from pathlib import Path

import pytest

from brokers import free_port, until, web_hook
from hwr_edge.errors import DataError
from hwr_edge.events import webhook
from hwr_edge.events.destination import webhook_of
from hwr_edge.events.events import Events, Receivers
from hwr_edge.events.webhook import tls_of

ROWS = [{"text": text} for text in ("Ann", "Ben", "Cid")]


def to(port: int, folder: Path) -> Receivers:
    return Receivers((webhook_of(f"http://127.0.0.1:{port}/in"),), folder)


def test_each_row_is_given_once_with_its_id_as_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HWR_EDGE_WEBHOOK_TOKEN", "t0ken")
    told: list[str] = []
    with web_hook() as (hook, port), Events(to(port, tmp_path), told.append, 30) as events:
        events.add(ROWS)
    assert [row["text"] for row in hook.rows] == ["Ann", "Ben", "Cid"]
    assert hook.keys == [row["id"] for row in hook.rows]
    assert hook.headers["Authorization"] == "Bearer t0ken"
    assert told == []


def test_what_is_refused_redirected_or_hangs_is_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_LONGEST", 0.3)
    told: list[str] = []
    with web_hook() as (hook, port):
        hook.answers += [500, 302, 0]
        with Events(to(port, tmp_path), told.append, 60) as events:
            events.add(ROWS)
    assert [row["text"] for row in hook.rows] == ["Ann", "Ben", "Cid"]
    assert len(set(hook.keys)) == 3
    assert told == [f"webhook 127.0.0.1:{port}: it answers with status 500; names wait on the disk"]


def test_names_wait_for_a_receiver_that_is_away_and_the_next_run_gives_them(tmp_path: Path) -> None:
    port, told = free_port(), list[str]()
    with Events(to(port, tmp_path), told.append) as events:
        events.add(ROWS)
    assert (
        told[-1] == f"webhook 127.0.0.1:{port}: 3 names wait on the disk; the next run sends them"
    )
    assert not any(row["text"] in line for row in ROWS for line in told)
    with web_hook(port) as (hook, _), Events(to(port, tmp_path), told.append, 30):
        until(lambda: len(hook.rows) == 3, "what waited is not given")
    assert [row["text"] for row in hook.rows] == ["Ann", "Ben", "Cid"]


def test_two_processes_at_one_outbox_give_nothing_twice(tmp_path: Path) -> None:
    with (
        web_hook() as (hook, port),
        Events(to(port, tmp_path), print, 30) as one,
        Events(to(port, tmp_path), print, 30) as other,
    ):
        for row in ROWS * 10:
            one.add([row])
            other.add([row])
    assert len(hook.keys) == len(set(hook.keys)) == 60


def test_certificates_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "gone.pem"):
        with pytest.raises(DataError, match=f"--tls-ca .*{name}: no certificates"):
            tls_of(tmp_path / name)
