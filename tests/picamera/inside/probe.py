"""Tries what a service should not be able to do, and prints what it could: run with the sandbox and without."""

from __future__ import annotations

import ctypes
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

_OWN = Path("/var/lib/hwr-edge")
_libc = ctypes.CDLL(None, use_errno=True)


def _write(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")


def _send(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", (address, 9))


def _call(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _set_user_id_bit() -> None:
    with tempfile.NamedTemporaryFile(dir=_OWN) as file:
        Path(file.name).chmod(0o4755)


TRIED: dict[str, Callable[[], object]] = {
    "its own folder": lambda: _write(_OWN),
    "this machine's address": lambda: _send("127.0.0.1"),
    "another address": lambda: _send("10.99.0.1"),
    "a folder open to all": lambda: _write(Path("/srv/open")),
    "a file in /home": lambda: Path("/home/open.txt").read_bytes(),
    "another's file in /tmp": lambda: Path("/tmp/open.txt").read_bytes(),
    "a device open to all": lambda: os.close(os.open("/dev/net/tun", os.O_RDWR)),
    "other users' processes": lambda: Path("/proc/1/status").read_bytes(),
    "a namespace": lambda: _call(_libc.unshare(0x10000000)),
    "a netlink-less socket family": lambda: socket.socket(38, socket.SOCK_SEQPACKET, 0).close(),
    "a file with the set-user-ID bit": _set_user_id_bit,
    "another personality": lambda: _call(_libc.personality(0x0040000)),
    "a system call of administrators": lambda: os.chroot("/"),
}


def main() -> None:
    for what, attempt in TRIED.items():
        try:
            attempt()
        except OSError as error:
            print(f"{what}: refused ({error.strerror})")
        else:
            print(f"{what}: allowed")
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(("CapBnd", "NoNewPrivs", "Seccomp:")):
            print(" ".join(line.split()))


if __name__ == "__main__":
    main()
