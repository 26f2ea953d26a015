"""The Dockerfile and compose.yaml, as far as that goes without a container engine (`make test-container` goes farther)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from container import ROOT, steps, taken

DOCKERFILE = steps((ROOT / "Dockerfile").read_text("utf-8"))
FILES = set(taken(ROOT, (ROOT / ".dockerignore").read_text("utf-8")))
_HADOLINT = shutil.which("hadolint") or shutil.which("hadolint", path=Path(sys.executable).parent)


def all_of(name: str) -> list[str]:
    return [step.rest for step in DOCKERFILE if step.name == name]


@pytest.mark.skipif(_HADOLINT is None, reason="needs hadolint")
def test_hadolint_finds_nothing() -> None:
    assert _HADOLINT
    done = subprocess.run([_HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_all_that_the_wheel_is_made_of_is_sent_and_copied_and_nothing_else() -> None:
    from hwr_edge import __version__

    assert __version__
    sources = [one for rest in all_of("COPY") if "--from" not in rest for one in rest.split()[:-1]]
    copied = {one for one in FILES if any(Path(s) in (one, *one.parents) for s in sources)}
    assert copied == FILES
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    named = re.findall(r'^"(models/[^"]+)" = ', project, re.MULTILINE) + ["README.md", "LICENSE"]
    assert len(named) > 3
    assert {Path(one) for one in named} <= copied
    package = {p.relative_to(ROOT) for p in (ROOT / "edge").rglob("*") if p.is_file()}
    assert {one for one in package if "__pycache__" not in one.parts} <= copied
    assert not [one for one in copied if "__pycache__" in one.parts or one.parts[0] == "tests"]


def test_it_runs_as_nobody_in_particular_and_asks_for_its_own_health() -> None:
    from hwr_edge.commands.desk import PORT

    assert all_of("USER") == ["10001"]
    assert f"--uid {all_of('USER')[0]} " in " ".join(all_of("RUN"))
    assert all_of("EXPOSE") == [str(PORT)]
    (check,) = all_of("HEALTHCHECK")
    assert f"http://127.0.0.1:{PORT}/api/health" in check
    compile(json.loads(check.partition("CMD")[2])[2], "check", "exec")


def test_compose_keeps_to_this_machine_and_gives_no_rights() -> None:
    yaml = pytest.importorskip("yaml")
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert set(found) == {"services", "volumes"}
    for service in found["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source in found["volumes"] or (ROOT / source).is_dir() or source.startswith("$")
    desk = found["services"]["desk"]
    assert desk["read_only"]
    assert desk["cap_drop"] == ["ALL"]
    assert desk["command"][: len(json.loads(all_of("CMD")[0]))] == json.loads(all_of("CMD")[0])


def test_rules_of_what_is_sent(tmp_path: Path) -> None:
    for name in ("a.txt", "b/c.py", "b/__pycache__/c.pyc", "d/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    found = taken(tmp_path, "# all but\n*\n!b\n!a.txt\n**/__pycache__\n")
    assert [str(one) for one in found] == ["a.txt", "b/c.py"]


def test_steps_of_several_lines_and_comments() -> None:
    assert steps("# one\nRUN a \\\n    && b\n\nUSER x\n") == [("RUN", "a      && b"), ("USER", "x")]
