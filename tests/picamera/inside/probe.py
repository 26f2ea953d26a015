"""Tries what a service should not be able to do, and prints what it could: run with the sandbox and without."""

from __future__ import annotations

import ctypes
import os
import signal
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
    "a socket to the host": lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close(),
    "a file with the set-user-ID bit": _set_user_id_bit,
    "another personality": lambda: _call(_libc.personality(0x0040000)),
    "setting its user ID": lambda: os.setuid(os.getuid()),
}


def _alone(attempt: Callable[[], object]) -> str:
    """What comes of it in a process of its own, which the kernel may kill for it."""
    read, write = os.pipe()
    if not os.fork():
        try:
            attempt()
            os.write(write, b"allowed")
        except OSError as error:
            os.write(write, f"refused ({error.strerror})".encode())
        os._exit(0)
    os.close(write)
    _, status = os.wait()
    with os.fdopen(read, "rb") as said:
        found = said.read().decode()
    return f"refused (killed by {signal.Signals(status).name})" if status else found


def main() -> None:
    """One line for each attempt, and what the kernel says of this process."""
    for what, attempt in TRIED.items():
        print(f"{what}: {_alone(attempt)}", flush=True)
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(("CapBnd", "NoNewPrivs")):
            print(" ".join(line.split()))


if __name__ == "__main__":
    main()
