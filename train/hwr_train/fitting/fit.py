"""Training: one run in one folder, with checkpoints, resume and the figures of every epoch.

A run's folder holds config.json, cleaning-*.json, log.csv, curve.png, last-EPOCH.keras and
state.json (everything needed to go on), best.keras with best.json (the artifact that conversion takes),
latest.keras with latest.json (the same of the latest epoch) and, at the end, readings.csv and figures.json on the validation names.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras

from hwr_edge.errors import DataError
from hwr_edge.folders import make_folder
from hwr_edge.line.metrics import Score
from hwr_edge.typed_path import TypedPath
from hwr_train.config import TrainConfig
from hwr_train.data.cleaning import CleaningReport
from hwr_train.data.own_table import folds
from hwr_train.files import held
from hwr_train.fitting.checkpoints import CheckpointCallback, RunState, write_log
from hwr_train.fitting.devices import check_devices, spread
from hwr_train.fitting.hosts import ALONE, Hosts
from hwr_train.fitting.prepare import RunData, prepare_data
from hwr_train.fitting.start import check_letters, model_of
from hwr_train.interrupts import Interrupts, check
from hwr_train.measuring.readings import warning_of, write_readings
from hwr_train.network.artifact import load_artifact, load_model
from hwr_train.network.model import Preset, preset_named


def train(config: TrainConfig, folder: Path, devices: int = 1, hosts: Hosts = ALONE) -> Score:
    """Run or go on with the training in `folder`; the validation score of its best weights.

    Canvases are cached in the folder `cache` beside it. With several devices Keras' backend is JAX. Of several hosts, all
    call this with the same `config`, and with a folder that all see.

    Args:
        config: what is trained, and on what.
        folder: of the run.
        devices: of each host.
        hosts: that train together.

    Raises:
        DataError: the data, an earlier state in the folder or so many devices cannot be used, or hosts differ.
        OutputError: the folder cannot be written to.
    """
    check_devices(devices, config.batch or preset_named(config.preset).batch, hosts)
    if hosts.first:
        make_folder(folder)
    with held(folder) if hosts.first else nullcontext(), Interrupts():
        result = _train(replace(config, fold=folds(config)), folder, devices, hosts)
    if hosts.first and (warning := warning_of(result)):
        print(warning, flush=True)
    return result


def _verbosity() -> int:
    """Of Keras: a progress bar within each epoch where somebody watches, else a line for each."""
    return int(os.environ.get("HWR_TRAIN_VERBOSE") or (1 if sys.stdout.isatty() else 2))


def _train(config: TrainConfig, folder: Path, devices: int, hosts: Hosts) -> Score:
    preset = preset_named(config.preset)
    state = RunState.load(folder)
    _check_same_on_hosts("options", [asdict(config), state.epoch], hosts)
    if hosts.first:
        _begin(config, folder, state)
    keras.utils.set_random_seed(config.seed)
    total = devices * hosts.count
    with spread(total):
        earlier = _earlier(config, folder, state)
    if earlier is not None and all(layer.name != "shortcut" for layer in earlier.layers):
        # What is trained on shipped weights: a fresh head would shake what they know.
        preset = replace(preset, shortcut=0.0)
    with hosts.first_alone("canvases"):
        data = prepare_data(config, preset, folder.parent / "cache", total, hosts)
    check()
    check_letters(config, folder, state, data.loader.buckets.charset)
    _check_data(config, folder, state, data, hosts)
    epochs = config.epochs or preset.epochs
    if state.epoch < epochs and not state.out_of_patience(preset):
        callback = CheckpointCallback(folder, config, data.loader, data.validation, state, hosts)
        with spread(total):
            _fit(model_of(config, preset, data, state, earlier), epochs, callback)
    elif hosts.first:
        print(_why_not(state, epochs, preset, folder), flush=True)
    found = None
    if hosts.first:
        best = load_artifact(folder / "best.keras")
        found = write_readings(best, data.validation, folder).to_json()
    return Score(**hosts.gather("score", found)[0])


def _begin(config: TrainConfig, folder: Path, state: RunState) -> None:
    if state.epoch:
        write_log(state.log, folder)  # a kill may have come between the state and its log
    else:
        config.save(folder / "config.json")  # with it alone, a run can be begun again


def _earlier(config: TrainConfig, folder: Path, state: RunState) -> Any:
    """The model to go on from; None where there is none. Keras has no types."""
    if state.epoch:
        return load_model(folder / state.checkpoint, compiled=True)
    return load_model(TypedPath(config.init)) if config.init else None


def _check_data(
    config: TrainConfig, folder: Path, state: RunState, data: RunData, hosts: Hosts
) -> None:
    """See that all hosts have the same data, and note what it is."""
    buckets = data.loader.buckets
    digests = {split: report.digest for split, report in data.reports.items()}
    _check_same_on_hosts("data", [buckets.charset.letters, digests, buckets.names], hosts)
    new_rows = bool(state.epoch) and _has_new_rows(folder, data.reports)
    if hosts.gather("new rows", new_rows)[0]:
        # What was best had not seen them.
        state.best, state.best_epoch = math.inf, state.epoch
    if not hosts.first:
        return
    if new_rows:
        state.save(folder)  # before the configuration says that they are in
    config.save(folder / "config.json")
    for split, report in data.reports.items():
        report.save(folder / f"cleaning-{split}.json")


def _check_same_on_hosts(what: str, mine: list[Any], hosts: Hosts) -> None:
    """Raise DataError where what makes a run differs from host to host."""
    each = hosts.gather(what, mine)
    different = [place for place, one in enumerate(each) if one != each[0]]
    if different:
        raise DataError(
            f"host {different[0]}: its {what}, or the run's folder, differ from host 0's; give the same "
            "command, with the same data and a folder that all hosts see"
        )


def _fit(model: keras.Model, epochs: int, callback: CheckpointCallback) -> None:
    """Train on the callback's batches, from the epoch that its state has reached."""
    try:
        model.fit(
            callback.loader,
            initial_epoch=callback.state.epoch,
            shuffle=False,  # Buckets do, by their seed; Keras would by none that resumes
            epochs=epochs,
            callbacks=[callback],
            verbose=_verbosity(),
        )
    except BaseException:
        callback.hosts.leave()  # so that no thread waits for another host
        raise
    finally:
        callback.loader.close()


def _why_not(state: RunState, epochs: int, preset: Preset, folder: Path) -> str:
    """Why a run does not go on, and what does."""
    if state.epoch >= epochs:
        return f"already at epoch {state.epoch} of {epochs}; raise EPOCHS= to continue"
    return (
        f"stopped at epoch {state.epoch}: no better for {preset.patience} epochs, since epoch {state.best_epoch}; "
        f"to start a new run from there: INIT={folder / 'best.keras'}"
    )


def _has_new_rows(folder: Path, reports: Mapping[str, CleaningReport]) -> bool:
    """Whether there are further extra folders, or other rows in them, than when the run was at work last."""
    return any(
        split.startswith("extra") and report.differs(folder / f"cleaning-{split}.json")
        for split, report in reports.items()
    )
