"""Where calibration and held-out names come from; the crops are drawn by the tests."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwr_convert.calibrate import NameSource, name_source
from hwr_edge.errors import DataError
from hwr_edge.image.pixels import PAPER
from hwr_edge.line.charset import Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.config import TrainConfig
from hwr_train.synthetic.draw import draw_dataset

CANVAS = Canvas(16, 48)
FEW = Charset("AB")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 training fields and 8 for validation; one of each is no name, one has no image."""
    folder = tmp_path_factory.mktemp("data")
    draw_dataset(folder, 40, seed=4)
    for split in ("train", "validation"):
        path = folder / TrainConfig.csv_pattern.format(split=split)
        with path.open("a", newline="") as file:
            rows = [(f"{split.upper()}_99998.jpg", "UNREADABLE"), ("none.jpg", "LEA")]
            csv.writer(file).writerows([*rows, (f"{split.upper()}_99999.jpg", "ÉMILE 3")])
        images = folder / TrainConfig.folder_pattern.format(split=split)
        shutil.copy(images / f"{split.upper()}_00001.jpg", images / f"{split.upper()}_99999.jpg")
    return folder


def names_of(data: Path, split: str) -> list[str]:
    with (data / TrainConfig.csv_pattern.format(split=split)).open() as file:
        return [row["IDENTITY"] for row in csv.DictReader(file)]


def test_every_run_is_measured_on_the_same_names(data: Path) -> None:
    config = TrainConfig(data=str(data))
    wide = name_source(config, Charset("ABCDEFGHIJKLMNOPQRSTUVWXYZ -'"), None)
    narrow = name_source(replace(config, limit=2, fraction=0.1, seed=9), FEW, None)
    assert wide.held_out(CANVAS).ids == narrow.held_out(CANVAS).ids
    assert wide.held_out(CANVAS).texts == narrow.held_out(CANVAS).texts


def test_held_out_are_all_usable_validation_names_whatever_their_letters(data: Path) -> None:
    source = name_source(TrainConfig(data=str(data), limit=3), FEW, None)
    assert (source.real, source.kind) == (True, "labelled crops")
    found = source.held_out(CANVAS)
    labels = names_of(data, "validation")
    unusable = labels.count("EMPTY") + 2  # an unreadable one, and one without its image
    assert len(found) == len(labels) - unusable
    assert found.texts[-1] == "EMILE 3"
    assert all(name.startswith("VALIDATION_") for name in found.ids)
    assert found.canvases.shape == (len(found), CANVAS.height, CANVAS.width)


def test_calibration_takes_training_crops_and_blank_paper(data: Path) -> None:
    source = name_source(TrainConfig(data=str(data)), FEW, None)
    found = source.calibration(CANVAS, 6, seed=1)
    assert found.shape == (7, CANVAS.height, CANVAS.width)
    assert (found[-1] == PAPER).all()
    assert (found[:-1] < 200).any(axis=(1, 2)).all()  # faint ink on a photograph counts too
    np.testing.assert_array_equal(found, source.calibration(CANVAS, 6, seed=1))
    assert not np.array_equal(found, source.calibration(CANVAS, 6, seed=2))
    everything = source.calibration(CANVAS, 1000, seed=1)
    training = {c.tobytes() for c in everything[:-1]}
    assert {c.tobytes() for c in found[:-1]} <= training
    assert training.isdisjoint(c.tobytes() for c in source.held_out(CANVAS).canvases)


def test_calibration_looks_at_few_files(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    real = Path.is_file

    def is_file(path: Path) -> bool:
        looked.append(path)
        return real(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    name_source(TrainConfig(data=str(data)), FEW, None).calibration(CANVAS, 5, seed=0)
    assert 5 <= len(looked) <= 10


def test_crops_are_preprocessed_once_where_there_is_a_cache(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = name_source(TrainConfig(data=str(data)), FEW, None).held_out(CANVAS)
    cache = tmp_path / "cache"
    source = name_source(TrainConfig(data=str(data)), FEW, None, cache=cache)
    source.held_out(CANVAS)
    assert len(list(cache.glob("*.npy"))) == 1
    monkeypatch.setattr(
        "hwr_train.data.canvases.preprocess", lambda *_: pytest.fail("preprocessed twice")
    )
    found = source.held_out(CANVAS)
    assert found.ids == plain.ids
    np.testing.assert_array_equal(found.canvases, plain.canvases)


def test_a_named_folder_wins_over_the_runs_and_one_that_is_gone_gives_made_fields(
    data: Path, tmp_path: Path
) -> None:
    gone = TrainConfig(data=str(tmp_path / "gone"), names="/gone.csv", strokes="/gone.gz")
    assert name_source(gone, FEW, data).config.data == str(data)
    assert name_source(TrainConfig(data=str(data)), FEW, None).config.data == str(data)
    made = name_source(gone, FEW, None)
    assert made.config == TrainConfig(fold=True)  # as its letters say
    assert (made.real, made.kind) == (False, "synthetic fields")


def test_made_fields_for_calibration_and_measuring_are_not_the_same() -> None:
    source = NameSource(TrainConfig(), Charset("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    held_out, found = source.held_out(CANVAS), source.calibration(CANVAS, 5, seed=0)
    assert len(held_out) > 100
    assert (found[-1] == PAPER).all()
    fields = {c.tobytes() for c in held_out.canvases if (c < PAPER).any()}
    assert fields.isdisjoint(c.tobytes() for c in found)


def test_a_folder_without_data_is_named(tmp_path: Path) -> None:
    source = name_source(TrainConfig(), FEW, tmp_path)
    for use in (source.held_out, lambda canvas: source.calibration(canvas, 3, 0)):
        with pytest.raises(DataError, match=str(tmp_path)):
            use(CANVAS)
