"""Batches on the disk and their worker: restarts, kills, full disks, what the commands read of them."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("waitress")

from commands import run
from desks import Client, png, running
from fakes import draw
from hwr_edge.appending import append_whole as whole
from hwr_edge.desk import records
from hwr_edge.desk.batches import Batches
from hwr_edge.desk.place import Place
from hwr_edge.errors import DataError, OutputError
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running(tmp_path / "desk") as found:
        yield found


def many_pages(*texts: str) -> bytes:
    pages = [np.ascontiguousarray(draw(text)) for text in texts]
    return cv2.imencodemulti(".tiff", pages)[1].tobytes()


def test_results_are_those_of_the_command(client: Client, tmp_path: Path) -> None:
    batch = client.new("AB", "BC")
    client.wait(batch)
    folder = client.desk.batches.get(batch).folder
    images = ["scans/AB.png", "scans/BC.png"]
    run("file", *images, "--output", "own.jsonl", cwd=folder)
    assert (folder / "results.jsonl").read_bytes() == (folder / "own.jsonl").read_bytes()
    done = run("review", "results.jsonl", "--export", str(tmp_path / "names.csv"), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "scans/BC.png" in (tmp_path / "names.csv").read_text("utf-8-sig")


def test_rows_are_seen_before_the_last_page_is_read(client: Client) -> None:
    seen, go_on = threading.Event(), threading.Event()

    def hold(batch: str, rows: Any) -> None:
        if rows[0].page == 2:
            seen.set()
            go_on.wait(30)

    client.desk.queue.on_rows.append(hold)
    batch = client.new()
    client.send(f"/api/batches/{batch}/scans", {"a.tiff": many_pages("AB", "BC", "CA")})
    assert seen.wait(30)
    found = client.ask("GET", f"/api/batches/{batch}").json
    assert (found["state"], found["pages"], found["read"]) == ("reading", 3, 1)
    assert client.names(batch) == ["AB"]
    go_on.set()
    client.wait(batch)
    assert client.names(batch) == ["AB", "BC", "CA"]


def test_a_stopped_batch_keeps_its_rows_and_goes_on(client: Client) -> None:
    batch = client.new()
    queue = client.desk.queue
    queue.on_rows.append(lambda _, rows: queue.cancel(client.desk.batches.get(batch)))
    client.send(f"/api/batches/{batch}/scans", {"a.tiff": many_pages("AB", "BC", "CA")})
    assert client.wait(batch, "cancelled")["read"] == 1
    assert client.names(batch) == ["AB"]
    queue.on_rows.clear()
    client.ask("POST", f"/api/batches/{batch}/continue", {})
    client.wait(batch)
    assert client.names(batch) == ["AB", "BC", "CA"]


def test_a_restart_goes_on_in_the_middle(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        batch = client.new()

        def end(batch: str, rows: Any) -> None:
            client.desk.queue._over = True  # as when the program ends

        client.desk.queue.on_rows.append(end)
        client.send(f"/api/batches/{batch}/scans", {"a.tiff": many_pages("AB", "BC", "CA")})
        client.desk.queue._worker.join(30)
        assert client.names(batch) == ["AB"]
    told: list[str] = []
    with running(tmp_path) as client:
        client.desk.queue.on_rows.append(lambda _, rows: told.extend(r.reading.text for r in rows))
        client.wait(batch)
        assert client.names(batch) == ["AB", "BC", "CA"]
    with running(tmp_path) as client:
        assert client.wait(batch)["read"] == 3


def test_a_page_that_is_read_again_after_a_kill_is_the_same_events(tmp_path: Path) -> None:
    """Killed between queuing names for a receiver and recording that the page was read."""
    from hwr_edge.commands.desk import _give
    from hwr_edge.events.destination import webhook_of
    from hwr_edge.events.events import Events, Receivers
    from hwr_edge.events.outbox import outbox_for

    to = webhook_of("http://127.0.0.1:1/in")
    box = outbox_for(tmp_path / "boxes", to)
    with Events(Receivers((to,), tmp_path / "boxes"), lambda _: None) as events:
        with running(tmp_path / "desk") as client:
            client.desk.queue.on_rows.append(partial(_give, events))
            batch = client.new("AB", "BC")
            client.wait(batch)
            folder = client.desk.batches.get(batch).folder
        waiting = len(box)
        os.replace(folder / records.RESULTS, folder / records.PART)
        (folder / "state.json").write_text('{"state": "reading", "problem": ""}')
        read = (folder / records.READ).read_bytes().splitlines(keepends=True)
        (folder / records.READ).write_bytes(read[0])
        with running(tmp_path / "desk") as client:
            client.desk.queue.on_rows.append(partial(_give, events))
            client.wait(batch)
            assert client.names(batch) == ["AB", "BC"]
            other = client.new("AB")  # another batch's names are others
            client.wait(other)
    assert (waiting, len(box)) == (2, 3)


@pytest.mark.parametrize("cut", [1, 40, 0])
def test_what_a_kill_left_half_written_is_read_again_and_stands_once(
    tmp_path: Path, cut: int
) -> None:
    with running(tmp_path) as client:
        batch = client.new("AB", "BC", "CA")
        client.wait(batch)
        folder = client.desk.batches.get(batch).folder
    os.replace(folder / records.RESULTS, folder / records.PART)
    (folder / "state.json").write_text('{"state": "reading", "problem": ""}')
    read = (folder / records.READ).read_bytes()
    last = read.splitlines(keepends=True)[-1]
    (folder / records.READ).write_bytes(read[: len(read) - len(last)] + last[: len(last) - 1 - cut])
    with running(tmp_path) as client:
        client.wait(batch)
        assert client.names(batch) == ["AB", "BC", "CA"]
        assert (folder / records.READ).read_bytes() == read


def test_answers_stay_when_scans_are_added(client: Client) -> None:
    batch = client.new("AB", "BC")
    client.wait(batch)
    results = client.desk.batches.get(batch).folder / records.RESULTS
    with Answers(read_results(results)) as answers:
        answers.put(1, "BA", 0)
    client.send(f"/api/batches/{batch}/scans", {"CA.png": png("CA")})
    client.wait(batch)
    assert client.names(batch) == ["AB", "BA", "CA"]
    with Answers(read_results(results)) as answers:
        assert answers.now(1).text == "BA"


def test_answers_to_other_results_are_not_taken_for_these(client: Client) -> None:
    batch = client.new("AB")
    client.wait(batch)
    folder = client.desk.batches.get(batch).folder
    journal = folder / "results.answers.jsonl"
    other = '{"schema": 1, "results": "' + "0" * 64 + '"}\n{"row": 0, "answer": "C"}\n'
    journal.write_text(other)
    records.carry_answers(folder)
    assert journal.read_text() == other


def test_a_full_disk_fails_the_batch_and_loses_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = client.new()
    with monkeypatch.context() as patch:

        def full(file: int, path: Path, data: bytes) -> None:
            if b'"page": 2' in data:
                raise OutputError(f"{path}: cannot be written (No space left on device)")
            whole(file, path, data)

        patch.setattr(records, "append_whole", full)
        client.send(f"/api/batches/{batch}/scans", {"a.tiff": many_pages("AB", "BC", "CA")})
        found = client.wait(batch, "failed")
        assert found["problem"].endswith("cannot be written (No space left on device)")
        assert str(client.desk.place.folder) not in found["problem"]
        assert client.names(batch) == ["AB"]
    client.ask("POST", f"/api/batches/{batch}/continue", {})
    client.wait(batch)
    assert client.names(batch) == ["AB", "BC", "CA"]


def test_a_disk_that_is_full_in_mid_batch_loses_nothing(tmp_path: Path) -> None:
    """A real one, of 2 MB: full while a page is read, then full for uploads, then it has room again."""
    mounted = pytest.importorskip("torture.places").mounted  # not where the wheel is tested alone

    try:
        with mounted(tmp_path, "size=2m") as place, running(place / "desk") as client:
            _fill_and_go_on(client, place / "filler")
    except RuntimeError as error:
        pytest.skip(str(error))


def _fill_and_go_on(client: Client, filler: Path) -> None:
    def fill(batch: str, rows: Any) -> None:
        if rows[0].page == 2:
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)

    batch = client.new()
    client.desk.queue.on_rows.append(fill)
    texts = ["AB", "BC", "CA"] * 30  # whose rows do not fit into what a page of the disk has left
    client.send(f"/api/batches/{batch}/scans", {"a.tiff": many_pages(*texts)})
    found = client.wait(batch, "failed")
    assert "No space left on device" in found["problem"]
    client.desk.queue.on_rows.clear()
    kept = client.names(batch)
    assert kept == texts[: len(kept)] != []
    assert client.send(f"/api/batches/{batch}/scans", {"b.png": png("AB")}).status == 507
    assert client.ask("POST", "/api/batches", {"title": "x"}).status == 507
    filler.unlink()
    client.ask("POST", f"/api/batches/{batch}/continue", {})
    client.wait(batch)
    assert client.names(batch) == texts
    assert len(client.ask("GET", "/api/batches").json["batches"]) == 1
    assert client.ask("DELETE", f"/api/batches/{batch}").status == 200
    assert shutil.disk_usage(filler.parent).used < 20_000  # no process holds the scan of 58 kB


def test_results_that_another_program_changed_are_left_alone(client: Client) -> None:
    batch = client.new("AB")
    client.wait(batch)
    results = client.desk.batches.get(batch).folder / records.RESULTS
    results.write_bytes(b"mine\n")
    client.send(f"/api/batches/{batch}/scans", {"CA.png": png("CA")})
    assert "changed by another program" in client.wait(batch, "failed")["problem"]
    assert results.read_bytes() == b"mine\n"


def test_a_batch_deleted_while_it_is_read_is_gone(client: Client) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def hold(batch: str, rows: Any) -> None:
        reading.set()
        go_on.wait(30)

    client.desk.queue.on_rows.append(hold)
    batch = client.new("AB", "BC")
    assert reading.wait(30)
    assert client.ask("DELETE", f"/api/batches/{batch}").status == 200
    client.desk.queue.on_rows.clear()
    go_on.set()
    other = client.new("CA")
    client.wait(other)
    assert [path.name for path in client.desk.place.batches.iterdir()] == [other]


def test_a_folder_that_is_copied_here_is_a_batch(client: Client, tmp_path: Path) -> None:

    batch = client.new("AB", title="Monday")
    client.wait(batch)
    folder = client.desk.batches.get(batch).folder
    shutil.copytree(folder, folder.with_name("from-backup"))
    assert client.names("from-backup") == ["AB"]
    (folder.with_name("from-backup") / "batch.toml").write_text("title = ")
    with running(tmp_path / "second"):
        pass
    found = Batches(Place(client.desk.place.folder))
    assert [one.id for one in found.all()] == [batch]
    assert "damaged" in found.damaged[0]


def test_two_desks_in_one_folder_are_refused(client: Client) -> None:
    with (
        pytest.raises(DataError, match="another desk works in this folder"),
        Place(client.desk.place.folder).held(),
    ):
        pass


def test_the_token_stays_and_is_the_owner_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HWR_EDGE_TOKEN", raising=False)
    place = Place(tmp_path / "desk")
    token = place.token()
    assert place.token() == token
    assert (tmp_path / "desk" / ".token").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("HWR_EDGE_TOKEN", "short")
    with pytest.raises(DataError, match="at least 16 characters"):
        place.token()


def test_a_record_is_a_line_for_each_page(client: Client) -> None:
    batch = client.new()
    client.send(f"/api/batches/{batch}/scans", {"a.tiff": many_pages("AB", "BC")})
    client.wait(batch)
    folder = client.desk.batches.get(batch).folder
    lines = [json.loads(line) for line in (folder / records.READ).read_text().splitlines()]
    assert [(line["scan"], line["page"], line["rows"]) for line in lines] == [
        ("a.tiff", 1, 1),
        ("a.tiff", 2, 1),
    ]


def test_a_review_inside_the_desk_is_of_its_batch(client: Client) -> None:
    batch, other = client.new("AB", "BC"), client.new("CA")
    client.wait(batch)
    client.wait(other)
    at = f"/batches/{batch}/review"
    assert b"<main" in client.ask("GET", f"{at}/").body
    assert client.ask("GET", f"{at}/rows").json["total"] == 2
    saved = client.ask("POST", f"{at}/rows/1", {"version": 0, "answer": "BA"})
    assert saved.json["version"] == 1
    assert client.names(batch) == ["AB", "BA"]
    assert client.ask("GET", f"/batches/{other}/review/rows").json["total"] == 1
    client.send(f"/api/batches/{batch}/scans", {"CA.png": png("CA")})
    client.wait(batch)
    assert client.ask("GET", f"{at}/rows").json["total"] == 3
    late = client.ask("POST", f"{at}/rows/1", {"version": 0, "answer": "BB"})
    assert (late.status, late.json["answer"]) == (409, "BA")
    assert client.ask("DELETE", f"/api/batches/{batch}").status == 200
    assert client.ask("GET", f"{at}/rows").status == 404


def test_a_review_open_elsewhere_keeps_its_answers_when_scans_are_added(client: Client) -> None:
    batch = client.new("AB", "BC")
    client.wait(batch)
    results = client.desk.batches.get(batch).folder / records.RESULTS
    with Answers(read_results(results)) as answers:
        answers.put(0, "BA", 0)
        assert client.ask("GET", f"/batches/{batch}/review/rows").status == 409
        client.send(f"/api/batches/{batch}/scans", {"CA.png": png("CA")})
        client.wait(batch)
    assert client.names(batch) == ["BA", "BC", "CA"]
    rows = client.ask("GET", f"/batches/{batch}/review/rows").json["rows"]
    assert {row["place"]: row["answer"] for row in rows} == {0: "BA", 1: None, 2: None}
