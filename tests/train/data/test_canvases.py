"""Images to canvases, once."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_edge.image import decode, morphology
from hwr_edge.image.decode import read_grey
from hwr_edge.line import closeup
from hwr_edge.line import preprocess as preprocessing
from hwr_edge.line.preprocess import Canvas, preprocess
from hwr_train.data import canvases
from hwr_train.data.canvases import load
from hwr_train.data.cleaning import CleaningReport
from hwr_train.data.row import Row

CANVAS = Canvas(48, 384)


def _rows(folder: Path, count: int = 3) -> list[Row]:
    rows = []
    for i in range(count):
        image = np.full((40, 300), 255, np.uint8)
        cv2.putText(image, f"N{i}", (20, 30), 0, 1, 0, 2)
        cv2.imwrite(str(folder / f"{i}.png"), image)
        rows.append(Row(f"{i}.png", folder / f"{i}.png", f"N{i}"))
    return rows


def test_a_canvas_is_what_the_device_would_make(tmp_path: Path) -> None:
    rows = _rows(tmp_path)
    data = load(rows, CleaningReport(), CANVAS, tmp_path / "cache")
    for canvas, row in zip(data.canvases, rows, strict=True):
        np.testing.assert_array_equal(canvas, preprocess(read_grey(row.path), CANVAS))
    assert data.texts == ("N0", "N1", "N2")


def test_the_second_time_comes_from_the_cache(tmp_path: Path) -> None:
    rows = _rows(tmp_path)
    first = load(rows, CleaningReport(), CANVAS, tmp_path / "cache")
    (file,) = (tmp_path / "cache").glob("*.npy")
    stamp = file.stat().st_mtime_ns
    second = load(rows, CleaningReport(), CANVAS, tmp_path / "cache")
    assert isinstance(second.canvases, np.memmap)
    assert file.stat().st_mtime_ns == stamp
    np.testing.assert_array_equal(first.canvases, second.canvases)
    assert not list((tmp_path / "cache").glob("*.part"))
    for damaged in (file, file.with_suffix(".json")):
        part = damaged.read_bytes()[:1] if damaged.suffix == ".json" else b""
        damaged.unlink()  # what is mapped stays as it is
        damaged.write_bytes(part)
        third = load(rows, CleaningReport(), CANVAS, tmp_path / "cache")
        np.testing.assert_array_equal(first.canvases, third.canvases)


def test_another_canvas_or_a_changed_image_is_not_served_from_the_cache(tmp_path: Path) -> None:
    rows = _rows(tmp_path)
    load(rows, CleaningReport(), CANVAS, tmp_path / "cache")
    load(rows, CleaningReport(), Canvas(32, 256), tmp_path / "cache")
    cv2.imwrite(str(rows[0].path), np.full((40, 300), 255, np.uint8))
    changed = load(rows, CleaningReport(), CANVAS, tmp_path / "cache")
    assert len(list((tmp_path / "cache").glob("*.npy"))) == 3
    assert changed.canvases[0].min() == 255


def test_canvases_made_by_other_code_are_not_served_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, cache = _rows(tmp_path), tmp_path / "cache"
    load(rows, CleaningReport(), CANVAS, cache)
    for count, module in enumerate((preprocessing, closeup, morphology, decode), 2):
        other = tmp_path / f"{count}.py"
        other.write_text("pass")
        monkeypatch.setattr(module, "__file__", str(other))
        load(rows, CleaningReport(), CANVAS, cache)
        assert len(list(cache.glob("*.npy"))) == count


@pytest.mark.parametrize("cached", [True, False])
def test_a_broken_image_is_left_out_and_reported_each_time(tmp_path: Path, cached: bool) -> None:
    rows = _rows(tmp_path)
    rows[1].path.write_bytes(b"no image")
    for _ in range(2):
        report = CleaningReport()
        data = load(rows, report, CANVAS, tmp_path / "cache" if cached else None)
        assert data.texts == ("N0", "N2")
        assert isinstance(data.canvases, np.memmap) == cached  # never copied into memory
        np.testing.assert_array_equal(data.canvases[1], preprocess(read_grey(rows[2].path), CANVAS))
        assert report.dropped == {"image broken": ["1.png"]}
        assert report.kept == 2


def test_no_readable_image_is_one_clear_error(tmp_path: Path) -> None:
    rows = _rows(tmp_path, 1)
    rows[0].path.write_bytes(b"")
    with pytest.raises(DataError, match="none of 1 images could be read"):
        load(rows, CleaningReport(), CANVAS, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(DataError, match="No space left on device"):
        load(_rows(tmp_path), CleaningReport(), CANVAS, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_the_disk_s_room_is_taken_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    fill = canvases._fill

    def watched(*arguments: Any) -> list[int]:
        (draft,) = (tmp_path / "cache").glob("*.part")
        taken.append((draft.stat().st_blocks * 512, draft.stat().st_size))
        return fill(*arguments)

    monkeypatch.setattr(canvases, "_fill", watched)
    load(_rows(tmp_path), CleaningReport(), CANVAS, tmp_path / "cache")
    ((blocks, size),) = taken
    assert blocks >= size > 0


def test_a_cache_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="the cache cannot be written"):
        load(_rows(tmp_path), CleaningReport(), CANVAS, tmp_path / "cache")
