"""The mean of the weights of several runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_train.config import TrainConfig
from hwr_train.network.artifact import load_artifact, save_artifact
from hwr_train.network.average import average
from hwr_train.network.model import PRESETS


def _saved(path: Path, value: float, letters: str = "AB", preset: str = "tiny") -> Path:
    charset = Charset(letters)
    model = PRESETS[preset].product(charset.classes)
    model.set_weights([np.full_like(weight, value) for weight in model.get_weights()])
    save_artifact(path, model, charset, TrainConfig(preset=preset, seed=int(value)))
    return path


def test_an_average_has_the_mean_of_each_weight(tmp_path: Path) -> None:
    paths = [_saved(tmp_path / f"{value}.keras", value) for value in (1.0, 2.0, 6.0)]
    best = average(paths, tmp_path / "runs" / "mean")
    found = load_artifact(best)
    assert {float(x) for weight in found.model.get_weights() for x in weight.ravel()} == {3.0}
    assert (found.charset.letters, found.config.seed) == ("AB", 1)
    assert load_artifact(paths[0]).model.get_weights()[0].max() == 1.0


def test_what_cannot_be_averaged_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    one = _saved(tmp_path / "one.keras", 1.0)
    others = {
        "more.keras": {"letters": "ABC"},
        "other.keras": {"letters": "AC"},
        "baseline.keras": {"preset": "baseline"},
    }
    with pytest.raises(DataError, match="two or more"):
        average([one], tmp_path / "mean")
    for name, how in others.items():
        with pytest.raises(DataError, match=f"{name}: not the network of"):
            average([one, _saved(tmp_path / name, 2.0, **how)], tmp_path / "mean")
    with pytest.raises(DataError, match=r"no such file|cannot be used"):
        average([one, tmp_path / "missing.keras"], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_an_average_of_folds_has_learnt_from_all_rows(tmp_path: Path) -> None:
    paths = []
    for fold in ("1/2", "2/2"):
        path = _saved(tmp_path / f"{fold[0]}.keras", 1.0)
        card = json.loads(path.with_suffix(".json").read_text())
        card["config"]["part"] = fold
        path.with_suffix(".json").write_text(json.dumps(card))
        paths.append(path)
    assert load_artifact(average(paths, tmp_path / "both")).config.part is None
    assert load_artifact(average(paths[:1] * 2, tmp_path / "one")).config.part == "1/2"
