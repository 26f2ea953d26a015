"""A watched folder: files are taken when they are whole, read once each, and moved with the reason beside them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("waitress")
pytest.importorskip("watchfiles")

from commands import HWR_EDGE, environment, run
from desks import Client, png, running
from hwr_edge.desk import watch as module
from hwr_edge.desk.reading_options import ReadingOptions
from hwr_edge.desk.retention import Retention
from hwr_edge.desk.watch import Watch
from hwr_edge.errors import DataError


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running(tmp_path / "desk") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scanner").mkdir()
    return tmp_path / "scanner"


def watch_of(client: Client, folder: Path, tell: Callable[[str], None] = print) -> Watch:
    desk = client.desk
    return Watch(folder, desk.batches, desk.queue, desk.journal, ReadingOptions(), tell)


def look_until(watch: Watch, clock: Clock, folder: Path) -> None:
    """Look until nothing is left to do."""
    deadline = time.monotonic() + 60
    while list((folder / ".reading").iterdir()) or [p for p in folder.iterdir() if p.is_file()]:
        clock.now += module.STILL + 0.1
        watch.look()
        assert time.monotonic() < deadline, list(folder.rglob("*"))
        time.sleep(0.02)


def names(client: Client) -> list[str]:
    found = client.ask("GET", "/api/batches").json["batches"]
    return sorted(name for batch in found for name in client.names(batch["id"]))


def moved(folder: Path, where: str) -> list[str]:
    return sorted(path.name for path in (folder / where).iterdir())


def test_what_is_whole_is_read_and_moved(client: Client, folder: Path, clock: Clock) -> None:
    watch = watch_of(client, folder)
    (folder / "a.png").write_bytes(png("AB"))
    (folder / "b.png").write_bytes(png("BC"))
    look_until(watch, clock, folder)
    assert names(client) == ["AB", "BC"]
    assert moved(folder, "done") == ["a.png", "b.png"]
    assert len(client.ask("GET", "/api/batches").json["batches"]) == 1


def test_a_file_that_grows_is_left_until_it_is_still(
    client: Client, folder: Path, clock: Clock
) -> None:
    watch, data = watch_of(client, folder), png("ABC")
    for part in range(1, 6):
        (folder / "a.png").write_bytes(data[: len(data) * part // 5])
        watch.look()
        clock.now += module.STILL - 0.1
        watch.look()
        assert (folder / "a.png").exists()
    look_until(watch, clock, folder)
    assert names(client) == ["ABC"]


def test_a_file_that_stops_growing_in_the_middle_is_waited_for(
    client: Client, folder: Path, clock: Clock
) -> None:
    watch, data = watch_of(client, folder), png("ABC")
    (folder / "a.png").write_bytes(data[:60])
    watch.look()
    clock.now += module.PATIENCE - 1
    watch.look()
    assert (folder / "a.png").exists()
    (folder / "a.png").write_bytes(data)
    look_until(watch, clock, folder)
    assert names(client) == ["ABC"]
    assert moved(folder, "failed") == []


def test_what_cannot_be_read_goes_to_failed_with_the_reason(
    client: Client, folder: Path, clock: Clock
) -> None:
    watch = watch_of(client, folder)
    for name, data in (("a.png", b"no image"), ("b.pdf", b""), ("letter.docx", b"PK")):
        (folder / name).write_bytes(data)
    (folder / "scan.pdf.part").write_bytes(b"%PDF")
    (folder / ".hidden.png").write_bytes(png("AB"))
    watch.look()
    clock.now += module.PATIENCE + 1
    watch.look()
    assert moved(folder, "failed") == [
        "a.png", "a.png.txt", "b.pdf", "b.pdf.txt", "letter.docx", "letter.docx.txt",
    ]  # fmt: skip
    reason = (folder / "failed" / "letter.docx.txt").read_text("utf-8")
    assert reason == "letter.docx: not an image or PDF\n"
    assert {p.name for p in folder.iterdir() if p.is_file()} == {"scan.pdf.part", ".hidden.png"}
    assert client.ask("GET", "/api/batches").json["batches"] == []


def test_a_file_written_twice_is_read_once(client: Client, folder: Path, clock: Clock) -> None:
    watch = watch_of(client, folder)
    (folder / "a.png").write_bytes(png("AB"))
    (folder / "again.png").write_bytes(png("AB"))
    look_until(watch, clock, folder)
    (folder / "a.png").write_bytes(png("AB"))
    (folder / "b.png").write_bytes(png("BA"))
    look_until(watch, clock, folder)
    assert names(client) == ["AB", "BA"]
    assert moved(folder, "done") == ["a-2.png", "a.png", "again.png", "b.png"]


def test_other_content_under_the_same_name_is_read_too(
    client: Client, folder: Path, clock: Clock
) -> None:
    watch = watch_of(client, folder)
    for text in ("AB", "BC", "CA"):
        (folder / "scan.png").write_bytes(png(text))
        look_until(watch, clock, folder)
    assert names(client) == ["AB", "BC", "CA"]
    assert moved(folder, "done") == ["scan-2.png", "scan-3.png", "scan.png"]


@pytest.mark.parametrize("step", ["claim", "journal", "copy", "confirm", "move"])
def test_a_kill_at_any_step_loses_nothing_and_reads_nothing_twice(
    tmp_path: Path, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A kill is an exception that nobody catches, and then another program that begins anew."""
    (folder / "a.png").write_bytes(png("AB"))

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with running(tmp_path / "desk") as client, monkeypatch.context() as patch:
        watch = watch_of(client, folder)
        journal, count = client.desk.journal, 0
        add = journal.add

        def second(taken: object) -> None:
            nonlocal count
            count += 1
            if count == {"copy": 99, "confirm": 2}.get(step, 99):
                raise Killed
            add(taken)  # type: ignore[arg-type]

        if step == "claim":
            patch.setattr(watch, "_take", killed)
        elif step == "journal":
            patch.setattr(journal, "add", killed)
        elif step == "copy":
            patch.setattr("hwr_edge.desk.batches.Batch.add", killed)
        elif step == "confirm":
            patch.setattr(journal, "add", second)
        else:
            patch.setattr(watch, "_move", killed)
        with pytest.raises(Killed):
            look_until(watch, clock, folder)
    with running(tmp_path / "desk") as client:
        look_until(watch_of(client, folder), clock, folder)
        assert names(client) == ["AB"]
        assert moved(folder, "done") == ["a.png"]


def test_a_folder_that_cannot_be_watched_is_said(
    client: Client, tmp_path: Path, folder: Path
) -> None:
    with pytest.raises(DataError, match="no such folder"):
        watch_of(client, tmp_path / "none")
    with pytest.raises(DataError, match="the desk's own folder"):
        watch_of(client, client.desk.place.folder)


def test_trouble_with_one_file_stops_no_other(
    client: Client, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    watch = watch_of(client, folder, told.append)
    digest = module._digest

    def broken(path: Path) -> str:
        if path.name == "a.png":
            raise OSError(5, "Input/output error")
        return digest(path)

    for name, text in (("a.png", "AB"), ("b.png", "BC")):
        (folder / name).write_bytes(png(text))
    with monkeypatch.context() as patch:
        patch.setattr(module, "_digest", broken)
        while moved(folder, "done") != ["b.png"]:
            clock.now += module.STILL + 0.1
            watch.look()
    assert len(told) == 1
    assert "Input/output error" in told[0]
    look_until(watch, clock, folder)
    assert names(client) == ["AB", "BC"]


def test_a_deleted_batch_takes_the_originals_along(
    client: Client, folder: Path, clock: Clock
) -> None:
    watch = watch_of(client, folder)
    (folder / "a.png").write_bytes(png("AB"))
    look_until(watch, clock, folder)
    (batch,) = client.ask("GET", "/api/batches").json["batches"]
    client.ask("DELETE", f"/api/batches/{batch['id']}")
    assert moved(folder, "done") == []
    (folder / "a.png").write_bytes(png("AB"))  # forgotten, too: it is read anew
    look_until(watch, clock, folder)
    assert names(client) == ["AB"]


def test_what_is_old_is_deleted_and_what_is_new_stays(
    client: Client, folder: Path, clock: Clock
) -> None:
    old, new = client.new("AB"), client.new("BC")
    client.wait(old)
    client.wait(new)
    batch = client.desk.batches.get(old)
    batch.created = batch.created.replace(year=2020)
    for path in (*batch.folder.iterdir(), batch.scans):
        os.utime(path, (0, 0))
    (folder / "today.png").write_bytes(b"")
    retention = Retention(30, client.desk.batches.all, client.desk.delete, (folder,))
    retention.look()
    assert [one["id"] for one in client.ask("GET", "/api/batches").json["batches"]] == [new]
    assert (folder / "today.png").exists()


def test_the_command_survives_kills_and_reads_each_file_once(tmp_path: Path, folder: Path) -> None:
    """`python -m bench.desk --files 1000 --kills 20` does so with more of both."""
    rng = random.Random(7)
    letters = [a + b + c for a in "ABC" for b in "ABC" for c in "ABC"][:12]
    command = [*HWR_EDGE, "desk", str(tmp_path / "desk"), "--watch", str(folder), "--port", "0"]
    for number in range(4):
        for text in letters[number * 4 : number * 4 + 4]:
            (folder / f"{text}.png").write_bytes(png(text))
        with subprocess.Popen([*command, "--no-browser"], env=environment()) as process:
            deadline = time.monotonic() + (60 if number == 3 else rng.uniform(1.5, 4))
            while time.monotonic() < deadline and len(moved_or_none(folder)) < len(letters):
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL if number < 3 else signal.SIGINT)
            process.wait(30)
    assert moved_or_none(folder) == sorted(f"{text}.png" for text in letters)
    rows = [
        json.loads(line)["text"]
        for results in (tmp_path / "desk" / "batches").glob("*/results.jsonl")
        for line in results.read_text("utf-8").splitlines()
    ]
    assert sorted(rows) == sorted(letters)


def moved_or_none(folder: Path) -> list[str]:
    return moved(folder, "done") if (folder / "done").is_dir() else []


def test_wrong_options_are_one_line(tmp_path: Path) -> None:
    for options in (
        ("--watch", str(tmp_path / "none")),
        ("--roster", str(tmp_path / "none.csv")),
        ("--form", str(tmp_path / "none.toml")),
        ("--host", "no-such-host.invalid"),
    ):
        done = run("desk", str(tmp_path / "desk"), "--no-browser", "--port", "0", *options)
        assert done.returncode == 1, options
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("hwr-edge: ")
