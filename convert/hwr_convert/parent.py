"""The float parent that a quantized model is made from: a run, or the one that is committed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from hwr_edge.errors import DataError, ModelError
from hwr_edge.line.card import read_card
from hwr_train.config import TrainConfig
from hwr_train.network.artifact import Artifact, load_artifact, newest_run

RUN_WEIGHTS = "best.keras"
SHIPPED_WEIGHTS = "names.keras"
INT8_FILE = "names-int8.tflite"


@dataclass(frozen=True)
class Parent:
    """Float weights with all that is needed to read and measure them.

    output: where the quantized file goes unless another place is named.
    """

    weights: Path
    artifact: Artifact
    output: Path

    def facts(self) -> dict[str, Any]:
        """What is known of the training, without local paths; for the card.

        The committed parent has no run's files beside it: the card of what ships, where it was
        made of the same weights, still knows.
        """
        folder, weights = self.weights.parent, digest(self.artifact.model)
        before = _training(folder / INT8_FILE, weights)
        known = {
            "crops": _json(folder / "cleaning-train.json").get("kept", before.get("crops")),
            "best_epoch": _json(folder / "state.json").get("best_epoch", before.get("best_epoch")),
        }
        return {
            "config": asdict(without_paths(self.artifact.config)),
            **{key: value for key, value in known.items() if value is not None},
            "parameters": self.artifact.model.count_params(),
            "weights": weights,
        }


def find_parent(run: Path | None, runs: Path, models: Path) -> Parent:
    """The named run (a folder, or its name under `runs`), the newest, or the committed parent.

    Raises:
        DataError: there is none, or its files are not whole.
    """
    if run is not None:
        folder: Path | None = run if run.is_dir() else runs / run
    else:
        folder = newest_run(runs)
    if folder is not None:
        weights, output = folder / RUN_WEIGHTS, folder / INT8_FILE
    else:
        weights, output = models / SHIPPED_WEIGHTS, runs / "parent" / INT8_FILE
    if not weights.is_file():
        where = "" if run is not None else f"no run in {runs} and "
        raise DataError(f"{where}no {weights}; train first")
    return Parent(weights, load_artifact(weights), output)


def without_paths(config: TrainConfig) -> TrainConfig:
    """The configuration without the folders and files of one machine."""
    config = replace(
        config, data=None, checked=None, names=None, strokes=None, fonts=None, extra=()
    )
    return replace(config, cut_by=None, relabel=None, doubt_by=(), init=None)


def digest(model: keras.Model) -> str:
    """A fingerprint of the weights, however they are stored."""
    state = hashlib.sha256()
    for weight in model.get_weights():
        state.update(np.ascontiguousarray(weight).tobytes())
    return state.hexdigest()[:16]


def _training(file: Path, weights: str) -> dict[str, Any]:
    """What the card of a model file says of its training, if it was made of these weights."""
    try:
        found = read_card(file).training
    except ModelError:
        return {}
    return found if found.get("weights") == weights else {}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
