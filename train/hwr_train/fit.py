"""Training: one run in one folder, with checkpoints, resume and the figures of every epoch.

A run's folder holds config.json, cleaning-*.json, log.csv, curve.png, last-EPOCH.keras and
state.json (everything needed to go on), best.keras with best.json (the artifact that conversion takes)
and, at the end, readings.csv and figures.json on the validation names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from hwr_edge.charset import Charset
from hwr_edge.errors import DataError
from hwr_edge.metrics import Score
from hwr_edge.output import make_folder
from hwr_train.artifact import load_artifact, load_model
from hwr_train.batches import Batches, MadeNames
from hwr_train.canvases import NameData, load
from hwr_train.config import TrainConfig
from hwr_train.keeper import Keeper, RunState
from hwr_train.loss import CTCLoss
from hwr_train.model import Preset, preset_named
from hwr_train.namelist import LONGEST_MADE
from hwr_train.readings import write_readings
from hwr_train.rows import CleaningReport, charset_of, clean, read_rows
from hwr_train.synth import default_charset

MADE_WHEN_ALONE = 4000
_MADE_VALIDATION = 400
_MADE_VALIDATION_EPOCH = 2**31  # one that training never reaches


@dataclass(frozen=True)
class Sources:
    """What a run learns from and is measured on, with what cleaning left out of each split."""

    validation: NameData
    batches: Batches
    reports: dict[str, CleaningReport]


def train(config: TrainConfig, folder: Path) -> Score:
    """Run or go on with the training in `folder`; the validation score of its best weights.

    Canvases are cached in the folder `cache` beside it.

    Raises:
        DataError: the data or an earlier state in the folder cannot be used.
        OutputError: the folder cannot be written to.
    """
    preset = preset_named(config.preset)
    state = RunState.load(folder)
    keras.utils.set_random_seed(config.seed)
    sources = prepare(config, preset, folder.parent / "cache")
    make_folder(folder)
    config.save(folder / "config.json")
    for split, report in sources.reports.items():
        report.save(folder / f"cleaning-{split}.json")
    epochs = config.epochs or preset.epochs
    if state.epoch < epochs and not state.out_of_patience(preset):
        if state.epoch:
            model = load_model(folder / state.checkpoint, compiled=True)
            # The same one, unless the number of epochs was changed for the rest of the run.
            model.optimizer.learning_rate = _schedule(config, preset, sources)
        else:
            model = _new_model(config, preset, sources)
        model.fit(
            sources.batches,
            initial_epoch=state.epoch,
            shuffle=False,  # Batches shuffles, by its seed; Keras would by none that resumes
            epochs=epochs,
            callbacks=[Keeper(folder, config, sources.batches, sources.validation, state)],
            verbose=int(os.environ.get("HWR_TRAIN_VERBOSE", "2")),
        )
    return write_readings(load_artifact(folder / "best.keras"), sources.validation, folder)


def prepare(config: TrainConfig, preset: Preset, cache: Path) -> Sources:
    """Read, clean and preprocess what the configuration names."""
    frames = preset.build(preset.canvas, 2).output_shape[1] - preset.drop_frames
    charset = _given_charset(config) or default_charset()
    reports: dict[str, CleaningReport] = {}
    train_data = validation = None
    if config.data:
        rows = {split: read_rows(config, split) for split in ("train", "validation")}
        charset = _given_charset(config) or charset_of(rows["train"])
        parts = {}
        for split, found in rows.items():
            kept, reports[split] = clean(found, charset, frames)
            parts[split] = load(kept, reports[split], preset.canvas, cache)
            print(f"{split}: {reports[split].line()}", flush=True)
        train_data, validation = parts["train"], parts["validation"]
    count = config.made or (0 if config.data else MADE_WHEN_ALONE)
    made = MadeNames.of(config, charset, preset.canvas, count, config.seed) if count else None
    batches = Batches(
        train_data,
        charset,
        config.batch or preset.batch,
        config.seed,
        augmenting=preset.augment,
        made=made,
        steps=preset.steps_per_epoch if config.data else None,
        label_length=max([LONGEST_MADE, *map(len, train_data.texts if train_data else ())]),
        workers=config.workers,
    )
    if made and validation is None:
        validation = replace(made, count=_MADE_VALIDATION).fixed(_MADE_VALIDATION_EPOCH)
    if validation is None:
        raise DataError("there is nothing to validate on")
    return Sources(validation, batches, reports)


def _given_charset(config: TrainConfig) -> Charset | None:
    try:
        return Charset(config.charset) if config.charset else None
    except ValueError as error:
        raise DataError(str(error)) from error


def _new_model(config: TrainConfig, preset: Preset, sources: Sources) -> keras.Model:
    model = preset.build(preset.canvas, sources.batches.charset.classes)
    schedule = _schedule(config, preset, sources)
    if preset.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipnorm=5.0)
    else:
        optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.01, clipnorm=5.0)
    model.compile(optimizer=optimizer, loss=CTCLoss(), jit_compile=keras.backend.backend() == "jax")
    return model


def _schedule(
    config: TrainConfig, preset: Preset, sources: Sources
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Warm-up and cosine over all epochs; for the baseline its own slow decay."""
    rate = preset.learning_rate if config.learning_rate is None else config.learning_rate
    if preset.optimizer == "sgd":
        return keras.optimizers.schedules.InverseTimeDecay(rate, 1, 1e-6)
    steps = len(sources.batches) * (config.epochs or preset.epochs)
    warm = max(1, min(steps // 20, 500))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), alpha=0.005, warmup_target=rate, warmup_steps=warm
    )
