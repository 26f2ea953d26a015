"""`hwr-edge camera` as a user runs it, on the example clip with the shipped model."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from brokers import web_hook
from clips import write_video
from commands import HWR_EDGE, environment
from edge.commands.test_cli import one_line
from fakes import draw
from hwr_edge.camera.event import Event
from hwr_edge.camera.hook import Hook
from hwr_edge.line.reading import Reading

CLIP = Path(__file__).resolve().parents[3] / "examples" / "cards.mp4"
SHIPPED = {"HWR_EDGE_MODEL": ""}


def camera(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [*HWR_EDGE, "camera", *map(str, arguments)]
    found = environment(**SHIPPED, **more)
    return subprocess.run(
        command, env=found, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_example_clip_gives_its_names() -> None:
    done = camera("--source", CLIP)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["MANON", "THOMAS"]
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_program_gets_a_row_each_and_so_does_the_log(tmp_path: Path) -> None:
    log = tmp_path / "names.jsonl"
    done = camera("--source", CLIP, "--format", "jsonl", "--log", log)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["text"] for row in rows] == ["MANON", "THOMAS"]
    assert all(
        list(row) == ["schema", "time", "text", "confidence", "box", "frames", "event", "track"]
        for row in rows
    )
    assert rows[0]["time"].startswith("1970-01-01T00:00:0")
    assert log.read_text() == done.stdout
    again = camera("--source", CLIP, "--format", "jsonl")
    assert again.stdout == done.stdout


def test_a_program_can_follow_each_line_from_its_coming_to_its_going() -> None:
    done = camera("--source", CLIP, "--format", "jsonl", "--follow")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    read = [row for row in rows if row["event"] == "read"]
    assert [row["text"] for row in read] == ["MANON", "THOMAS"]
    first = read[0]["track"]
    assert [row["event"] for row in rows if row["track"] == first] == ["seen", "read", "gone"]
    assert read[1]["track"] != first
    assert all("frames" not in row for row in rows if row["event"] != "read")
    refused = camera("--source", CLIP, "--follow")
    assert "--follow needs --format jsonl" in refused.stderr
    assert refused.returncode == 2


def test_a_recording_is_shown_again_and_again_until_it_is_stopped() -> None:
    with watching("--source", CLIP, "--loop") as process:
        assert process.stdout
        names = [process.stdout.readline().split("\t")[0] for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    assert names == ["MANON", "THOMAS", "MANON"]


def test_what_is_live_cannot_be_shown_again() -> None:
    done = camera("--source", "0", "--loop")
    assert one_line(done.stderr).startswith("0: --loop needs a video file or a folder of frames")
    assert done.returncode == 1


def test_the_roster_s_own_spelling_is_given(tmp_path: Path) -> None:
    roster = tmp_path / "class.txt"
    roster.write_text("Manon\nThomas\nLéa\n")
    done = camera("--source", CLIP, "--roster", roster, "--accept", "0.9")
    cells = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(row[0], row[2], row[4]) for row in cells] == [
        ("MANON", "Manon", ""), ("THOMAS", "Thomas", ""),
    ]  # fmt: skip


def test_crops_are_kept_where_asked_for_and_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "crops"
    assert camera("--source", CLIP, "--save-crops", folder).returncode == 0
    crops = sorted(folder.iterdir())
    assert [crop.suffix for crop in crops] == [".png", ".png"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(crop.stat().st_mode) for crop in crops} == {0o600}
    assert all(cv2.imread(str(crop)) is not None for crop in crops)


def test_a_program_is_run_for_each_name_and_never_by_a_shell(tmp_path: Path) -> None:
    script = tmp_path / "told it.sh"
    script.write_text('#!/bin/sh\necho "$HWR_EDGE_NAME $HWR_EDGE_CONFIDENCE $1"\n')
    script.chmod(0o700)
    done = camera("--source", CLIP, "--on-name", f"'{script}' '$(id);`id`'")
    assert "$(id);`id`" in done.stderr
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["MANON", "THOMAS"]
    assert done.stdout.count("\n") == 2


def test_names_that_a_slow_program_was_not_given_are_told(tmp_path: Path) -> None:
    given = tmp_path / "given"
    script = tmp_path / "slow.sh"
    script.write_text(f'#!/bin/sh\necho "$HWR_EDGE_NAME" >> {given}\nsleep 3\n')
    script.chmod(0o700)
    done = camera("--source", CLIP, "--on-name", script)
    assert (done.returncode, done.stderr) == (0, "")  # a recording's end waits for all
    assert given.read_text() == "MANON\nTHOMAS\n"

    told: list[str] = []
    hook = Hook(str(script), told.append)
    for _ in range(3):
        hook.add(Event(datetime.now(UTC), Reading("LEA", 0.9, (0.9,) * 3, (0, 0, 1, 1)), 3))
    hook.close(0.5)
    assert told == [f"{script} is too slow: 2 names were not passed to it"]


def test_a_region_larger_than_the_sheet_finds_its_name() -> None:
    done = camera("--source", CLIP, "--roi", "0,0,854,480")
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["MANON", "THOMAS"]


def test_a_standard_error_that_cannot_be_written_ends_nothing() -> None:
    command = [*HWR_EDGE, "camera", "--source", str(CLIP), "--on-name", "false"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, env=environment(**SHIPPED), stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert (done.returncode, done.stdout.count(b"\n")) == (1, 2)


def test_a_program_that_fails_is_told_and_the_names_still_come() -> None:
    done = camera("--source", CLIP, "--on-name", "false")
    assert done.stdout.count("\n") == 2
    assert "false failed for a name (exit status 1)" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--source", "nowhere.avi"], 1, "no such camera, video or folder"),
        (["--source", "99"], 1, "camera 99: cannot be opened"),
        (["--source", CLIP, "--roi", "0,0,5000,10"], 1, "lies outside the frame of 854x480"),
        (["--source", CLIP, "--log", "names.txt"], 1, "a log file must end in .csv or .jsonl"),
        (["--source", CLIP, "--on-name", "no-such-program"], 1, "program not found"),
        (["--source", CLIP, "--on-name", "'"], 1, "No closing quotation"),
    ],
)
def test_what_cannot_be_is_one_line(arguments: list[str | Path], status: int, message: str) -> None:
    done = camera(*arguments)
    assert message in one_line(done.stderr)
    assert (done.stdout, done.returncode) == ("", status)


@pytest.mark.parametrize("roi", ["1,2,3", "a,b,c,d", "0,0,0,5", "-1,0,5,5", "1,2,3,4,5"])
def test_a_region_that_is_none_is_refused(roi: str) -> None:
    done = camera("--source", CLIP, f"--roi={roi}")
    assert "use x,y,width,height in pixels" in done.stderr
    assert done.returncode == 2


def test_the_greedy_decoder_has_no_alternatives() -> None:
    done = camera("--source", CLIP, "--decoder", "greedy", "--format", "jsonl")
    names = [json.loads(line) for line in done.stdout.splitlines()]
    # By its letters alone, and the frames of some versions of OpenCV, the second is as likely THEMAS.
    assert [name["text"] for name in names] in (["MANON", "THOMAS"], ["MANON", "THEMAS"])
    assert not any("alternatives" in name for name in names)
    refused = camera("--source", CLIP, "--decoder", "greedy", "--top", "2")
    assert refused.returncode == 2


def test_a_full_disk_under_the_log_is_told_once_and_the_names_still_come(tmp_path: Path) -> None:
    log = tmp_path / "names.jsonl"
    command = f"ulimit -f 0; exec {' '.join(HWR_EDGE)} camera --source {CLIP} --log {log}"
    log.touch()
    done = subprocess.run(
        ["bash", "-c", command], env=environment(**SHIPPED), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["MANON", "THOMAS"]
    assert "cannot be written" in one_line(done.stderr)
    assert done.returncode == 1


@contextmanager
def watching(*arguments: str | Path, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A running command; killed in the end if it still runs."""
    command = [*HWR_EDGE, "camera", *map(str, arguments)]
    with subprocess.Popen(
        command, env=environment(**SHIPPED, **more), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_ends_within_a_second_though_its_source_blocks_for_ever(
    tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    pipe, log = tmp_path / "pipe.avi", tmp_path / "names.jsonl"
    os.mkfifo(pipe)
    took = []
    for _ in range(3):  # the machine may be busy with other things
        log.unlink(missing_ok=True)
        with watching("--source", pipe, "--log", log) as process:
            end = time.monotonic() + 30
            while not log.exists() and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.7)
            began = time.monotonic()
            process.send_signal(sent)
            assert process.wait(10) == status
            took.append(time.monotonic() - began)
        assert log.read_text() == ""
        if took[-1] < 1:
            break
    assert min(took) < 1


def test_its_log_is_complete_when_it_is_stopped(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    capture = cv2.VideoCapture(str(CLIP))
    for place in range(45):  # the first name is settled in them
        cv2.imwrite(str(frames / f"{place:05d}.png"), capture.read()[1])
    for place in range(45, 20_000):  # and then nothing happens any more
        (frames / f"{place:05d}.png").hardlink_to(frames / "00044.png")
    log = tmp_path / "names.jsonl"
    with watching("--source", frames, "--log", log) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("MANON")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
    (row,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert row["text"] == "MANON"


def test_a_run_that_is_stopped_tells_that_its_log_failed(tmp_path: Path) -> None:
    pipe, log = tmp_path / "999.png", tmp_path / "names.jsonl"
    capture = cv2.VideoCapture(str(CLIP))
    for place in range(33):
        cv2.imwrite(str(tmp_path / f"{place:03d}.png"), capture.read()[1])
    os.mkfifo(pipe)
    log.touch()
    script = f"ulimit -f 0; exec {' '.join(HWR_EDGE)} camera --source {tmp_path} --log {log}"
    with subprocess.Popen(
        ["bash", "-c", script], env=environment(**SHIPPED), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("MANON")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 1
        assert "cannot be written" in one_line(process.stderr.read())


def test_serve_stands_without_an_address_too() -> None:
    for arguments in (["--serve", "--source", "no.avi"], ["--source", "no.avi", "--serve"]):
        done = camera(*arguments)
        assert one_line(done.stderr) == "no.avi: no such camera, video or folder"


def test_the_live_view_needs_a_secret_where_others_can_reach_it() -> None:
    done = camera("--source", CLIP, "--serve", "0.0.0.0:0")
    assert "set HWR_EDGE_TOKEN" in one_line(done.stderr)
    assert done.returncode == 1


def test_systemd_is_told_that_it_is_ready_and_alive(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    pipe = tmp_path / "pipe.avi"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(address))
        heard.settimeout(30)
        with watching("--source", pipe, NOTIFY_SOCKET=str(address)) as process:
            first, second = heard.recv(100), heard.recv(100)
            process.terminate()
    assert b"READY=1" in first.splitlines()
    assert second == b"WATCHDOG=1"


def test_another_model_works_too(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "a.avi", [draw("ABC")] * 20)
    command = [*HWR_EDGE, "camera", "--source", str(clip)]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert "no name was read" in done.stderr
    assert (done.stderr.count("\n"), done.returncode) == (1, 0)


def test_names_are_given_to_a_web_address_with_the_keys_that_are_printed(tmp_path: Path) -> None:
    with web_hook() as (hook, port):
        to = ["--webhook", f"http://127.0.0.1:{port}/", "--events-folder", str(tmp_path / "boxes")]
        done = camera("--source", CLIP, "--format", "jsonl", *to)
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert [{k: row[k] for k in row if k != "id"} for row in hook.rows] == printed
    assert (len(printed), done.stderr, done.returncode) == (2, "", 0)


def test_a_receiver_that_is_away_is_told_once_and_no_message_has_a_name(tmp_path: Path) -> None:
    to = ["--webhook", "http://127.0.0.1:9/", "--events-folder", str(tmp_path / "boxes")]
    done = camera("--source", CLIP, *to)
    assert "2 names wait on the disk" in done.stderr
    assert not any(name in done.stderr for name in ("MANON", "THOMAS"))
    assert done.returncode == 0
