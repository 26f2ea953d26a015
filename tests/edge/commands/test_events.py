from __future__ import annotations

import json
import subprocess
from pathlib import Path

import cv2
import pytest

from brokers import free_port, until, web_hook
from commands import HWR_EDGE, environment, run
from fakes import draw
from hwr_edge.events.destination import webhook_of
from hwr_edge.events.outbox import outbox_for


@pytest.fixture
def crops(tmp_path: Path) -> list[str]:
    for name in ("one.png", "two.png"):
        cv2.imwrite(str(tmp_path / name), draw("ABC"))
    return ["one.png", "two.png"]


def test_a_webhook_gets_the_rows_that_jsonl_prints(tmp_path: Path, crops: list[str]) -> None:
    with web_hook() as (hook, port):
        to = ["--webhook", f"http://127.0.0.1:{port}/in", "--events-folder", "boxes"]
        done = run("file", *crops, "--format", "jsonl", *to, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert [{k: v for k, v in row.items() if k != "id"} for row in hook.rows] == printed
    assert len({row["id"] for row in hook.rows}) == 2


def test_a_run_that_is_resumed_or_repeated_gives_the_same_ids(
    tmp_path: Path, crops: list[str]
) -> None:
    """A kill between queuing a name and writing its row lets the image be read again."""
    with web_hook() as (hook, port):
        to = ["--webhook", f"http://127.0.0.1:{port}/in", "--events-folder", "boxes"]
        for _ in range(2):
            assert run("file", *crops, *to, cwd=tmp_path).returncode == 0
        cv2.imwrite(str(tmp_path / crops[0]), draw("CAB"))
        assert run("file", crops[0], *to, cwd=tmp_path).returncode == 0
    ids = [row["id"] for row in hook.rows]
    assert ids[:2] == ids[2:4]
    assert len(set(ids)) == 3


def test_names_that_wait_are_shown_sent_and_deleted_and_no_message_has_one(
    tmp_path: Path, crops: list[str]
) -> None:
    port = free_port()
    to = ["--webhook", f"http://127.0.0.1:{port}/in", "--events-folder", "boxes"]
    outbox_for(tmp_path / "boxes", webhook_of(to[1])).add([{"text": "Rumpelstiltskin"}])
    waits = run("events", "--send", "--wait", "1", *to, cwd=tmp_path)
    assert waits.returncode == 1
    assert "1 name waits on the disk; the next run sends them" in waits.stderr
    shown = run("events", "--events-folder", "boxes", cwd=tmp_path)
    assert shown.stdout == f"webhook 127.0.0.1:{port}\t1 waiting\n"
    with web_hook(port) as (hook, _):
        assert run("events", "--send", *to, cwd=tmp_path).returncode == 0
    assert [row["text"] for row in hook.rows] == ["Rumpelstiltskin"]
    outbox_for(tmp_path / "boxes", webhook_of(to[1])).add([{"text": "Rumpelstiltskin"}])
    dropped = run("events", "--drop", "--events-folder", "boxes", cwd=tmp_path)
    assert dropped.stdout == f"webhook 127.0.0.1:{port}\t1 deleted\n"
    for done in (waits, shown, dropped):
        assert "Rumpelstiltskin" not in done.stdout + done.stderr


def test_a_receiver_that_is_away_changes_no_exit_code_and_no_message_has_a_name(
    tmp_path: Path, crops: list[str]
) -> None:
    to = ["--webhook", f"http://127.0.0.1:{free_port()}/secret", "--events-folder", "boxes"]
    done = run("file", *crops, "--output", "out.jsonl", *to, cwd=tmp_path)
    assert done.returncode == 0
    assert "2 names wait on the disk" in done.stderr
    texts = [line.split('"text": "')[1].split('"')[0] for line in (tmp_path / "out.jsonl").open()]
    assert all(texts)
    assert not any(text in done.stdout + done.stderr for text in [*texts, "secret"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--mqtt", "mqtt://ann:s3cret@host/a"], "no password in the address"),
        (["--mqtt", "mqtt://host"], "give a topic"),
        (["--webhook", "host"], "give an address such as http://host/path"),
        (["--webhook", "https://host", "--tls-ca", "gone.pem"], "no certificates can be read"),
        (["--mqtt", "mqtt://h/a", "--mqtt-password-file", "gone"], "cannot be read"),
    ],
)
def test_wrong_options_are_one_line_before_anything_is_read(
    tmp_path: Path, crops: list[str], options: list[str], told: str
) -> None:
    done = run("file", *crops, *options, "--events-folder", "boxes", cwd=tmp_path)
    assert done.returncode != 0
    assert told in done.stderr
    assert "s3cret" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_nothing_is_sent_that_no_receiver_is_given_for(tmp_path: Path) -> None:
    assert run("events", "--send", cwd=tmp_path).returncode == 2
    assert run("camera", "--home-assistant", cwd=tmp_path).returncode == 2


def test_the_desk_gives_the_names_of_its_watched_folder(tmp_path: Path, crops: list[str]) -> None:
    for needed in ("bottle", "waitress", "watchfiles"):
        pytest.importorskip(needed)
    (tmp_path / "watched").mkdir()
    (tmp_path / crops[0]).rename(tmp_path / "watched" / crops[0])
    with web_hook() as (hook, port):
        to = ["--webhook", f"http://127.0.0.1:{port}/in", "--events-folder", "boxes"]
        desk = [*HWR_EDGE, "desk", "desk", "--port", "0", "--no-browser", "--watch", "watched", *to]
        with subprocess.Popen(
            desk, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                until(lambda: len(hook.rows) == 1, "the names do not come")
            finally:
                process.terminate()
                told = process.communicate(timeout=30)[1]
    assert [row["image"] for row in hook.rows] == ["scans/one.png"]
    assert not any(row["text"] in told.replace(str(tmp_path), "") for row in hook.rows)
