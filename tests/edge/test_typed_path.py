from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from commands import run
from hwr_edge.typed_path import TypedPath


@pytest.mark.parametrize("text", ["./a.csv", "a//b.csv", "a/./b.csv", "../a.csv", "a.csv", "d/"])
def test_messages_show_the_text_and_all_else_is_the_path(text: str) -> None:
    typed = TypedPath(text)
    assert f"{typed}: wrong" == f"{text}: wrong"
    assert (typed, hash(typed), str(typed)) == (Path(text), hash(Path(text)), str(Path(text)))
    assert pickle.loads(pickle.dumps(typed)) == copy.copy(typed) == Path(text)


def test_paths_made_from_it_show_themselves() -> None:
    typed = TypedPath("./d/a.csv")
    assert f"{typed.with_name('b.csv')} {typed.parent / 'c'}" == "d/b.csv d/c"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--config", "./no", "info"),
        ("file", "./no"),
        ("file", "x.png", "--roster", "./no"),
        ("file", "x.png", "--form", "./no"),
        ("file", "x.png", "--model", "./no"),
        ("file", "x.png", "--name-model", "./no"),
        ("info", "--model", "./no"),
        ("review", "./no"),
        ("form", "new", "./no"),
        ("form", "edit", "./no"),
    ],
)
def test_errors_name_files_as_they_were_typed(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    if "edit" in arguments:
        pytest.importorskip("tomlkit")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode
    assert "hwr-edge: ./no: " in done.stderr
