"""The camera on the real picamera2 and libcamera, and its service under systemd, without a Pi.

    make test-picamera [PICAMERA=.venv-picamera] [LOG=tests/picamera/log.txt] [LOSSES=100]

In a Debian trixie root, on libcamera's virtual camera (`inside/pykms.py` says what stands in for a Pi): picamera2 is asked what the
stand-in of the tests is asked; the program's own way to it meets faults; the example film is read; the camera is lost and found again;
and the unit file of the documents is run by systemd. A Pi's sensor, its image processor, focus, exposure, heat and speed are not there.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from edge.picamera2_behaviour import PI, USB
from hwr_edge.line.bench import machine_name
from kept_log import Log
from picamera.container import Container
from picamera.debian_root import INSIDE, SUITE, VENV, VIRTUAL, DebianRoot, check_tools
from picamera.service import Service, lay_out
from wheels import ROOT, build_wheel

_FILM = "examples/cards.mp4"
_FULL = [(1920, 1080), (320, 180)]  # what is asked of a camera
_PYTEST = "python -X faulthandler -m pytest -q -p no:cacheprovider --import-mode=importlib"
_FOLDER = "/srv/picamera"


def lay_files(root: DebianRoot, wheel: Path) -> None:
    """The checks and what they look at, in the root."""
    shutil.rmtree(root.home, ignore_errors=True)
    for part in ("picamera/inside", "edge/picamera2_behaviour.py"):
        there = root.home / "tests" / part
        there.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copy if part.endswith(".py") else shutil.copytree)(ROOT / "tests" / part, there)
    shutil.copy(ROOT / _FILM, root.home)
    half = np.full((720, 1280), 30, np.uint8)
    half[:, 640:] = 200
    cv2.imwrite(str(root.home / "half.jpg"), half)
    (root.home / "film").mkdir()
    film, count = cv2.VideoCapture(str(ROOT / _FILM)), 0
    while (frame := film.read()[1]) is not None:
        cv2.imwrite(str(root.home / "film" / f"{count}.jpg"), frame)
        count += 1
    root.install(wheel)


def show_one(root: DebianRoot, name: str) -> None:
    """The Pi's camera, with the sizes that are asked of it."""
    root.list_cameras({PI: (_FULL, f'frames:\n    path: "{_FOLDER}/{name}"')})


def behaviour(root: DebianRoot, log: Log) -> None:
    """picamera2 as the stand-in, and our own way to it."""
    half = f'frames:\n    path: "{_FOLDER}/half.jpg"'
    root.list_cameras({USB: ([(640, 360)], 'test_pattern: "lines"'), PI: ([(1280, 720)], half)})
    for name in ("test_behaviour", "test_camera"):
        done = root.run_virtual(*_PYTEST.split(), "-W", "ignore", f"{INSIDE}/{name}.py")
        log.step(f"pytest {name}.py", done, shown=2)


def film(root: DebianRoot, log: Log) -> set[str]:
    """The names of the film, from the file and from the camera."""
    show_one(root, "film")
    read = root.run_virtual("hwr-edge", "camera", "--source", f"{_FOLDER}/cards.mp4")
    log.step(f"hwr-edge camera --source {_FILM}", read, shown=9)
    names = {line.partition("\t")[0] for line in read.stdout.splitlines()}
    source = ["camera", "--source", "pi"]
    command = [f"{VENV}/bin/hwr-edge", *source]
    seen = root.run_virtual("python", f"{INSIDE}/until.py", *sorted(names), "--", *command)
    log.step(f"hwr-edge {' '.join(source)}, the film before it", seen, shown=9)
    return names


def no_permission(root: DebianRoot, log: Log) -> None:
    """A user without the group video, whom the system keeps from the memory for images."""
    heap = root.folder / "dev" / "dma_heap" / "linux,cma"
    heap.parent.mkdir(exist_ok=True)
    heap.touch(0o600)
    line = f"setpriv --reuid=nobody --clear-groups {VENV}/bin/hwr-edge camera --source pi"
    has = [f"{name}={value}" for name, value in VIRTUAL.items()]
    done = root.run("env", *has, "sh", "-c", line)
    heap.unlink()
    told = done.stdout.splitlines()
    right = done.returncode == 1 and len(told) == 1 and "usermod -aG video" in told[0]
    log.check("no permission: one line that names the group video", right, done.stdout)


def main() -> int:
    """Everything; 0 where all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv-picamera")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--losses", type=int, default=100)
    given = parser.parse_args()
    check_tools()
    root, log, began = DebianRoot(given.folder.resolve() / "root"), Log(), time.monotonic()
    root.make()
    lay_files(root, build_wheel(given.folder.resolve() / "wheel"))
    versions = "python3-libcamera", "systemd"
    query = ["dpkg-query", "--show", "--showformat=${Package} ${Version}, ", *versions]
    log.say(
        f"Debian {SUITE}: {root.run(*query).stdout}picamera2 0.3.38; {machine_name()}; {platform.system()}"
    )
    behaviour(root, log)
    names = film(root, log)
    no_permission(root, log)
    lay_out(root)
    with Container(root.folder) as container:
        Service(root, container, log).all(names)
    show_one(root, "half.jpg")
    losses = "python", "-X", "faulthandler", f"{INSIDE}/losses.py", str(given.losses)
    log.step(f"losses.py {given.losses}", root.run_virtual(*losses, seconds=3600))
    log.say(f"{'FAILED' if log.failed else 'passed'} in {(time.monotonic() - began) / 60:.0f} min")
    log.keep(given.log)
    return int(log.failed)


if __name__ == "__main__":
    sys.exit(main())
