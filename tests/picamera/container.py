"""systemd as the first process of the Debian root, by systemd-nspawn."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

# A mount namespace of its own: nspawn needs cgroup version 2 and a /run that it may write to.
_BOOT = """set -e
mount --make-rprivate /
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
exec systemd-nspawn --quiet --register=no --keep-unit --private-network --capability=all --system-call-filter=bpf --console=pipe --boot --directory="$1"
"""
_PATIENCE = 120  # seconds for what must happen some time
_ENVIRONMENT = ("env", "-i", "LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")


class Container:
    """A context manager: booted inside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Container:
        command = [
            "unshare",
            "--mount",
            "--ipc",
            "--uts",
            "sh",
            "-c",
            _BOOT,
            "sh",
            str(self._folder),
        ]
        self._output = (self._folder.parent / "nspawn.txt").open("w+", encoding="utf-8")
        self._nspawn = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT
        )
        if not self.until(self._booted):
            self.__exit__(None, None, None)
            self._output.seek(0)
            sys.exit(f"systemd-nspawn did not boot:\n{self._output.read()}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._nspawn.send_signal(signal.SIGTERM)  # an orderly shutdown
        try:
            self._nspawn.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()

    def _booted(self) -> bool:
        if self._nspawn.poll() is not None:
            sys.exit(f"systemd-nspawn ended: {(self._folder.parent / 'nspawn.txt').read_text()}")
        number = self._nspawn.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        if not children:
            return False
        self._first = children[0]
        state = self.run("systemctl", "is-system-running").stdout.strip()
        return state in ("running", "degraded")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program inside; whether it failed is not judged."""
        enter = ["nsenter", "--target", self._first, "--mount", "--uts", "--ipc", "--net", "--pid"]
        return subprocess.run(
            [*enter, *_ENVIRONMENT, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )

    def show(self, unit: str, *names: str) -> dict[str, str]:
        """Properties of a unit."""
        lines = self.run("systemctl", "show", unit, f"--property={','.join(names)}").stdout
        return dict(line.split("=", 1) for line in lines.splitlines() if "=" in line)

    def journal(self, unit: str, since: str = "") -> list[str]:
        """What the unit's processes wrote, and what systemd says of it, after a cursor."""
        asked = ["journalctl", "--quiet", "--output=cat", f"--unit={unit}"]
        return self.run(*asked, *([f"--after-cursor={since}"] if since else [])).stdout.splitlines()

    def cursor(self) -> str:
        """Where the journal ends now."""
        lines = self.run("journalctl", "--quiet", "--lines=0", "--show-cursor").stdout
        return lines.rpartition("cursor: ")[2].strip()

    def until(self, holds: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
        """Whether something holds within that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            time.sleep(0.2)
        return False
