from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bulk_archives import folder, names, setup, tar
from commands import run as hwr_edge
from fakes import calibrated_tiny
from hwr_edge.bulk.parts import plan
from hwr_edge.bulk.rows import Table
from hwr_edge.bulk.work import Worker
from hwr_edge.errors import DataError
from hwr_edge.results.roster_file import read_people


def read(tmp_path: Path, *inputs: Path, **options: Any) -> list[str]:
    """The lines of all rows that a worker writes."""
    out = tmp_path / "out"
    worker = Worker(setup(out, **options))
    for below in ("rows", "problems", "notes"):
        (out / below).mkdir(parents=True, exist_ok=True)
    for part in plan([str(one) for one in inputs]).parts:
        worker.read(part)
    return [line for path in sorted(out.glob("rows/*")) for line in path.read_text().splitlines()]


def by_file(*inputs: Path, options: tuple[str, ...] = ()) -> list[str]:
    """The lines that `hwr-edge file` prints."""
    return hwr_edge("file", *inputs, "--format", "jsonl", *options).stdout.splitlines()


def test_rows_of_a_folder_are_those_of_file_to_the_letter(tmp_path: Path) -> None:
    images = folder(tmp_path / "images", {**names(5), "broken.png": b"no image"})
    rows = read(tmp_path, images)
    assert rows == by_file(images)
    assert len(rows) == 5
    (problem,) = (tmp_path / "out/problems").iterdir()
    told = json.loads(problem.read_text())
    assert told["image"] == str(images / "broken.png")
    assert "not a JPEG" in told["message"]


def test_alternatives_and_the_decoder_are_those_of_file(tmp_path: Path) -> None:
    images = folder(tmp_path / "images", names(3))
    rows = read(tmp_path, images, decoder="greedy")
    assert rows == by_file(images, options=("--decoder", "greedy"))


def test_matches_of_a_roster_are_those_of_file(tmp_path: Path) -> None:
    images = folder(tmp_path / "images", names(4))
    model, roster = calibrated_tiny(tmp_path / "m.tflite"), tmp_path / "people.csv"
    roster.write_text("Name,Class\nAAAA,4b\nAAAC,5a\n")
    people = read_people(roster, ())
    asked = replace(
        setup(tmp_path / "out", model=model, roster=people.spelt(), accept=0.9, top=1),
        people=people,
        keep=("Class",),
    ).digested()
    for below in ("rows", "problems", "notes"):
        (tmp_path / "out" / below).mkdir(parents=True)
    (part,) = plan([str(images)]).parts
    Worker(asked).read(part)
    (found,) = (tmp_path / "out/rows").iterdir()
    options = ("--model", str(model), "--roster", str(roster), "--roster-keep", "Class")
    expected = by_file(images, options=(*options, "--accept", "0.9", "--top", "1"))
    assert found.read_text().splitlines() == expected
    assert '"match Class": "4b"' in expected[0]
    assert '"review": ' in expected[0]


def test_rows_of_a_shard_are_those_of_its_files(tmp_path: Path) -> None:
    files = names(5)
    shard = tar(tmp_path / "a.tar", files)
    images = folder(tmp_path / "images", files)
    found = [json.loads(line) for line in read(tmp_path, shard)]
    assert {row.pop("shard") for row in found} == {str(shard)}
    expected = [json.loads(line) for line in by_file(images)]
    assert found == [{**row, "image": Path(row["image"]).name} for row in expected]


def test_parquet_rows_have_the_same_values(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    images = folder(tmp_path / "images", names(4))
    out = tmp_path / "out"
    (part,) = plan([str(images)]).parts
    for below in ("rows", "problems", "notes"):
        (out / below).mkdir(parents=True)
    done = Worker(setup(out, Table.PARQUET)).read(part)
    rows = parquet.read_table(out / "rows").to_pylist()
    given = [{key: value for key, value in row.items() if value is not None} for row in rows]
    assert given == [json.loads(line) for line in by_file(images)]
    assert (done.images, done.rows, done.problems) == (4, 4, 0)


def test_images_in_a_parquet_file_are_read(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    files = names(5)
    cells = [{"bytes": data, "path": name} for name, data in files.items()]
    table = arrow.table({"image": [*cells, {"bytes": None, "path": "none.png"}]})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    found = [json.loads(line) for line in read(tmp_path, tmp_path / "a.parquet")]
    assert [row["image"] for row in found] == list(files)
    assert [row["text"] for row in found] == [name.removesuffix(".png") for name in files]
    (problem,) = (tmp_path / "out/problems").iterdir()
    assert "none.png: has no bytes" in problem.read_text()


def test_a_part_that_is_there_is_not_read_again(tmp_path: Path) -> None:
    images = folder(tmp_path / "images", names(2))
    read(tmp_path, images)
    (part,) = plan([str(images)]).parts
    for image in images.iterdir():
        image.write_bytes(b"changed")
    done = Worker(setup(tmp_path / "out")).read(part)
    assert (done.there, done.rows, done.images) == (True, 2, 0)


def test_trouble_of_an_earlier_try_is_forgotten(tmp_path: Path) -> None:
    images = folder(tmp_path / "images", names(1))
    folder(tmp_path / "out/problems", {"part-000000.jsonl": b"{}\n"})
    read(tmp_path, images)
    assert list((tmp_path / "out/problems").iterdir()) == []


def test_a_worker_with_other_files_refuses(tmp_path: Path) -> None:
    other = replace(setup(tmp_path), digest="of another machine")
    with pytest.raises(DataError, match="another version, model, roster or form"):
        Worker(other)
