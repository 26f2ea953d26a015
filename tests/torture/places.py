"""Places that fail: full disks, folders that cannot be written, files that vanish, links that were planted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2

from card_frames import frames
from commands import HWR_EDGE, environment, run
from drawn_forms import empty_form
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from torture.kills import _results, images

Place = Callable[[Path], int]
"""Works in a folder; how much was lost."""
Skip = RuntimeError
_MODEL = Path(__file__).resolve().parents[2] / "models" / "names-int8.tflite"
_JUMPS = """
import itertools, time
real, jumps = time.time, itertools.cycle([0, -9e8, 9e8])
time.time = lambda: real() + next(jumps)
time.time_ns = lambda: int(time.time() * 1e9)
from hwr_edge.__main__ import main
main()
"""


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system in memory with options of mount.

    Raises:
        Skip: this user may not mount.
    """
    place = folder / "disk"
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise Skip("needs the right to mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _refused(place: Path, *command: str) -> bool:
    """Whether a command ended with one line, and left nothing half-written."""
    before = {
        path: path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and path.name != "filler"
    }
    done = run(*command, cwd=place.parent)
    told = done.returncode == 1 and "Traceback" not in done.stderr and "hwr-edge: " in done.stderr
    kept = all(
        path.exists() and path.read_bytes().startswith(data) for path, data in before.items()
    )
    return told and kept and not list(place.rglob(".hwr-edge-*"))


def _commands(folder: Path) -> list[list[str]]:
    names = images(folder, 40)
    _results(folder, 40)
    cv2.imwrite(str(folder / "form.png"), empty_form())
    frames(folder / "frames", ("manon",))
    with Answers(read_results(folder / "r.jsonl")) as journal:
        for place in range(40):
            journal.put(place, "AB", 0)
    watch = ["camera", "--source", "frames", "--model", str(_MODEL)]
    return [
        ["file", *names, "--format", "jsonl", "--output", "disk/rows.jsonl"],
        ["file", *names, "--format", "json", "--output", "disk/rows.json"],
        ["file", *names[:3], "--annotate", "disk/drawn"],
        ["review", "r.jsonl", "--export", "disk/names.csv"],
        ["review", "r.jsonl", "--corrections", "disk/mine"],
        [*watch, "--log", "disk/log.jsonl"],
        ["form", "new", "form.png", "--output", "disk/form.toml"],
    ]


def full_disk(folder: Path) -> int:
    """Each command on a disk without room: one line, nothing half-written, what was there stays."""
    commands, lost = _commands(folder), 0
    for command in commands:
        with mounted(folder, "size=16k") as place:
            (place / "names.csv").write_text("old")
            with suppress(OSError):
                (place / "filler").write_bytes(b"x" * (1 << 20))
            lost += not _refused(place, *command)
    return lost


def read_only(folder: Path) -> int:
    """Each command where nothing can be written."""
    commands, lost = _commands(folder), 0
    for command in commands:
        with mounted(folder, "ro") as place:
            lost += not _refused(place, *command)
    return lost


def vanishing(folder: Path) -> int:
    """Images that vanish between the list and the reading: each is named, all others are read."""
    names = images(folder, 6)
    (folder / names[2]).unlink()
    done = run("file", *names, "--format", "csv", cwd=folder)
    read = [line.split(",")[0] for line in done.stdout.splitlines()[1:]]
    told = [line for line in done.stderr.splitlines() if names[2] in line]
    return int(read != [*names[:2], *names[3:]] or len(told) != 1 or done.returncode != 1)


def planted_links(folder: Path) -> int:
    """Links at every name that nobody typed: what they lead to stays."""
    names = images(folder, 2)
    precious, lost = folder / "precious", 0
    precious.write_text("old")
    shutil.rmtree(folder / "drawn", ignore_errors=True)
    (folder / "drawn").mkdir()
    links = ["o.csv.part", "o.csv.part.options", ".o.csv.lock", f"drawn/{names[0][:-4]}-read.png"]
    for link in links:
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(precious)
        run(
            "file",
            *names,
            "--format",
            "csv",
            "--output",
            "o.csv",
            "--annotate",
            "drawn",
            cwd=folder,
        )
        lost += precious.read_text() != "old"
        (folder / link).unlink(missing_ok=True)
    return lost


def clock_jumps(folder: Path) -> int:
    """The time of day jumps by years, forth and back, at each look at it: rows, answers and names are those of a steady clock."""
    names, lost = images(folder, 20), 0
    jumping = [sys.executable, "-c", _JUMPS]
    for own, program in (("steady", HWR_EDGE), ("jumping", jumping)):
        rows, crops = f"{own}.jsonl", ["--format", "jsonl", "--output", f"{own}.jsonl"]
        for command in (["file", *names, *crops], ["review", rows, "--export", f"{own}.csv"]):
            done = subprocess.run([*program, *command], cwd=folder, env=environment(), check=False)
            lost += done.returncode != 0
    for ending in ("jsonl", "csv"):
        lost += _bytes(folder / f"steady.{ending}") != _bytes(folder / f"jumping.{ending}")
    return lost


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def synced(folder: Path) -> int:
    """By strace: whatever gets its name by a rename was synced before.

    Raises:
        Skip: there is no strace.
    """
    if not shutil.which("strace"):
        raise Skip("strace is not installed")
    names, lost = images(folder, 2), 0
    for output in ("o.jsonl", "o.json"):
        trace = ["strace", "-f", "-e", "trace=fsync,rename,renameat,renameat2", "-o", "trace"]
        command = [*trace, *HWR_EDGE, "file", *names, "--format", output[2:], "--output", output]
        subprocess.run(command, cwd=folder, env=environment(), check=True)
        calls = [
            line.split("(")[0].split()[-1][:6]
            for line in (folder / "trace").read_text().splitlines()
            if "(" in line
        ]
        renames = [k for k, call in enumerate(calls) if call == "rename"]
        lost += (
            not renames or any("fsync" not in calls[:k] for k in renames) or calls[-1] != "fsync"
        )
    return lost


PLACES: dict[str, Place] = {
    "full disk": full_disk,
    "read-only disk": read_only,
    "images that vanish": vanishing,
    "clock that jumps": clock_jumps,
    "planted links": planted_links,
    "synced before named": synced,
}
