from __future__ import annotations

from pathlib import Path

import pytest

from hwr_edge.bulk.parts import Columns, Kind, cut, plan
from hwr_edge.bulk.places import Stored
from hwr_edge.errors import DataError


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 10)


def images(*sizes: int) -> list[Stored]:
    return [Stored(f"{k}.png", size, "") for k, size in enumerate(sizes)]


def test_a_folder_is_read_in_the_order_of_a_walk(tmp_path: Path) -> None:
    write(tmp_path, "b/2.png", "b/1.png", "z.png", "a/9.jpg", ".hidden.png", "notes.txt")
    found = plan([str(tmp_path)])
    (part,) = found.parts
    below = [name[len(str(tmp_path)) + 1 :] for name in part.names]
    assert below == ["z.png", "a/9.jpg", "b/1.png", "b/2.png"]
    assert part.size == found.size == 40
    assert "notes.txt" in found.notes[0]


def test_a_shard_is_a_part_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "1.png", "2.tar", "3.png")
    kinds = [(part.kind, part.name) for part in plan([str(tmp_path)]).parts]
    assert kinds == [
        (Kind.FILES, "part-000000"),
        (Kind.TAR, "part-000001"),
        (Kind.FILES, "part-000002"),
    ]


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [((1,) * 7, [3, 3, 1]), ((6, 6, 6), [1, 1, 1]), ((20, 1, 1), [1, 2]), ((), [])],
)
def test_parts_are_bounded(sizes: tuple[int, ...], lengths: list[int]) -> None:
    parts = cut(images(*sizes), Columns(), most_images=3, most_bytes=10)
    assert [len(part.names) for part in parts] == lengths


def test_the_digest_tells_other_inputs_from_the_same(tmp_path: Path) -> None:
    write(tmp_path, "1.png", "2.png")
    before = plan([str(tmp_path)]).digest
    assert plan([str(tmp_path)]).digest == before
    (tmp_path / "2.png").write_bytes(b"another image")
    changed = plan([str(tmp_path)]).digest
    write(tmp_path, "3.png")
    assert len({before, changed, plan([str(tmp_path)]).digest}) == 3


def test_the_output_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "1.png", "out/2.png")
    (part,) = plan([str(tmp_path)], str(tmp_path / "out")).parts
    assert part.names == (str(tmp_path / "1.png"),)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-"], "standard input"),
        (["nowhere.png"], "nowhere.png: cannot be read (it is not there)"),
        (["a.png", "a.png"], "a.png: is given twice"),
    ],
)
def test_what_can_never_be_meant_is_refused(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "a.png")
    with pytest.raises(DataError) as error:
        plan(arguments)
    assert told in str(error.value)
