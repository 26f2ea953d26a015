"""Debian bookworm for arm64 in a folder, its programs run by qemu-user; made once and kept.

Inside there is no network. The processor is a Cortex-A72 (a Pi 4's), and /proc/cpuinfo and /sys say so:
without them LiteRT leaves XNNPACK off, and with the real ones of an x86-64 machine it hangs. qemu's
own choice of processor, `max`, computes XNNPACK's kernels wrongly in version 7.2 (right in 10.0).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
PACKAGES = ("python3", "python3-venv", "python3-numpy", "ca-certificates")
PROCESSOR, CORES = "cortex-a72", 4
_NEEDED = {
    "debootstrap": "debootstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "unshare": "util-linux",
    "ip": "iproute2",
}
_HANDLERS = Path("/proc/sys/fs/binfmt_misc")
_HANDLER = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
_CPUINFO = """processor\t: {core}
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3

"""
_ENTER = """set -e
ip link set lo up
mount -t proc proc "$1/proc"
mount --bind "$1/srv/cpuinfo" "$1/proc/cpuinfo"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/tmp"
root=$1; shift
exec chroot "$root" env -i HOME=/home/pi LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
"""


def check_tools() -> None:
    """End with one line where something is missing that the root needs."""
    missing = [package for tool, package in _NEEDED.items() if not shutil.which(tool)]
    if missing:
        sys.exit(f"make test-arm64 needs more: sudo apt-get install {' '.join(missing)}")
    if os.geteuid():
        sys.exit("make test-arm64 must run as root: it makes a Debian root and enters it")
    if not _HANDLERS.joinpath("register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", _HANDLERS], check=True)
    if not _HANDLERS.joinpath("qemu-aarch64").exists():  # what systemd-binfmt does where it runs
        _HANDLERS.joinpath("register").write_text(_HANDLER.read_text(encoding="ascii").strip())


class DebianRoot:
    """The root in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Make it where it is not there yet, which takes minutes."""
        made = self.folder / "srv" / "made"
        if not made.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            options = ["--arch=arm64", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
            first = ["debootstrap", "--foreign", *options, SUITE, str(self.folder), MIRROR]
            second = ["chroot", str(self.folder), "/debootstrap/debootstrap", "--second-stage"]
            for stage in (first, second):
                if subprocess.run(stage, stdout=subprocess.DEVNULL, check=False).returncode:
                    sys.exit(f"no Debian root: {' '.join(stage)} failed")
            made.touch()
        self._describe_processor()

    def _describe_processor(self) -> None:
        (self.folder / "home" / "pi").mkdir(exist_ok=True)
        cpus = self.folder / "sys" / "devices" / "system" / "cpu"
        cpus.mkdir(parents=True, exist_ok=True)
        for name in ("possible", "present", "online"):
            (cpus / name).write_text(f"0-{CORES - 1}\n", encoding="ascii")
        (cpus / "kernel_max").write_text(f"{CORES - 1}\n", encoding="ascii")
        text = "".join(_CPUINFO.format(core=k) for k in range(CORES))
        (self.folder / "srv" / "cpuinfo").write_text(text, encoding="ascii")

    def run(self, *command: str, processor: str = PROCESSOR) -> subprocess.CompletedProcess[str]:
        """Run a program inside; whether it failed is not judged.

        What it prints can be watched in `output.txt` beside the root.
        """
        enter = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
        enter += ["sh", "-c", _ENTER, "sh", str(self.folder), f"QEMU_CPU={processor}", *command]
        output = self.folder.parent / "output.txt"
        with output.open("w", encoding="utf-8") as file:
            done = subprocess.run(enter, stdout=file, stderr=subprocess.STDOUT, check=False)
        text = output.read_text(encoding="utf-8", errors="replace")
        return subprocess.CompletedProcess(command, done.returncode, text)
