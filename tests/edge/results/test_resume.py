from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_edge.results.growing import options_beside
from hwr_edge.results.resume import Labels, Record, read_before


def part_of(folder: Path, count: int) -> Path:
    """A FILE.part with the rows of so many images."""
    part = folder / f"{count}.part"
    row = {"schema": 1, "text": "LEA", "confidence": 0.9, "crc32": "00000000"}
    with part.open("w") as file:
        for k in range(count):
            file.write(json.dumps({"image": f"folder/image-{k:07}.png", **row}) + "\n")
    options_beside(part).write_text("options")
    return part


def test_rows_are_gone_through_in_memory_that_hardly_grows_with_them(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 22_000):
        part = part_of(tmp_path, count)
        tracemalloc.start()
        before = read_before(part, "options", "jsonl")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert f"folder/image-{count - 2:07}.png" in before.labels
        assert f"folder/image-{count - 1:07}.png" not in before.labels  # is read again
    assert peaks[1] - peaks[0] < 20_000 * 20


def test_every_row_that_stays_is_seen_and_what_that_raises_changes_nothing(tmp_path: Path) -> None:
    part = part_of(tmp_path, 4)
    whole, seen = part.read_bytes(), []

    def see(row: Record) -> None:
        seen.append(row.image)
        if row.image.endswith("2.png"):
            raise DataError("another image lies there now")

    with pytest.raises(DataError, match="another image"):
        read_before(part, "options", "jsonl", see=see)
    assert seen == [f"folder/image-000000{k}.png" for k in range(3)]
    assert part.read_bytes() == whole


def test_labels_know_what_was_added() -> None:
    labels = Labels()
    assert "a" not in labels
    for label in "bca":
        labels.add(label)
        assert label in labels
    assert "d" not in labels


def test_a_record_of_front_and_back_says_that_both_pages_are_done(tmp_path: Path) -> None:
    part, columns = tmp_path / "out.csv.part", ("image", "page", "nom")
    options_beside(part).write_text("same")
    part.write_text("image,page,nom\ns.pdf,1+2,ANNA\ns.pdf,3+4,BERT\n")
    before = read_before(part, "same", "csv", columns)
    pages = [f"s.pdf#page={page}" in before.labels for page in range(1, 5)]
    assert pages == [True, True, False, False]  # the last record is read again
    assert part.read_text().endswith("ANNA\n")
