"""One small drawn data set and one short run, shared by the tests of the training side."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("HWR_TRAIN_VERBOSE", "0")

from hwr_train.config import TrainConfig
from hwr_train.synthetic.draw import draw_dataset


@pytest.fixture(scope="session")
def drawn_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the public layout with 60 drawn training fields."""
    folder = tmp_path_factory.mktemp("drawn")
    draw_dataset(folder, 60, seed=1)
    return folder


@pytest.fixture(scope="session")
def short_config(drawn_data: Path) -> TrainConfig:
    """Two epochs of the tiny preset."""
    return TrainConfig(data=str(drawn_data), preset="tiny", epochs=2, batch=16, made=20, workers=1)


@pytest.fixture(scope="session")
def short_run(short_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of `short_config`."""
    from hwr_train.fitting.fit import train

    folder = tmp_path_factory.mktemp("runs") / "short-tiny"
    train(short_config, folder)
    return folder
