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
from hwr_edge.line.charset import Charset
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
from hwr_train.interrupts import Interrupts, check
from hwr_train.measuring.readings import warning_of, write_readings
from hwr_train.network.artifact import charset_beside, load_artifact, load_model
from hwr_train.network.grow import grow
from hwr_train.network.letters import taken_over
from hwr_train.network.loss import CTCLoss
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
    _check_alike("options", [asdict(config), state.epoch], hosts)
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
    _check_letters(config, folder, state, data.loader.buckets.charset)
    _check_data(config, folder, state, data, hosts)
    epochs = config.epochs or preset.epochs
    if state.epoch < epochs and not state.out_of_patience(preset):
        callback = CheckpointCallback(folder, config, data.loader, data.validation, state, hosts)
        with spread(total):
            _fit(_model_of(config, preset, data, state, earlier), epochs, callback)
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
    _check_alike("data", [buckets.charset.letters, digests, buckets.names], hosts)
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


def _check_alike(what: str, mine: list[Any], hosts: Hosts) -> None:
    """Raise DataError where what makes a run differs from host to host."""
    each = hosts.gather(what, mine)
    different = [place for place, one in enumerate(each) if one != each[0]]
    if different:
        raise DataError(
            f"host {different[0]}: its {what}, or the run's folder, differ from host 0's; give the same "
            "command, with the same data and a folder that all hosts see"
        )


def _model_of(
    config: TrainConfig, preset: Preset, data: RunData, state: RunState, earlier: Any
) -> keras.Model:
    """The network to train: that of the run's last epoch, or a new one with what `earlier` knows."""
    if state.epoch:
        # The same one, unless the number of epochs was changed for the rest of the run.
        earlier.optimizer.learning_rate = _schedule(config, preset, data)
        return earlier
    model = new_model(config, preset, data)
    if earlier is not None:
        grow(earlier, model, _letters_taken_over(config, data.loader.buckets.charset))
    return model


def _letters_taken_over(config: TrainConfig, charset: Charset) -> list[int | None] | None:
    """For each class the earlier network's that it begins as; None where both read the same letters."""
    before = (
        charset_beside(TypedPath(config.init)) if config.init and config.new_letters else charset
    )
    return None if before == charset else taken_over(before, charset)


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


def _check_letters(config: TrainConfig, folder: Path, state: RunState, charset: Charset) -> None:
    """Raise DataError where the weights to go on from read other letters than the data has."""
    start = folder / "latest.keras" if state.epoch else config.init and TypedPath(config.init)
    if not start or not start.with_suffix(".json").is_file():
        return
    before = charset_beside(start)
    if before != charset and (state.epoch or not config.new_letters):
        mend = "use --fold" if before.folded else "use --charset"
        raise DataError(
            f"{start}: reads {before.letters!r}, but this run's letters are {charset.letters!r}; "
            f"{mend}, learn the others with --new-letters, or leave out --init"
        )


def new_model(config: TrainConfig, preset: Preset, data: RunData) -> keras.Model:
    """An untrained network of the preset, compiled with its optimizer and losses."""
    model = preset.trainer(data.loader.buckets.charset.classes)
    schedule = _schedule(config, preset, data)
    if preset.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipnorm=5.0)
    else:
        steps = len(data.loader) * (config.epochs or preset.epochs)
        optimizer = keras.optimizers.AdamW(
            schedule,
            weight_decay=0.01,
            clipnorm=5.0,
            use_ema=True,
            ema_momentum=1 - 1 / min(max(steps / 50, 1), 500),
            ema_overwrite_frequency=None,
        )
    model.compile(
        optimizer=optimizer,
        loss={
            name: CTCLoss(config.agreement if name == "logits" else 0.0)
            for name in model.output_names
        },
        loss_weights={"logits": 1.0, "shortcut": preset.shortcut} if preset.shortcut else None,
        jit_compile=keras.backend.backend() == "jax",
    )
    return model


def _schedule(
    config: TrainConfig, preset: Preset, data: RunData
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Warm-up and cosine over all epochs; for the baseline its own slow decay."""
    rate = preset.learning_rate if config.learning_rate is None else config.learning_rate
    if preset.optimizer == "sgd":
        return keras.optimizers.schedules.InverseTimeDecay(rate, 1, 1e-6)
    steps = len(data.loader) * (config.epochs or preset.epochs)
    warm = max(1, min(steps // 20, 500))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), alpha=0.005, warmup_target=rate, warmup_steps=warm
    )
