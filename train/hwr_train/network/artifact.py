"""A trained Keras model with what is needed to use it: its charset and its preset's geometry.

Beside the weights NAME.keras lies NAME.json: {"charset": ..., "config": {...}}.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from hwr_edge.errors import DataError, OutputError
from hwr_edge.line.charset import Charset
from hwr_train.config import TrainConfig
from hwr_train.files import replace_text
from hwr_train.network.model import Preset, preset_named


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
    charset, config = _card_beside(path)
    return Artifact(load_model(path), charset, config)


def charset_beside(path: Path) -> Charset:
    """The letters of a .keras file, by its .json.

    Raises:
        DataError: that is missing or damaged.
    """
    return _card_beside(path)[0]


def _card_beside(path: Path) -> tuple[Charset, TrainConfig]:
    beside = path.with_suffix(".json")
    try:
        card = json.loads(beside.read_text(encoding="utf-8"))
        return Charset(card["charset"]), TrainConfig.of(card["config"])
    except (OSError, ValueError, KeyError, TypeError, DataError) as error:
        raise DataError(f"{beside}: cannot be used beside {path.name} ({error})") from error


def save_model(model: keras.Model, path: Path) -> None:
    """Write a .keras file; Keras wants that ending on the draft too.

    Raises:
        OutputError: the file cannot be written; what was there is as it was.
    """
    draft = path.with_name(f"{path.stem}-draft.keras")
    try:
        model.save(draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        draft.unlink(missing_ok=True)


def load_model(path: Path, compiled: bool = False) -> keras.Model:
    """Read a .keras file, with its optimizer if it is to be `compiled`.

    Raises:
        DataError: it is missing or damaged.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path}: not a .keras file, or cut short")
    try:
        return keras.models.load_model(path, compile=compiled)
    except Exception as error:  # whatever Keras, HDF5 or zip make of damaged bytes
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(f"{path}: not a Keras model of this project ({why})") from error


def newest_run(runs: Path) -> Path | None:
    """The newest folder under `runs` that holds best.keras."""
    weights = sorted(runs.glob("*/best.keras"), key=lambda path: path.stat().st_mtime)
    return weights[-1].parent if weights else None
