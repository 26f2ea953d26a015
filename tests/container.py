"""The Dockerfile's steps in Debian roots, where there is no container engine: python -m container [--arm64]

Each stage begins as a copy of a Debian root that has Python, in the place of the image that FROM names. Its RUN lines
are run there as they stand, files are copied as COPY and .dockerignore say, and at the end the container's own command
runs as its user, with all but its volume and /tmp read-only, until its health check passes and it has read an image.
With --arm64 the roots are for that processor, run by qemu-user. Needs root and debootstrap.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from arm64.debian_root import PROCESSOR, DebianRoot, check_tools

ROOT = Path(__file__).resolve().parents[1]
SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
_PACKAGES = "python3,python3-venv,ca-certificates"
_HEALTHY = 60.0  # seconds until the health check must pass
_EMULATED = 10.0  # times as long, where the processor is emulated
_EXAMPLE, _TOKEN = "examples/manon.png", "a-secret-of-the-test"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_READ_ONLY = """set -e
mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"
mount --bind "$1$2" "$1$2"; mount -t tmpfs tmpfs "$1/tmp"
if [ -e "$1/srv/cpuinfo" ]; then mount --bind "$1/srv/cpuinfo" "$1/proc/cpuinfo"; fi
mount -o remount,bind,ro "$1"
root=$1; shift 2
exec chroot "$@"
"""


class Step(NamedTuple):
    """An instruction, and what follows it."""

    name: str
    rest: str


def steps(dockerfile: str) -> list[Step]:
    """The instructions of a Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", dockerfile))
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip()]
    return [Step(name.upper(), rest.strip()) for name, rest in lines]


def taken(context: Path, ignore: str) -> Iterator[Path]:
    """The files that are sent to the build, relative to its context; the last rule that fits counts."""
    rules = [line for line in ignore.splitlines() if line and not line.startswith("#")]
    tops = [one for one in sorted(context.iterdir()) if not one.name.startswith((".git", ".venv"))]
    for path in [one for top in tops for one in (top, *sorted(top.rglob("*"))) if one.is_file()]:
        own = path.relative_to(context)
        kept = True
        for rule in rules:
            pattern = rule.removeprefix("!").removeprefix("**/")
            tried = [own, *own.parents]
            names = [one.name for one in tried] if "**/" in rule else [str(one) for one in tried]
            if any(fnmatch(name, pattern) for name in names):
                kept = rule.startswith("!")
        if kept:
            yield own


class Stage:
    """A root that a FROM begins."""

    def __init__(self, root: Path) -> None:
        self.root, self.place = root, "/"
        self.environment = {"PATH": _PATH, "HOME": "/", "LANG": "C.UTF-8"}
        self.user, self.volume, self.check = "0", "", list[str]()
        self.entrypoint, self.cmd = list[str](), list[str]()

    def run(self, *command: str, user: str = "0", quiet: bool = False) -> subprocess.Popen[bytes]:
        """Begin a program inside, as a user."""
        own = {k: v for k, v in os.environ.items() if k.startswith("PIP_")} | self.environment
        inside = ["env", "-C", self.place, *command]
        return subprocess.Popen(
            ["chroot", f"--userspec={user}:{user}", str(self.root), *inside],
            env=own,
            stderr=subprocess.DEVNULL if quiet else None,
        )

    def take(self, step: Step, files: list[Path], stages: dict[str, Stage]) -> None:
        """Carry out an instruction; SystemExit where it fails."""
        if step.name == "RUN":
            if self.run("/bin/sh", "-c", step.rest, user=self.user).wait():
                sys.exit(f"RUN {step.rest}: failed")
        elif step.name == "COPY":
            self._copy(shlex.split(step.rest), files, stages)
        elif step.name == "WORKDIR":
            self.place = step.rest
            self._at(step.rest).mkdir(parents=True, exist_ok=True)
        elif step.name == "ENV":
            pairs = [pair.split("=", 1) for pair in shlex.split(step.rest)]
            self.environment |= {key: value.replace("$PATH", self.environment["PATH"]) for key, value in pairs}  # fmt: skip
        elif step.name == "HEALTHCHECK":
            self.check = json.loads(step.rest.partition("CMD")[2])
        elif step.name in ("USER", "VOLUME"):
            setattr(self, step.name.lower(), step.rest)
        elif step.name in ("ENTRYPOINT", "CMD"):
            setattr(self, step.name.lower(), json.loads(step.rest))

    def _at(self, path: str) -> Path:
        return self.root / (Path(self.place) / path).relative_to("/")

    def _copy(self, said: list[str], files: list[Path], stages: dict[str, Stage]) -> None:
        if said[0].startswith("--from="):
            other = stages[said[0].removeprefix("--from=")]
            shutil.copytree(other.root / said[1].lstrip("/"), self._at(said[2]), symlinks=True)
            return
        *sources, target = said
        for source in sources:
            found = [one for one in files if Path(source) in (one, *one.parents)]
            if not found:
                sys.exit(f"COPY {source}: nothing is sent to the build")
            for one in found:
                below = one.relative_to(source) if one != Path(source) else Path(one.name)
                goal = self._at(target) / below
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / one, goal)


def debian(folder: Path, arm64: bool) -> Path:
    """A Debian root with Python, kept in the folder for the next time."""
    base = folder / ("debian-arm64" if arm64 else "debian")
    if arm64:
        check_tools()
        DebianRoot(base).make()
    elif not (base / "made").exists():
        shutil.rmtree(base, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        made = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", SUITE, str(base), MIRROR]  # fmt: skip
        if subprocess.run(made, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit("no Debian root: debootstrap failed")
        (base / "made").touch()
    python = base / "usr/local/bin/python"
    if not python.is_symlink():
        python.symlink_to("/usr/bin/python3")
    return base


def build(folder: Path, base: Path, environment: dict[str, str]) -> Stage:
    """The last stage, built on a copy of a Debian root, with an environment beside the Dockerfile's own."""
    files = list(taken(ROOT, (ROOT / ".dockerignore").read_text("utf-8")))
    stages: dict[str, Stage] = {}
    stage = Stage(base)
    for step in steps((ROOT / "Dockerfile").read_text("utf-8")):
        print(f"{step.name} {step.rest}", flush=True)
        if step.name == "FROM":
            image, *named = step.rest.split()
            stage = stages[named[-1] if named else image] = Stage(folder / f"stage{len(stages)}")
            stage.environment |= environment
            shutil.rmtree(stage.root, ignore_errors=True)
            subprocess.run(["cp", "-a", base, stage.root], check=True)
            for own in ("etc/resolv.conf", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt"):
                if Path("/", own).is_file():  # this machine's way to the registry
                    shutil.copy(Path("/", own), stage.root / own)
        else:
            stage.take(step, files, stages)
    return stage


def read_example() -> str:
    """What the running desk reads in an example, asked for as docs/api.md does."""
    asked = ["curl", "-sS", "-H", f"Authorization: Bearer {_TOKEN}", "-F", f"file=@{ROOT / _EXAMPLE}"]  # fmt: skip
    address = "http://127.0.0.1:8482/api/read"
    done = subprocess.run([*asked, address], capture_output=True, text=True, check=True)
    return ", ".join(row["text"] for row in json.loads(done.stdout)["rows"])


def serve(stage: Stage, longest: float) -> str:
    """Run the container's command as compose.yaml does, read-only, until it is healthy; how long that took."""
    enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _READ_ONLY, "sh"]
    inside = [f"--userspec={stage.user}:{stage.user}", str(stage.root), "env", "-C", stage.place]
    begin = time.monotonic()
    with subprocess.Popen(
        [*enter, str(stage.root), stage.volume, *inside, *stage.entrypoint, *stage.cmd],
        env={**stage.environment, "HWR_EDGE_TOKEN": _TOKEN},
    ) as process:
        try:
            while stage.run(*stage.check, user=stage.user, quiet=True).wait():
                if process.poll() is not None or time.monotonic() - begin > longest:
                    sys.exit("the desk is not healthy")
                time.sleep(0.5)
            healthy = time.monotonic() - begin
            read = read_example()
        finally:
            subprocess.run(["pkill", "-TERM", "-P", str(process.pid)], check=False)
            status = process.wait(30)
    owners = {path.stat().st_uid for path in (stage.root / stage.volume.lstrip("/")).rglob("*")}
    return (
        f"healthy after {healthy:.1f} s, read {read} in {_EXAMPLE}, ended with status {status}, "
        f"its files are of user {owners}"
    )


def main() -> None:
    """Build it, run it, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv-container")
    parser.add_argument("--arm64", action="store_true", help="needs qemu-user-static, too")
    asked = parser.parse_args()
    if os.geteuid() or not shutil.which("debootstrap"):
        sys.exit("needs root and debootstrap: sudo apt-get install debootstrap")
    base = debian(asked.folder.absolute(), asked.arm64)
    stage = build(asked.folder.absolute(), base, {"QEMU_CPU": PROCESSOR} if asked.arm64 else {})
    sizes = subprocess.run(
        ["du", "-sm", str(stage.root / "opt/hwr-edge"), str(base)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    own, whole = (int(line.split()[0]) for line in sizes.stdout.splitlines())
    said = serve(stage, _HEALTHY * (_EMULATED if asked.arm64 else 1))
    print(f"{own} MB beside the base of {whole} MB; {said}")


if __name__ == "__main__":
    main()
