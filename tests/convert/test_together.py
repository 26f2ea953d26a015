"""Files that get their names together: a kill at any step leaves what was there, once somebody comes next."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hwr_convert.together import named_together, put_back

BEFORE = {"a": b"old a", "b": b"old b"}
AFTER = {"a": b"new a", "b": b"new b", "c": b"new c"}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def put(folder: Path) -> None:
    with named_together(folder) as drafts:
        for name, data in AFTER.items():
            (drafts / name).write_bytes(data)


def killed_at(folder: Path, step: int) -> bool:
    """Put the files there in a process that ends at once before its step-th change of the disk; whether it did."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = [step]

    def counted(real: object) -> object:
        def call(*arguments: object, **more: object) -> object:
            if not left[0]:
                os._exit(9)
            left[0] -= 1
            return real(*arguments, **more)  # type: ignore[operator]

        return call

    for name in ("replace", "unlink", "mkdir", "rmdir", "fsync", "rename"):
        setattr(os, name, counted(getattr(os, name)))
    put(folder)
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_kill_at_any_step_leaves_all_of_the_old_or_all_of_the_new(tmp_path: Path) -> None:
    seen, step, killed = set(), 0, True
    while killed:
        folder = tmp_path / str(step)
        folder.mkdir()
        for name, data in BEFORE.items():
            (folder / name).write_bytes(data)
        killed = killed_at(folder, step)
        put_back(folder)
        found = content(folder)
        assert found in (BEFORE, AFTER), step
        assert not [path for path in folder.iterdir() if path.is_dir()]
        seen.add(len(found))
        step += 1
    assert seen == {2, 3}
    assert step > 15


def test_what_was_put_back_halfway_is_put_back_wholly(tmp_path: Path) -> None:
    """Who puts back may be killed too."""
    left = tmp_path / ".ship-x.part"
    (left / "before").mkdir(parents=True)
    (left / "before" / "b").write_bytes(b"old b")
    (left / "begun.json").write_text('{"names": ["a", "b", "c"], "there": ["a", "b"]}')
    for name, data in {"a": b"old a", "b": b"new b", "c": b"new c"}.items():
        (tmp_path / name).write_bytes(data)
    put_back(tmp_path)
    assert content(tmp_path) == BEFORE
