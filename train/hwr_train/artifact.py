"""A trained Keras model with what is needed to use it: its charset and its preset's geometry.

Beside the weights NAME.keras lies NAME.json: {"charset": ..., "config": {...}}.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from hwr_edge.charset import Charset
from hwr_edge.errors import DataError
from hwr_train.config import TrainConfig
from hwr_train.files import replace_text, save_model
from hwr_train.model import Preset, preset_named


@dataclass(frozen=True)
class Artifact:
    """Weights with their charset and the configuration that trained them."""

    model: keras.Model
    charset: Charset
    config: TrainConfig

    @property
    def preset(self) -> Preset:
        """The preset the model was built by."""
        return preset_named(self.config.preset)


def save_artifact(path: Path, model: keras.Model, charset: Charset, config: TrainConfig) -> None:
    """Write PATH.keras and PATH.json, the weights last."""
    card = {"charset": charset.letters, "config": asdict(config)}
    replace_text(path.with_suffix(".json"), json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    save_model(model, path)


def load_artifact(path: Path) -> Artifact:
    """Read a .keras file with its .json.

    Raises:
        DataError: one of them is missing or damaged.
    """
    beside = path.with_suffix(".json")
    try:
        card = json.loads(beside.read_text(encoding="utf-8"))
        charset, config = Charset(card["charset"]), TrainConfig(**card["config"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{beside}: cannot be used beside {path.name} ({error})") from error
    try:
        model = keras.models.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = str(error).strip().splitlines()[0]
        raise DataError(f"{path}: not a Keras model of this project ({why})") from error
    return Artifact(model, charset, config)


def newest_run(runs: Path) -> Path | None:
    """The newest folder under `runs` that holds best.keras."""
    found = sorted(runs.glob("*/best.keras"), key=lambda path: path.stat().st_mtime)
    return found[-1].parent if found else None
