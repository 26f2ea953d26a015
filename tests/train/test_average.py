"""Averaged weights: the mean of models of one kind, a checkpoint by its running average."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwr_edge.charset import Charset
from hwr_edge.errors import DataError
from hwr_train.artifact import load_artifact, save_artifact
from hwr_train.average import average
from hwr_train.config import TrainConfig
from hwr_train.fit import train
from hwr_train.model import preset_named

CHARSET = Charset("ABC")


def _model(path: Path, value: float, charset: Charset = CHARSET) -> Path:
    config = TrainConfig(preset="tiny", seed=int(value))
    model = preset_named("tiny").product(charset.classes)
    model.set_weights([np.full(w.shape, value, np.float32) for w in model.get_weights()])
    save_artifact(path, model, charset, config)
    return path


def test_weights_are_the_mean_and_the_configuration_is_the_last_ones(tmp_path: Path) -> None:
    paths = [_model(tmp_path / f"{v}.keras", v) for v in (1, 2, 6)]
    mean = average(paths)
    assert mean.config.seed == 6
    assert all((w == 3).all() for w in mean.model.get_weights())


def test_models_of_other_letters_are_one_clear_error(tmp_path: Path) -> None:
    paths = [_model(tmp_path / "a.keras", 1), _model(tmp_path / "b.keras", 1, Charset("ABD"))]
    with pytest.raises(DataError, match=r"a\.keras: has another network or charset"):
        average(paths)


def test_a_checkpoint_counts_with_its_running_average(
    short_config: TrainConfig, tmp_path: Path
) -> None:
    train(replace(short_config, epochs=1), tmp_path / "run")
    checkpoint, best = (tmp_path / "run" / f"{name}.keras" for name in ("last-1", "best"))
    for one, other in zip(
        average([checkpoint]).model.get_weights(),
        load_artifact(best).model.get_weights(),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_missing_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="last-3"):
        average([tmp_path / "last-3.keras"])
