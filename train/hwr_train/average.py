"""The mean of several models' weights: one that starts where another ended lies in the same valley.

After Wortsman et al. 2022, "Model soups": what was fine-tuned from common weights may be averaged, and
the mean is often better than each; it costs the device nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

import hwr_train.loss  # noqa: F401  # registers what a checkpoint is compiled with
from hwr_edge.errors import DataError
from hwr_train.artifact import Artifact, load_artifact, load_model
from hwr_train.model import copy_weights


def average(paths: Sequence[Path]) -> Artifact:
    """The mean of models that have one network and charset; its configuration is the last one's.

    paths: .keras files with their .json, or a run's checkpoint `last-EPOCH.keras`, which counts
        with its running average, as it is measured and kept.

    Raises:
        DataError: one of them cannot be read, or they are not of one kind.
    """
    found = [_read(path) for path in paths]
    last = found[-1]
    weights = [one.model.get_weights() for one in found]
    for path, one, own in zip(paths, found, weights, strict=True):
        same = [w.shape for w in own] == [w.shape for w in weights[-1]]
        if one.charset != last.charset or not same:
            raise DataError(f"{path}: has another network or charset than {paths[-1]}")
    last.model.set_weights([np.mean(each, axis=0) for each in zip(*weights, strict=True)])
    return last


def _read(path: Path) -> Artifact:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.with_suffix(".json").exists() or not path.name.startswith("last-"):
        return load_artifact(path)
    artifact = load_artifact(path.with_name("best.keras"))
    return replace(artifact, model=_running_average(load_model(path, compiled=True), artifact))


def _running_average(trainer: keras.Model, artifact: Artifact) -> keras.Model:
    trainer.optimizer.finalize_variable_values(trainer.trainable_variables)
    product = artifact.preset.product(artifact.charset.classes)
    copy_weights(trainer, product)
    return product
