"""Training and shipping, killed while they write: a run goes on from its last whole epoch, and models ship together."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

import hwr_convert  # noqa: F401  # before Keras: it says which backend
from fakes import TINY_LETTERS, TINY_MODEL, draw
from hwr_convert.parent import INT8_FILE, SHIPPED_WEIGHTS, Parent, digest
from hwr_convert.ship import ship
from hwr_convert.together import put_back
from hwr_edge.errors import HwrError
from hwr_edge.line.card import ModelCard, read_card, read_flatbuffer, write_model
from hwr_edge.line.charset import Charset
from hwr_edge.line.name_model import NameModel
from hwr_edge.line.preprocess import Canvas
from hwr_edge.line.shipped import NAME_MODEL
from hwr_edge.locks import hold
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData
from hwr_train.fitting.checkpoints import CheckpointCallback, RunState
from hwr_train.network.artifact import Artifact, load_artifact, load_model
from torture.forked import Killer, Work, forked, lines
from torture.places import mounted

_EPOCHS = 6  # of a fork
_LETTERS = Charset(TINY_LETTERS)


def _small(name: str) -> Any:
    """A network of a few weights, compiled, that are those of its name."""
    keras.utils.set_random_seed(len(name))
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name=name)
    model.compile("adam", "mse")
    return model


def _epochs() -> None:
    """Write what training writes after an epoch, some times; each epoch is told when it is on the disk."""
    folder, config = Path(), TrainConfig(preset="tiny")
    state = RunState.load(folder)
    loader: Any = SimpleNamespace(buckets=SimpleNamespace(charset=_LETTERS))
    data = NameData(np.zeros((0, 1, 1), np.uint8), (), ())
    callback = CheckpointCallback(folder, config, loader, data, state)
    callback.product = _small("product")
    callback.set_model(_small("trainer"))
    print("ready", flush=True)
    for _ in range(_EPOCHS):
        before = state.checkpoint
        state.epoch += 1
        state.log.append({"epoch": state.epoch, "loss": 1.0, "val_loss": 1.0, "val_cer": 0.5})
        if state.epoch % 2:
            state.best, state.best_epoch = 1 / state.epoch, state.epoch
        callback._save(before)
        print(state.epoch, flush=True)


def _loads() -> None:
    """Go on as a resumed run does."""
    state = RunState.load(Path())
    if state.epoch:
        load_model(Path(state.checkpoint), compiled=True)
        load_artifact(Path("best.keras"))
        load_artifact(Path("latest.keras"))


def checkpoints(folder: Path, killer: Killer) -> Iterator[int]:
    """A training's files, killed: it goes on after the last epoch that was told, and every file is whole."""
    (folder / "config.json").write_text("{}")  # as a run that was begun
    reached = 0
    while True:
        _, said = killer.run(folder, _epochs, "checkpoints", ready=True)
        reached = max([reached, *(int(line) for line in lines(said) if line.isdecimal())])
        yield int(not _goes_on(folder, reached))


def _goes_on(folder: Path, reached: int) -> bool:
    try:
        state = RunState.load(folder)
    except HwrError:
        return False
    files = [path for path in folder.glob("*.keras") if "draft" not in path.name]
    return (
        state.epoch >= reached
        and all(_is_whole(path) for path in files)
        and (state.epoch % 20 != 0 or forked(folder, _loads).wait()[0] == 0)
    )


def _is_whole(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, zipfile.BadZipFile):
        return False


class _Names:
    """Names that a candidate reads as well as what ships."""

    real, kind = True, "drawn names"

    def held_out(self, canvas: Canvas) -> NameData:
        drawn = np.stack([draw(text, 1) for text in ("AB", "CA")])
        return NameData(drawn, ("AB", "CA"), ("0", "1"))


def _ships(name: str) -> Work:
    """Ship a candidate of that name, made anew."""

    def work() -> None:
        run, artifact = Path(name), Artifact(_small(name), _LETTERS, TrainConfig(preset=name))
        run.mkdir(exist_ok=True)
        known = read_card(TINY_MODEL)
        card: ModelCard = replace(known, name=name, training={"weights": digest(artifact.model)})
        write_model(run / INT8_FILE, read_flatbuffer(TINY_MODEL), card)
        _spelling(name).save(run / NAME_MODEL)
        source: Any = _Names()
        print("ready", flush=True)
        parent = Parent(run / "best.keras", artifact, run / INT8_FILE)
        ship(parent, run / INT8_FILE, Path("models"), source, lambda _: None)
        print("shipped", flush=True)

    return work


def _spelling(name: str) -> NameModel:
    costs = np.full((1, len(TINY_LETTERS) + 1), len(name), np.uint8)
    return NameModel(TINY_LETTERS, np.zeros(1, np.uint64), costs, 0.1)


def _shipped(models: Path) -> set[str]:
    """Which candidates the files that ship are of."""
    with zipfile.ZipFile(models / SHIPPED_WEIGHTS) as archive:
        named = json.loads(archive.read("config.json"))["config"]["name"]
    beside = json.loads((models / SHIPPED_WEIGHTS).with_suffix(".json").read_text())
    spelt = NameModel.load(models / NAME_MODEL).costs[0, 0]
    known = {len(name): name for name in ("one", "other")}
    return {named, beside["config"]["preset"], read_card(models / INT8_FILE).name, known[spelt]}


def shipping(folder: Path, killer: Killer) -> Iterator[int]:
    """`ship`, killed: what ships is all of one candidate, and is the new one where that was told."""
    status, _ = forked(folder, _ships("one")).wait()
    assert status == 0
    ships, k = "one", 0
    while True:
        k += 1
        name = ("one", "other")[k % 2]
        _, said = killer.run(folder, _ships(name), "ship", ready=True)
        with hold(folder / "models"):
            put_back(folder / "models")  # as the next one does at its beginning
        try:
            found = _shipped(folder / "models")
        except (OSError, HwrError, KeyError, zipfile.BadZipFile):
            found = set()
        told = "shipped" in said
        lost = found not in ({name}, {ships}) or (told and found != {name})
        lost |= any(path.is_dir() for path in (folder / "models").iterdir())
        ships = next(iter(found), ships)
        yield int(lost)


def full_disk(folder: Path) -> int:
    """Training on disks that become full at one file or another: the run goes on from the last epoch that was told."""
    ended, lost = set(), 0
    for kib in range(32, 160, 16):
        with mounted(folder, f"size={kib}k") as place:
            (place / "config.json").write_text("{}")
            status, said = forked(place, _epochs).wait()
            reached = max([0, *(int(line) for line in lines(said) if line.isdecimal())])
            lost += not _goes_on(place, reached)
            ended.add(status)
    return lost + (1 not in ended)


os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
TRAINING_PLACES = {"full disk, training": full_disk}
TRAINING = {"a training's checkpoints": checkpoints, "models that ship": shipping}
