"""Debian trixie in a folder, with libcamera, picamera2 and systemd; made once and kept.

No part of a camera is needed: libcamera's virtual camera shows images. `inside/pykms.py` says what it lacks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUITE, MIRROR = "trixie", "http://deb.debian.org/debian"
_BASE = "ca-certificates,python3,python3-venv,python3-numpy"
_PACKAGES = (
    "python3-libcamera libcamera-ipa python3-prctl python3-pil python3-piexif python3-av python3-libarchive-c "
    "python3-tqdm python3-jsonschema gcc libc6-dev python3-dev systemd systemd-sysv udev dbus iproute2"
).split()
_PICAMERA2 = ("picamera2==0.3.38", "simplejpeg", "videodev2", "PiDNG")
_NEEDED = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "unshare": "util-linux",
    "ip": "iproute2",
}
_HOME = Path("srv/picamera")  # in the root: what the checks need
VENV = "/opt/hwr-edge"
INSIDE = f"/{_HOME}/tests/picamera/inside"
_LIST = Path("usr/share/libcamera/pipeline/virtual/virtual.yaml")
_CAMERA = """"{name}":
  supported_formats:
{formats}  {shows}
  location: CameraLocationFront
  model: "Virtual"
"""
_FORMAT = "  - width: {}\n    height: {}\n    frame_rates:\n    - 15\n    - 15\n"
_ENTER = """set -e
$NETWORK
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/tmp"
mount -t tmpfs tmpfs "$1/run"
root=$1; shift
exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
"""
VIRTUAL = {
    "PYTHONPATH": f"{INSIDE}:/{_HOME}/tests",
    # libcamera 0.4.0 leaves a frame's status unset: a reopened camera would give cancelled requests.
    "GLIBC_TUNABLES": "glibc.malloc.perturb=255:glibc.malloc.tcache_count=0",
}
"""Environment of a program that is to have the virtual camera."""


def check_tools() -> None:
    """End with one line where something is missing that the root needs."""
    missing = [package for tool, package in _NEEDED.items() if not shutil.which(tool)]
    if missing:
        sys.exit(f"make test-picamera needs more: sudo apt-get install {' '.join(missing)}")
    if os.geteuid():
        sys.exit("make test-picamera must run as root: it makes a Debian root and enters it")


class DebianRoot:
    """The root in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / _HOME

    def make(self) -> None:
        """Make it where it is not there yet, which takes minutes."""
        made, recipe = self.folder / "srv" / "made", " ".join([_BASE, *_PACKAGES])
        if made.exists() and made.read_text(encoding="ascii") == recipe:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        options = ["--variant=minbase", f"--include={_BASE}"]
        _do("debootstrap", *options, SUITE, str(self.folder), MIRROR)
        self._share_network()
        self._install("apt-get", "update")
        quiet = "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
        self._install(*quiet.split(), *_PACKAGES)
        made.write_text(recipe, encoding="ascii")

    def install(self, wheel: Path) -> None:
        """The program as docs/camera.md has it, and picamera2, which a Pi's own system brings."""
        self._share_network()
        shutil.copy(wheel, self.home)
        self._install("python3", "-m", "venv", "--clear", "--system-site-packages", VENV)
        pip = f"{VENV}/bin/pip", "install", "--quiet"
        self._install(*pip, f"/{_HOME}/{wheel.name}[web]", "pytest")
        self._install(*pip, "--no-deps", *_PICAMERA2)

    def _share_network(self) -> None:
        """This machine's name servers, and whom it trusts: it may have a proxy of its own."""
        for file in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
            if Path("/", file).exists():
                shutil.copy(Path("/", file), self.folder / file)

    def _install(self, *command: str) -> None:
        done = self.run(*command, network=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")

    def run(
        self, *command: str, network: bool = False, seconds: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program inside, alone with its processes; whether it failed is not judged."""
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        enter += [] if network else ["--net"]
        script = _ENTER.replace("$NETWORK", "" if network else "ip link set lo up")
        enter += ["sh", "-c", script, "sh", str(self.folder), *command]
        return subprocess.run(
            enter,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )

    def run_virtual(self, *command: str, seconds: float = 900) -> subprocess.CompletedProcess[str]:
        """The same with the virtual camera, by the program's own Python environment."""
        has = [f"{name}={value}" for name, value in VIRTUAL.items()]
        return self.run("env", *has, f"{VENV}/bin/{command[0]}", *command[1:], seconds=seconds)

    def list_cameras(self, cameras: dict[str, tuple[list[tuple[int, int]], str]]) -> None:
        """What libcamera lists: by name, the sizes, and the images or `test_pattern: "lines"`."""
        text = ""
        for name, (sizes, shows) in cameras.items():
            formats = "".join(_FORMAT.format(*size) for size in sizes)
            text += _CAMERA.format(name=name, formats=formats, shows=shows)
        (self.folder / _LIST).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / _LIST).write_text(text, encoding="ascii")


def _do(*command: str) -> None:
    alone = ["unshare", "--mount", *command]  # what it mounts is gone with it
    if subprocess.run(alone, stdout=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"no Debian root: {' '.join(command)} failed")
