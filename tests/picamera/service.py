"""What the documents say of the camera's service, looked at under systemd."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hwr_edge.camera.pi import _WAIT
from kept_log import Log
from picamera.container import Container
from picamera.debian_root import INSIDE, VIRTUAL, DebianRoot
from wheels import ROOT

_UNIT, _PROBE = "hwr-edge-camera", "hwr-edge-probe"
_DOCS = ROOT / "docs" / f"{_UNIT}.service"
_UNITS = "etc/systemd/system"
_NAMES = "var/lib/hwr-edge/names.csv"
_STATE = ("ActiveState", "SubState", "Result", "NRestarts", "MainPID")
_ALLOWED = ("its own folder", "this machine's address")  # what a probe in the sandbox can do
_PYTHON = "/opt/hwr-edge/bin/python"


def lay_out(root: DebianRoot) -> None:
    """The unit as the documents install it, and a probe in the same sandbox."""
    if root.run("id", "hwr-edge").returncode:
        root.run("useradd", "--system", "--groups", "video", "hwr-edge")
    shutil.rmtree(root.folder / "var/lib/hwr-edge", ignore_errors=True)
    shutil.rmtree(root.folder / "var/log/journal", ignore_errors=True)
    units = root.folder / _UNITS
    for unit in (_UNIT, _PROBE):
        shutil.copy(_DOCS, units / f"{unit}.service")
        more = units / f"{unit}.service.d"
        more.mkdir(exist_ok=True)
        has = " ".join(f'"{name}={value}"' for name, value in VIRTUAL.items())
        (more / "virtual.conf").write_text(f"[Service]\nEnvironment={has}\n", encoding="ascii")
    probe = f"ExecStart=\nExecStart={_PYTHON} {INSIDE}/probe.py"
    (units / f"{_PROBE}.service.d" / "probe.conf").write_text(
        f"[Service]\nType=oneshot\n{probe}\nRestart=no\nWatchdogSec=0\n", encoding="ascii"
    )


class Service:
    """The checks, one after the other, in a booted container."""

    def __init__(self, root: DebianRoot, container: Container, log: Log) -> None:
        self._root, self._inside, self._log = root, container, log

    def all(self, names: set[str]) -> None:
        """Everything; `names` are those of the film that the camera shows."""
        self._verified()
        self._started(names)
        self._restarted("killed", lambda: self._signal("KILL"), "status=9/KILL")
        self._restarted("stopped where it stands", lambda: self._signal("STOP"), "Watchdog timeout")
        for fault in ("hang", "lose"):
            self._found_again(fault)
        self._held()
        self._stopped()
        self._sandboxed()

    def _verified(self) -> None:
        done = self._inside.run("systemd-analyze", "verify", f"/{_UNITS}/{_UNIT}.service")
        self._log.step(f"systemd-analyze verify {_UNIT}.service", done)
        self._log.check("nothing to complain of", not done.stdout.strip(), done.stdout)
        done = self._inside.run("systemd-analyze", "security", f"{_UNIT}.service", "--no-pager")
        self._log.step(f"systemd-analyze security {_UNIT}", done, shown=1)

    def _started(self, names: set[str]) -> None:
        done = self._inside.run("systemctl", "enable", "--now", _UNIT)
        self._log.step(f"systemctl enable --now {_UNIT}", done)
        state = self._inside.show(_UNIT, "ActiveState", "StatusText", "NotifyAccess")
        self._log.check(
            "is ready as soon as it gives frames", state["ActiveState"] == "active", str(state)
        )
        self._log.check(
            "names of the film come in the journal and in the file",
            self._until_read(names),
            str(self._read()),
        )
        folder, file = self._root.folder / "var/lib/hwr-edge", self._root.folder / _NAMES
        modes = oct(folder.stat().st_mode & 0o777), oct(file.stat().st_mode & 0o777)
        self._log.check("only its user may read them", modes == ("0o700", "0o600"), str(modes))
        strange = [line for line in self._inside.journal(_UNIT) if not self._known(line)]
        self._log.check("nothing of libcamera's in the journal", not strange, "\n".join(strange))

    def _known(self, line: str) -> bool:
        ours = line.startswith(("hwr-edge: ", "{", "Star", "Stop", f"{_UNIT}.service: "))
        return ours or line.startswith("the Pi camera: ")

    def _read(self) -> set[str]:
        """Names that are in the journal and in the file."""
        rows = [json.loads(line) for line in self._inside.journal(_UNIT) if line.startswith("{")]
        file = self._root.folder / _NAMES
        kept = file.read_text(encoding="utf-8") if file.exists() else ""
        return {row["text"] for row in rows if row["text"] in kept}

    def _until_read(self, names: set[str]) -> bool:
        return self._inside.until(lambda: names <= self._read())

    def _signal(self, name: str) -> None:
        self._inside.run("systemctl", "kill", "--kill-whom=main", f"--signal={name}", _UNIT)

    def _restarted(self, what: str, harm: Callable[[], None], why: str) -> None:
        """It is active again in another process, and reads names; the journal says why."""
        before, cursor = self._inside.show(_UNIT, "MainPID", "NRestarts"), self._inside.cursor()
        harm()

        def anew() -> bool:
            now = self._inside.show(_UNIT, "MainPID", "NRestarts", "ActiveState")
            other = now["MainPID"] != before["MainPID"] and now["ActiveState"] == "active"
            return other and int(now["NRestarts"]) == int(before["NRestarts"]) + 1

        again = self._inside.until(anew)
        self._log.check(f"{what}: started anew", again, str(self._inside.show(_UNIT, *_STATE)))
        said = self._inside.journal(_UNIT, cursor)
        self._log.check(
            f"{what}: the journal says {why!r}", any(why in line for line in said), "\n".join(said)
        )
        self._reads(what)

    def _reads(self, what: str) -> None:
        cursor = self._inside.cursor()
        more = self._inside.until(
            lambda: any(line.startswith("{") for line in self._inside.journal(_UNIT, cursor))
        )
        self._log.check(f"{what}: names come again", more, "none came")

    @contextmanager
    def _fault(self, *names: str) -> Iterator[None]:
        files = [f"/run/camera-faults/{name}" for name in names]
        self._inside.run("mkdir", "-p", "/run/camera-faults")
        self._inside.run("touch", *files)
        try:
            yield
        finally:
            self._inside.run("rm", *files)

    def _says(self, cursor: str, what: str) -> bool:
        return self._inside.until(
            lambda: any(what in line for line in self._inside.journal(_UNIT, cursor))
        )

    def _found_again(self, fault: str) -> None:
        """A camera that is recovered without a new process."""
        what = {"hang": "a camera that hangs", "lose": "a camera that loses requests"}[fault]
        before, cursor = self._inside.show(_UNIT, "MainPID"), self._inside.cursor()
        lost = f"sent no frame for {_WAIT:g} seconds; reconnecting until it is back"
        with self._fault(fault):
            self._log.check(f"{what}: the journal says so", self._says(cursor, lost), "it does not")
        self._log.check(
            f"{what}: is back", self._says(cursor, "the Pi camera: is back"), "it is not"
        )
        same = self._inside.show(_UNIT, "MainPID") == before
        self._log.check(f"{what}: in the same process", same, "in another")
        self._reads(what)

    def _held(self) -> None:
        """A camera that never stops: only a new process helps."""
        what = "a camera that cannot be given back"
        before, cursor = self._inside.show(_UNIT, "MainPID"), self._inside.cursor()
        with self._fault("hang", "stuck"):
            left = self._says(cursor, "restart hwr-edge")
            self._log.check(
                f"{what}: the program ends and says so",
                left,
                "\n".join(self._inside.journal(_UNIT, cursor)),
            )
            gone = self._inside.until(lambda: self._inside.show(_UNIT, "MainPID") != before)
            self._log.check(f"{what}: its process is gone", gone, str(before))
        active = self._inside.until(
            lambda: self._inside.show(_UNIT, "ActiveState")["ActiveState"] == "active"
        )
        self._log.check(f"{what}: started anew", active, str(self._inside.show(_UNIT, *_STATE)))
        self._reads(what)

    def _stopped(self) -> None:
        self._log.step(f"systemctl stop {_UNIT}", self._inside.run("systemctl", "stop", _UNIT))
        state = self._inside.show(_UNIT, "ActiveState", "Result", "ExecMainStatus")
        wanted = {"ActiveState": "inactive", "Result": "success", "ExecMainStatus": "143"}
        self._log.check("stopped in good order", state == wanted, str(state))
        rows = (self._root.folder / _NAMES).read_text(encoding="utf-8").splitlines()
        width = {line.count(",") for line in rows}
        self._log.check(
            f"each of {len(rows)} rows in the file is whole", len(width) == 1, str(rows[-3:])
        )

    def _sandboxed(self) -> None:
        """What a probe can do in the unit's sandbox, and as the same user without it."""
        for line in (
            "mkdir -p /srv/open && chmod 1777 /srv/open",
            "echo x > /home/open.txt; echo x > /tmp/open.txt",
            "ip link set lo up; ip address add 10.99.0.1/32 dev lo",
        ):
            self._inside.run("sh", "-c", line)
        free = self._inside.run(
            *f"systemd-run --quiet --wait --pipe --uid=hwr-edge {_PYTHON} {INSIDE}/probe.py".split()
        )
        self._inside.run("systemctl", "start", _PROBE)
        within = [line for line in self._inside.journal(_PROBE) if ": " in line]
        found = dict(line.split(": ", 1) for line in within)
        self._log.say("without the sandbox:\n" + free.stdout.strip())
        for line in free.stdout.splitlines():
            what, _, could = line.partition(": ")
            if could == "allowed":
                wanted = "allowed" if what in _ALLOWED else "refused"
                self._log.check(
                    f"within, {what}: {wanted}", found.get(what, "").startswith(wanted), str(found)
                )
        status = [
            line for line in self._inside.journal(_PROBE) if line.startswith(("CapBnd", "NoNew"))
        ]
        right = {"CapBnd: 0000000000000000", "NoNewPrivs: 1"}
        self._log.check(f"within: {'; '.join(sorted(right))}", set(status) == right, str(status))
