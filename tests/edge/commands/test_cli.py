from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands import HWR_EDGE, environment, interrupt, run
from fakes import TINY_MODEL, calibrated_tiny, draw
from hwr_edge import Recognizer, __version__
from hwr_edge.line.card import read_flatbuffer
from hwr_edge.line.name_model import NameModel
from hwr_edge.results.tables import BOX_KEYS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """abc.png, d/cab.jpg, d/e/empty.webp, and broken.png and notes.txt that are no images."""
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    for name, text in (("abc.png", "ABC"), ("d/cab.jpg", "CAB"), ("d/e/empty.webp", "")):
        cv2.imwrite(str(tmp_path / name), draw(text))
    (tmp_path / "broken.png").write_bytes((tmp_path / "abc.png").read_bytes()[:-30])
    (tmp_path / "notes.txt").write_text("ABC")
    return tmp_path


def one_line(stderr: str) -> str:
    """The message, after checking that it is one line of ours."""
    assert stderr.startswith("hwr-edge: "), stderr
    assert stderr.count("\n") == 1, stderr
    return stderr[len("hwr-edge: ") : -1]


def everything(terminal: int) -> bytes:
    """What was written to a terminal whose other side is closed."""
    seen = b""
    with open(terminal, "rb", buffering=0) as stream:
        while True:
            try:
                part = stream.read(1 << 16)
            except OSError:  # EIO is how a terminal says that nobody writes any more
                return seen
            if not part:
                return seen
            seen += part


def test_one_image_prints_the_name_alone(folder: Path) -> None:
    done = run("file", "abc.png", cwd=folder)
    assert (done.stdout, done.stderr, done.returncode) == ("ABC\n", "", 0)


def test_several_images_print_path_name_and_confidence(folder: Path) -> None:
    done = run("file", "abc.png", "d", cwd=folder)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[:2] for row in rows] == [
        ["abc.png", "ABC"],
        ["d/cab.jpg", "CAB"],
        ["d/e/empty.webp", ""],
    ]
    assert all(0.5 < float(row[2]) <= 1 for row in rows)
    assert (done.stderr, done.returncode) == ("", 0)


def test_every_machine_format_gives_the_same_rows(folder: Path) -> None:
    def out(form: str) -> str:
        return run("file", "abc.png", "d", "--format", form, cwd=folder).stdout

    rows = json.loads(out("json"))
    assert [row["text"] for row in rows] == ["ABC", "CAB", ""]
    assert rows[0] | {"confidence": 0} == {
        "schema": 1,
        "image": "abc.png",
        "crc32": f"{zlib.crc32((folder / 'abc.png').read_bytes()):08x}",
        "text": "ABC",
        "confidence": 0,
        "box": [0, 0, 256, 64],
    }
    assert [json.loads(line) for line in out("jsonl").splitlines()] == rows
    cells = list(csv.DictReader(io.StringIO(out("csv"))))
    assert [
        (c["image"], c["text"], float(c["confidence"]), [int(c[key]) for key in BOX_KEYS])
        for c in cells
    ] == [(r["image"], r["text"], r["confidence"], r["box"]) for r in rows]


def test_a_machine_format_stays_itself_for_one_image(folder: Path) -> None:
    done = run("file", "abc.png", "--format", "jsonl", cwd=folder)
    assert json.loads(done.stdout)["text"] == "ABC"


def test_standard_input_is_read(folder: Path) -> None:
    with (folder / "abc.png").open("rb") as image:
        done = run("file", "-", "--format", "jsonl", stdin=image)
    assert (json.loads(done.stdout)["image"], json.loads(done.stdout)["text"]) == ("-", "ABC")


def test_empty_standard_input_is_one_clear_line() -> None:
    done = run("file", "-", stdin=subprocess.DEVNULL)
    assert one_line(done.stderr) == "standard input: the file is empty"
    assert (done.stdout, done.returncode) == ("", 1)


def test_standard_input_is_read_only_once() -> None:
    done = run("file", "-", "-", stdin=subprocess.DEVNULL)
    assert "only once" in done.stderr
    assert done.returncode == 2


def test_patterns_are_expanded(folder: Path) -> None:
    done = run("file", "**/*.jpg", "abc.*", cwd=folder)
    assert [line.split("\t")[:2] for line in done.stdout.splitlines()] == [
        ["d/cab.jpg", "CAB"],
        ["abc.png", "ABC"],
    ]


def test_what_cannot_be_read_is_named_and_the_rest_is_printed(folder: Path) -> None:
    done = run("file", "broken.png", "abc.png", "nope.png", "notes.txt", cwd=folder)
    assert [line.split("\t")[:2] for line in done.stdout.splitlines()] == [["abc.png", "ABC"]]
    assert done.stderr.splitlines() == [
        "hwr-edge: broken.png: the PNG image is damaged or cut short",
        "hwr-edge: nope.png: cannot be read (No such file or directory)",
        "hwr-edge: notes.txt: not a JPEG, PNG, TIFF, WebP or BMP image, or PDF; convert it to one of these",
    ]
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("none", "none: no images in this folder"),
        ("q*.png", "q*.png: no file matches"),
        ("nope.png", "nope.png: cannot be read (No such file or directory)"),
        (
            "/dev/zero",
            "/dev/zero: not a JPEG, PNG, TIFF, WebP or BMP image, or PDF; convert it to one of these",
        ),
        ("two\nlines.png", "two lines.png: cannot be read (No such file or directory)"),
    ],
)
def test_nothing_to_read_is_one_clear_line(folder: Path, argument: str, message: str) -> None:
    done = run("file", argument, cwd=folder)
    assert one_line(done.stderr) == message
    assert (done.stdout, done.returncode) == ("", 1)


def test_an_array_stays_an_array_when_nothing_can_be_read(folder: Path) -> None:
    done = run("file", "broken.png", "--format", "json", cwd=folder)
    assert (json.loads(done.stdout), done.returncode) == ([], 1)


def test_a_single_pixel_and_a_very_wide_strip_are_read(folder: Path) -> None:
    cv2.imwrite(str(folder / "dot.png"), np.full((1, 1), 255, np.uint8))
    cv2.imwrite(str(folder / "strip.png"), np.full((40, 30_000), 255, np.uint8))
    done = run("file", "dot.png", "strip.png", "--format", "jsonl", cwd=folder)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(r["text"], r["box"]) for r in rows] == [("", [0, 0, 1, 1]), ("", [0, 0, 30_000, 40])]
    assert done.returncode == 0


def test_output_goes_to_a_file(folder: Path) -> None:
    done = run("file", "d", "--format", "csv", "--output", "out.csv", cwd=folder)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert len((folder / "out.csv").read_text("utf-8").splitlines()) == 3


def test_output_that_cannot_be_written_is_refused(folder: Path) -> None:
    for target in ("d", "nowhere/out.txt", "/dev/full"):
        done = run("file", "abc.png", "--output", target, cwd=folder)
        assert one_line(done.stderr).startswith(f"{target}: cannot be written (")
        assert (done.stdout, done.returncode) == ("", 1)


def test_a_read_only_folder_is_refused(folder: Path) -> None:
    (folder / "none").chmod(0o500)
    closed = "none" if os.geteuid() else "/proc"  # root may write to any ordinary folder
    for option in (("--output", f"{closed}/out.txt"), ("--annotate", f"{closed}/new")):
        done = run("file", "abc.png", *option, cwd=folder)
        assert one_line(done.stderr).startswith(f"{option[1]}: cannot be written (")
        assert (done.stdout, done.returncode) == ("", 1)


def test_a_full_standard_output_is_one_clear_line(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(
            "file", "abc.png", cwd=folder, capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert one_line(done.stderr) == "standard output: cannot be written (No space left on device)"
    assert done.returncode == 1


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("info",)])
def test_a_full_standard_output_is_no_traceback(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert one_line(done.stderr) == "standard output: cannot be written (No space left on device)"
    assert done.returncode == 1


def test_a_loop_of_links_is_one_clear_line(folder: Path) -> None:
    (folder / "loop.png").symlink_to("loop.png")
    why = "Too many levels of symbolic links"
    for option in ("--output", "--annotate"):
        done = run("file", "abc.png", option, "loop.png", cwd=folder)
        assert one_line(done.stderr).startswith("loop.png: cannot be written (")
        assert (done.stdout, done.returncode) == ("", 1)
        assert (folder / "loop.png").is_symlink()
    done = run("file", "loop.png", "abc.png", "--annotate", "seen", cwd=folder)
    assert one_line(done.stderr) == f"loop.png: cannot be read ({why})"
    assert (done.stdout.split("\t")[0], done.returncode) == ("abc.png", 1)


def test_an_image_is_never_written_over_by_its_own_reading(folder: Path) -> None:
    before = (folder / "abc.png").read_bytes()
    (folder / "class.txt").write_text("ABC\n")
    mine = ["--roster", "class.txt", "--output", "class.txt"]
    assert run("file", "abc.png", *mine, cwd=folder).returncode == 2
    assert (folder / "class.txt").read_text() == "ABC\n"
    done = run("file", "abc.png", "--output", "d/../abc.png", cwd=folder)
    assert "is also read; choose another file" in done.stderr
    assert done.returncode == 2
    assert (folder / "abc.png").read_bytes() == before


def test_annotated_images_are_written_for_what_could_be_read(folder: Path) -> None:
    cv2.imwrite(str(folder / "d" / "abc.png"), draw("A"))
    done = run("file", "abc.png", "d/abc.png", "broken.png", "--annotate", "seen/here", cwd=folder)
    names = sorted(p.name for p in (folder / "seen" / "here").iterdir())
    assert names == ["abc-read-2.png", "abc-read.png"]
    assert done.returncode == 1


def test_annotating_a_folder_into_itself_twice_reads_the_same_images(folder: Path) -> None:
    first = run("file", ".", "--annotate", "out", cwd=folder)
    again = run("file", ".", "--annotate", "out", cwd=folder)
    assert again.stdout == first.stdout


def test_a_model_can_be_named_and_wins_over_the_environment(folder: Path) -> None:
    done = run("file", "abc.png", "--model", TINY_MODEL, cwd=folder)
    assert done.stdout == "ABC\n"
    done = run("file", "abc.png", "--model", "notes.txt", cwd=folder)
    assert one_line(done.stderr) == "notes.txt: not a TFLite model file"
    assert (done.stdout, done.returncode) == ("", 1)


@pytest.mark.parametrize("cut", [0, 100, 1500, 2700])
@pytest.mark.parametrize("command", [("file", "abc.png"), ("info",)])
def test_a_damaged_model_is_one_clear_line(
    folder: Path, cut: int, command: tuple[str, ...]
) -> None:
    (folder / "m.tflite").write_bytes(TINY_MODEL.read_bytes()[:cut])
    done = run(*command, "--model", "m.tflite", cwd=folder)
    assert one_line(done.stderr).startswith("m.tflite: ")
    assert (done.stdout, done.returncode) == ("", 1)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("file",),
        ("file", "a.png", "--threads", "0"),
        ("file", "a.png", "--threads", "many"),
        ("file", "a.png", "--format", "xml"),
        ("file", "a.png", "--decoder", "guess"),
        ("file", "a.png", "--decoder", "greedy", "--top", "2"),
        ("file", "a.png", "--decoder", "greedy", "--name-model", "n.npz"),
        ("file", "a.png", "--top", "-1"),
        ("file", "a.png", "--colour"),
        ("read", "a.png"),
    ],
)
def test_a_command_typed_wrongly_is_status_2_without_a_traceback(
    arguments: tuple[str, ...],
) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Usage: hwr-edge" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_roster_and_what_to_accept_are_told_in_every_row(folder: Path) -> None:
    calibrated_tiny(folder / "tiny.tflite")
    (folder / "class.csv").write_text("Nom;Age\nÇab;11\nAbç;12\nÀbc;11\nЖ;3\n", "utf-8")
    asked = ["--model", "tiny.tflite", "--roster", "class.csv", "--accept", "0.8"]
    done = run("file", "abc.png", "d", *asked, cwd=folder)
    assert done.returncode == 1
    assert "'Ж'" in one_line(done.stderr)
    lines = done.stdout.splitlines()
    first, second, third = (line for line in lines if not line.startswith("\t"))
    twin = lines[1]
    assert first.split("\t")[3] in ("Abç", "Àbc")
    assert first.endswith("\treview")  # there are two of that name
    assert twin.split("\t")[1] in ("Abç", "Àbc")
    assert second.split("\t")[3] == "Çab"
    assert second.endswith("\t")
    assert third.split("\t")[3] == "-"
    done = run("file", "abc.png", *asked, "--roster-column", "age", cwd=folder)
    assert "no line has a name where names should be, for example line 2: '11'" in one_line(
        done.stderr
    )
    assert (done.returncode, done.stdout) == (1, "")


def test_a_match_brings_its_line_and_who_was_not_found_is_listed(folder: Path) -> None:
    calibrated_tiny(folder / "tiny.tflite")
    lines = "No;Nom;Classe\n7;Cab;6A\n8;Abc;6B\n9;Bac;=6B\n"
    (folder / "class.csv").write_text(lines, "utf-8")
    asked = ["--model", "tiny.tflite", "--roster", "class.csv", "--missing", "missing.csv"]
    done = run("file", "abc.png", "d", *asked, "--format", "jsonl", cwd=folder)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["match_id"] for row in rows] == ["8", "7", None]
    assert "missing.csv: 1 of 3 names of the roster were not found" in one_line(done.stderr)
    missing = (folder / "missing.csv").read_text("utf-8-sig")
    assert missing == "roster name,No,Nom,Classe\nBac,9,Bac,'=6B\n"
    keep = ["--roster-keep", "classe", "--roster-keep", "1", "--format", "csv"]
    done = run("file", "abc.png", *asked[:4], *keep, cwd=folder)
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["match_id"], row["match Classe"], row["match No"]) == ("8", "6B", "8")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--roster-keep", "age", "--format", "csv"], "no column 'age' to keep"),
        (["--roster-keep", "Nom"], "--roster-keep needs --format csv"),
        (["--missing", "class.csv"], "class.csv is also read"),
    ],
)
def test_what_cannot_be_asked_of_a_roster_is_told_before_anything_is_read(
    more: list[str], said: str, folder: Path
) -> None:
    (folder / "class.csv").write_text("Nom\nCab\n")
    done = run("file", "abc.png", "--roster", "class.csv", *more, cwd=folder)
    assert done.returncode != 0
    assert done.stdout == ""
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert (folder / "class.csv").read_text() == "Nom\nCab\n"


def test_what_an_interrupted_run_found_is_not_missing(folder: Path) -> None:
    model = calibrated_tiny(folder / "tiny.tflite")
    (folder / "class.txt").write_text("ABC\nCAB\nBAC\n")
    asked = ["--format", "jsonl", "--output", "rows", "--model", str(model)]
    asked += ["--roster", "class.txt"]
    images = ["abc.png", "d/cab.jpg"]
    assert run("file", *images, *asked, cwd=folder).returncode == 0
    before = (folder / "rows").read_bytes()
    (folder / "rows").unlink()
    interrupt(folder, before, *asked)
    done = run("file", *images, *asked, "--missing", "m.csv", "--resume", cwd=folder)
    assert done.returncode == 0
    assert (folder / "m.csv").read_text("utf-8-sig") == "roster name,1\nBAC,BAC\n"


def test_a_roster_needs_a_calibrated_model(folder: Path) -> None:
    (folder / "class.txt").write_text("ABC\n")
    done = run("file", "abc.png", "--roster", "class.txt", cwd=folder)
    assert "no calibrated confidence" in one_line(done.stderr)
    done = run("file", "abc.png", "--roster-column", "age", cwd=folder)
    assert done.returncode == 2


def test_alternatives_are_printed_where_they_were_asked_for(folder: Path) -> None:
    letters = Recognizer(TINY_MODEL).charset.letters
    costs = np.full((1, len(letters) + 1), 20, np.uint8)
    NameModel(letters, np.zeros(1, np.uint64), costs, 0.1).save(folder / "own.npz")
    options = ("--name-model", "own.npz", "--top", "2", "--format", "jsonl")
    (line,) = run("file", "abc.png", *options, cwd=folder).stdout.splitlines()
    row = json.loads(line)
    assert row["text"] == "ABC"
    assert len(row["alternatives"]) <= 2
    assert all(set(other) == {"text", "confidence"} for other in row["alternatives"])
    lines = run("file", "abc.png", "--name-model", "own.npz", "--top", "2", cwd=folder).stdout
    assert lines.splitlines()[0] == "ABC"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--name-model", "none.npz"), "none.npz: cannot be read"),
        (("--name-model", "notes.txt"), "notes.txt: not a name model"),
        (("--decoder", "beam"), "its letters differ"),
    ],
)
def test_a_name_model_that_cannot_be_used_is_one_clear_line(
    folder: Path, options: tuple[str, ...], message: str
) -> None:
    done = run("file", "abc.png", *options, cwd=folder)
    assert message in one_line(done.stderr)
    assert (done.stdout, done.returncode) == ("", 1)


def test_threads_change_nothing_in_what_is_read(folder: Path) -> None:
    assert run("file", "abc.png", "--threads", "2", cwd=folder).stdout == "ABC\n"


FAULTY = """
import sys
from hwr_edge.commands import app, info
def fail(*_): raise ZeroDivisionError("by zero")
info.errors_reported = fail
sys.argv = ["hwr-edge", *{arguments!r}]
app.main()
"""


def test_a_fault_of_the_program_is_one_line_and_its_place_is_told_to_who_asks() -> None:
    def run_faulty(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = [sys.executable, "-c", FAULTY.format(arguments=arguments)]
        return subprocess.run(code, capture_output=True, text=True, env=environment(), check=False)

    short, long = run_faulty("info"), run_faulty("--traceback", "info")
    assert short.returncode == long.returncode == 1
    assert short.stderr.startswith("hwr-edge: a bug in hwr-edge (ZeroDivisionError: by zero)")
    assert short.stderr.count("\n") == 1
    assert "in fail\n" in long.stderr


def test_the_help_tells_of_environment_variables_once() -> None:
    assert "HWR_EDGE_FILE_JOBS=4 is" in run("--help").stdout
    assert "HWR_EDGE_FILE_JOBS" not in run("file", "--help").stdout


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"hwr-edge {__version__}\n"


def test_info_tells_the_card_and_the_runtime() -> None:
    facts = json.loads(run("info", "--json").stdout)
    assert facts["card"]["letters"] == "ABC"
    assert facts["checksum"] == f"{zlib.crc32(read_flatbuffer(TINY_MODEL)):08x}"
    assert facts["model"] == str(TINY_MODEL)
    assert facts["runtime"].split()[0] in ("litert", "tflite-runtime")
    text = run("info").stdout
    assert "tiny image language" in text
    assert facts["runtime"] in text


def test_a_reader_that_goes_away_ends_it_quietly(folder: Path) -> None:
    with subprocess.Popen(
        [*HWR_EDGE, "file", *["abc.png"] * 400],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_can_go_on(folder: Path, sent: signal.Signals, status: int) -> None:
    (folder / "out").mkdir()
    os.mkfifo(folder / "waiting.png")  # reading it waits for ever
    with subprocess.Popen(
        [*HWR_EDGE, "file", "abc.png", "waiting.png", "--output", "out/rows.txt"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 30
        part = folder / "out" / "rows.txt.part"
        while not (part.exists() and part.stat().st_size):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(sent)
        out, err = process.communicate(timeout=30)
    told = "hwr-edge: interrupted; repeat the command with --resume to continue\n"
    assert (out, err, process.returncode) == ("", told if sent == signal.SIGINT else "", status)
    left = {path.name for path in (folder / "out").iterdir()}
    assert left == {"rows.txt.part", "rows.txt.part.options"}

    (folder / "waiting.png").unlink()
    cv2.imwrite(str(folder / "waiting.png"), draw("CAB"))
    again = ["file", "abc.png", "waiting.png", "--output", "out/rows.txt"]
    done = run(*again, cwd=folder)
    assert "rows.txt.part: left by an interrupted run" in one_line(done.stderr)
    done = run(*again, "--resume", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split("\t")[:2] for line in (folder / "out" / "rows.txt").read_text().splitlines()]
    assert rows == [["abc.png", "ABC"], ["waiting.png", "CAB"]]
    assert [path.name for path in (folder / "out").iterdir()] == ["rows.txt"]


@pytest.mark.parametrize("layout", ["text", "jsonl", "csv"])
@pytest.mark.parametrize("cut", [0, 1, 25, 60, 10_000])
def test_a_run_goes_on_from_wherever_it_was_cut(folder: Path, layout: str, cut: int) -> None:
    names = [f"p{k}.png" for k in range(4)]
    for k, name in enumerate(names):
        cv2.imwrite(str(folder / name), draw("ABCA"[k:]))
    asked = ["file", *names, "--format", layout, "--output", "rows"]
    assert run(*asked, cwd=folder).returncode == 0
    whole = (folder / "rows").read_bytes()
    (folder / "rows").unlink()
    interrupt(folder, whole[: len(whole) - min(cut, len(whole))], *asked[len(names) + 1 :])
    done = run(*asked, "--resume", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "rows").read_bytes() == whole
    assert not (folder / "rows.part").exists()


@pytest.mark.parametrize("layout", ["text", "jsonl", "csv"])
def test_a_run_is_gone_on_with_by_the_same_command_alone(folder: Path, layout: str) -> None:
    for k in range(3):
        cv2.imwrite(str(folder / f"p{k}.png"), draw("ABC"[k:]))
    (folder / "class.txt").write_text("ABC\n")
    (folder / "other.txt").write_text("BAC\n")
    model = calibrated_tiny(folder / "tiny.tflite")
    asked = ["--format", layout, "--output", "rows", "--model", str(model)]
    asked += ["--roster", "class.txt", "--accept", "0.5"]
    assert run("file", "p0.png", "p1.png", "p2.png", *asked, cwd=folder).returncode == 0
    part, before = folder / "rows.part", (folder / "rows").read_bytes()
    (folder / "rows").unlink()
    interrupt(folder, before, *asked)
    done = run("file", "p1.png", "p2.png", *asked, "--resume", cwd=folder)
    assert "has rows of p0.png, which is not among these" in one_line(done.stderr)
    for more in (["--accept", "0.6"], ["--roster", "other.txt"], ["--top", "2"]):
        names = ["p0.png", "p1.png", "p2.png"]
        done = run("file", *names, *asked, *more, "--resume", cwd=folder)
        assert "options, roster, form or model changed" in one_line(done.stderr)
    assert done.returncode == 1
    assert before.startswith(part.read_bytes())


def test_a_run_does_not_go_on_beside_an_image_that_was_replaced(folder: Path) -> None:
    asked = ["--format", "jsonl", "--output", "rows"]
    assert run("file", "abc.png", "d", *asked, cwd=folder).returncode == 0
    before = (folder / "rows").read_bytes()
    (folder / "rows").unlink()
    interrupt(folder, before, *asked)
    cv2.imwrite(str(folder / "abc.png"), draw("CAB"))
    done = run("file", "abc.png", "d", *asked, "--resume", cwd=folder)
    assert "which changed since" in one_line(done.stderr)


def test_names_with_tabs_and_line_ends_break_no_row(folder: Path) -> None:
    name = "a\tb\nc.png"
    cv2.imwrite(str(folder / name), draw("ABC"))
    done = run("file", name, "abc.png", "--output", "rows", cwd=folder)
    assert done.returncode == 0
    rows = (folder / "rows").read_text().splitlines()
    assert [row.split("\t")[:2] for row in rows] == [["a\\tb\\nc.png", "ABC"], ["abc.png", "ABC"]]
    (folder / "rows").unlink()
    interrupt(folder, "".join(row + "\n" for row in rows).encode(), "--output", "rows")
    assert run("file", name, "abc.png", "--output", "rows", "--resume", cwd=folder).returncode == 0
    assert (folder / "rows").read_text().splitlines() == rows


def test_an_image_that_cannot_be_annotated_is_read_and_so_are_the_others(folder: Path) -> None:
    long = "a" * 251 + ".png"
    cv2.imwrite(str(folder / long), draw("CAB"))
    done = run("file", long, "abc.png", "--annotate", "out", cwd=folder)
    assert "cannot be written (File name too long)" in one_line(done.stderr)
    assert [row.split("\t")[1] for row in done.stdout.splitlines()] == ["CAB", "ABC"]
    assert (done.returncode, (folder / "out" / "abc-read.png").is_file()) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["abc.png", "--accept", "nan"],
        ["abc.png", "--output", "."],
        ["abc.png", "--output", "/"],
        ["abc.png", "--output", ""],
        ["d", "--annotate", "d"],
        ["abc.png", ""],
    ],
)
def test_senseless_arguments_are_one_clear_error(folder: Path, arguments: list[str]) -> None:
    done = run("file", *arguments, cwd=folder)
    assert (done.stdout, done.returncode) == ("", 2)
    assert "Traceback" not in done.stderr


def test_resume_without_anything_to_go_on_with(folder: Path) -> None:
    done = run("file", "abc.png", "--output", "rows", "--resume", cwd=folder)
    assert (done.returncode, (folder / "rows").exists()) == (0, True)
    for asked in (["--resume"], ["--resume", "--output", "rows", "--format", "json"]):
        assert run("file", "abc.png", *asked, cwd=folder).returncode == 2


@pytest.mark.parametrize("layout", ["text", "jsonl", "csv"])
def test_resume_leaves_alone_what_is_no_beginning_of_rows(folder: Path, layout: str) -> None:
    (folder / "rows.part").write_bytes(b"PK\3\4 half a download")
    asked = ["--output", "rows", "--resume", "--format", layout]
    done = run("file", "abc.png", *asked, cwd=folder)
    assert "move it away" in one_line(done.stderr)
    assert (folder / "rows.part").read_bytes() == b"PK\3\4 half a download"
    (folder / "rows.part").unlink()
    interrupt(folder, b"PK\3\4 half\n", *asked[:2], "--format", "csv")
    done = run("file", "abc.png", *asked, cwd=folder)
    told = "its rows are not csv" if layout == "csv" else "options, roster, form or model changed"
    assert told in one_line(done.stderr)
    assert (folder / "rows.part").read_bytes() == b"PK\3\4 half\n"


def test_several_jobs_give_the_same_rows_in_the_same_order(folder: Path) -> None:
    names = []
    for k in range(70):
        names.append(f"n{k}.png")
        cv2.imwrite(str(folder / names[-1]), draw("ABC"[k % 3] + "CBA"[k % 2]))
    calibrated_tiny(folder / "tiny.tflite")
    (folder / "class.txt").write_text("AC\nBB\nCA\n")
    more = ["--roster", "class.txt", "--accept", "0.9", "--model", "tiny.tflite"]
    one, two = (
        run("file", *names[:40], "broken.png", *names[40:], *more, "--jobs", jobs, cwd=folder)
        for jobs in ("1", "2")
    )
    assert one.returncode == two.returncode == 1
    assert one.stdout == two.stdout
    assert one.stdout.count(".png\t") == 70
    assert one.stderr == two.stderr
    assert run("file", "-", "abc.png", "--jobs", "2", cwd=folder).returncode == 2


@pytest.mark.parametrize(("count", "shown"), [(12, True), (2, False)])
def test_a_bar_is_shown_on_a_terminal_for_many_images(
    folder: Path, count: int, shown: bool
) -> None:
    ours, theirs = pty.openpty()
    arguments = [*["abc.png"] * count, "broken.png", "--output", "out.txt"]
    done = run(
        "file", *arguments, cwd=folder, capture_output=False, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    seen = everything(ours).decode()
    assert ("Reading" in seen and "100%" in seen) == shown
    assert "hwr-edge: broken.png: the PNG image is damaged or cut short\r\n" in seen
    assert len((folder / "out.txt").read_text().splitlines()) == count
    assert (done.stdout, done.returncode) == ("", 1)


def test_a_path_that_is_no_unicode_is_read_and_printed_as_it_was(folder: Path) -> None:
    name = os.fsdecode(b"bad\xff.png")
    (folder / name).write_bytes((folder / "abc.png").read_bytes())
    done = run("file", "d", name, cwd=folder, errors="surrogateescape")
    assert os.fsencode(done.stdout).splitlines()[-1].startswith(b"bad\xff.png\tABC\t")
    done = run("file", name + "x", cwd=folder)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1


def test_bench_tells_every_stage_for_people_and_for_machines(folder: Path) -> None:
    asked = ["bench", "abc.png", "d", "--rounds", "2", "--threads", "3"]
    done = run(*asked, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    for part in ("preprocess", "invoke", "whole reading", "cold start", "3 threads", "MB"):
        assert part in done.stdout
    found = json.loads(run(*asked, "--json", cwd=folder).stdout)
    assert found["pictures"] == 3
    assert set(found["rates"]) == {"1", "2", "3"}
    parts = sum(
        found["stages"][name]["median"] for name in ("image", "preprocess", "invoke", "decode")
    )
    assert 0 < found["whole"]["median"] < 3 * parts
    assert found["cold_start"]["median"] > found["whole"]["median"]
    made = run("bench", "--rounds", "1", "--threads", "1", cwd=folder)
    assert "8 images" in made.stdout


def test_bench_of_nothing_readable_is_one_clear_line(folder: Path) -> None:
    for name in ("broken.png", "nowhere.png"):
        done = run("bench", name, cwd=folder)
        assert done.returncode == 1
        assert name in done.stderr
        assert "Traceback" not in done.stderr
    assert run("bench", "none", cwd=folder).returncode == 1


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_jobs_are_processes_that_end_with_the_one_that_began_them(folder: Path) -> None:
    names = []
    for k in range(60):  # more than is given to each at once
        names.append(f"waiting{k}.png")
        os.mkfifo(folder / names[-1])  # reading it waits for ever
    command = [*HWR_EDGE, "file", *names, "--jobs", "3"]  # the one that began them reads too
    with subprocess.Popen(command, cwd=folder, env=environment()) as process:

        def workers() -> list[int]:
            return [
                child
                for child in _children(process.pid)
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
            ]

        _wait_until(lambda: len(workers()) == 2)
        found = workers()
        process.kill()
    _wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in found))


def test_a_run_that_is_still_writing_is_left_alone(folder: Path) -> None:
    part = folder / "rows.part"
    part.write_bytes(b"abc.png\tABC\t0.9\nd/ca")
    with part.open("rb+") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        for more in (["--resume"], []):
            done = run("file", "abc.png", "--output", "rows", *more, cwd=folder)
            assert "another run is writing to it" in one_line(done.stderr)
    assert part.read_bytes() == b"abc.png\tABC\t0.9\nd/ca"


def test_a_run_goes_on_past_a_path_with_a_line_separator(folder: Path) -> None:
    name = "a\u2028b.png"
    (folder / "abc.png").rename(folder / name)
    asked = ["file", name, "d", "--format", "jsonl", "--output", "rows"]
    assert run(*asked, cwd=folder).returncode == 0
    whole = (folder / "rows").read_bytes()
    (folder / "rows").unlink()
    interrupt(folder, whole, *asked[3:])
    assert run(*asked, "--resume", cwd=folder).returncode == 0
    assert (folder / "rows").read_bytes() == whole


def test_an_interrupted_table_with_semicolons_goes_on(folder: Path) -> None:
    asked = ["file", "abc.png", "d", "--format", "csv", "--separator", "semicolon", "--output"]
    assert run(*asked, "rows", cwd=folder).returncode == 0
    whole = (folder / "rows").read_bytes()
    (folder / "rows").unlink()
    interrupt(folder, whole, *asked[3:], "rows")
    assert run(*asked, "rows", "--resume", cwd=folder).returncode == 0
    assert (folder / "rows").read_bytes() == whole


def test_a_separator_without_a_table_is_a_mistake(folder: Path) -> None:
    done = run("file", "abc.png", "--separator", "semicolon", cwd=folder)
    assert (done.returncode, "--separator needs --format csv" in done.stderr) == (2, True)
    done = run("camera", "--source", "d", "--separator", "semicolon", cwd=folder)
    assert (done.returncode, "ends in .csv" in done.stderr) == (2, True)


def test_a_table_with_an_image_called_as_a_formula_goes_on(folder: Path) -> None:
    (folder / "abc.png").rename(folder / "=1+1.png")
    asked = ["file", "=1+1.png", "d", "--format", "csv", "--output", "rows"]
    assert run(*asked, cwd=folder).returncode == 0
    whole = (folder / "rows").read_bytes()
    assert b"\n'=1+1.png," in whole
    (folder / "rows").unlink()
    interrupt(folder, whole, *asked[3:])
    assert run(*asked, "--resume", cwd=folder).returncode == 0
    assert (folder / "rows").read_bytes() == whole


def test_images_named_twice_cannot_be_told_apart_by_a_resumed_run(folder: Path) -> None:
    asked = ["file", "abc.png", "d", "abc.png", "--output", "rows", "--resume"]
    done = run(*asked, cwd=folder)
    assert (done.returncode, "abc.png is given twice" in done.stderr) == (2, True)
