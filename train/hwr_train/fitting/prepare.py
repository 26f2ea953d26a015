"""Training: one run in one folder, with checkpoints, resume and the figures of every epoch.

A run's folder holds config.json, cleaning-*.json, log.csv, curve.png, last-EPOCH.keras and
state.json (everything needed to go on), best.keras with best.json (the artifact that conversion takes),
latest.keras with latest.json (the same of the latest epoch) and, at the end, readings.csv and figures.json on the validation names.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.files import make_folder
from hwr_edge.line.charset import Charset
from hwr_edge.line.metrics import Score
from hwr_train.config import Fold, TrainConfig
from hwr_train.data.canvases import NameData, load
from hwr_train.data.doubt import doubtful
from hwr_train.data.relabel import read_labelled_rows
from hwr_train.data.rows import CleaningReport, Row, charset_of, clean, read_extra
from hwr_train.files import held
from hwr_train.fitting.buckets import Buckets, NameMaker
from hwr_train.fitting.checkpoints import CheckpointCallback, RunState, write_log
from hwr_train.fitting.loader import Batches, ExtraNames, MadeNames
from hwr_train.interrupts import Interrupts, check
from hwr_train.measuring.readings import predict, write_readings
from hwr_train.network.artifact import Artifact, charset_beside, load_artifact, load_model
from hwr_train.network.grow import grow
from hwr_train.network.loss import CTCLoss
from hwr_train.network.model import Preset, preset_named
from hwr_train.synthetic.cutouts import CutNames
from hwr_train.synthetic.fields import default_charset
from hwr_train.synthetic.name_list import LONGEST_MADE, NameList

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
    make_folder(folder)
    with held(folder), Interrupts():
        return _train(config, folder)


def _train(config: TrainConfig, folder: Path) -> Score:
    preset = preset_named(config.preset)
    state = RunState.load(folder)
    if state.epoch:
        write_log(state.log, folder)  # a kill may have come between the state and its log
    else:
        config.save(folder / "config.json")  # with it alone, a run can be begun again
    keras.utils.set_random_seed(config.seed)
    earlier: Any = None  # keras has no types
    if state.epoch:
        earlier = load_model(folder / state.checkpoint, compiled=True)
    elif config.init:
        earlier = load_model(Path(config.init))
    if earlier is not None and all(layer.name != "shortcut" for layer in earlier.layers):
        # What is trained on shipped weights: a fresh head would shake what they know.
        preset = replace(preset, shortcut=0.0)
    sources = prepare(config, preset, folder.parent / "cache")
    check()
    _check_letters(config, folder, state, sources.batches.buckets.charset)
    if state.epoch and _has_new_rows(folder, sources.reports):
        # What was best had not seen them.
        state.best, state.best_epoch = math.inf, state.epoch
        state.save(folder)  # before the configuration says that they are in
    config.save(folder / "config.json")
    for split, report in sources.reports.items():
        report.save(folder / f"cleaning-{split}.json")
    epochs = config.epochs or preset.epochs
    if state.epoch < epochs and not state.out_of_patience(preset):
        if state.epoch:
            model = earlier
            # The same one, unless the number of epochs was changed for the rest of the run.
            model.optimizer.learning_rate = _schedule(config, preset, sources)
        else:
            model = new_model(config, preset, sources)
            if earlier is not None:
                grow(earlier, model)
        try:
            model.fit(
                sources.batches,
                initial_epoch=state.epoch,
                shuffle=False,  # Buckets do, by their seed; Keras would by none that resumes
                epochs=epochs,
                callbacks=[
                    CheckpointCallback(folder, config, sources.batches, sources.validation, state)
                ],
                verbose=int(os.environ.get("HWR_TRAIN_VERBOSE", "2")),
            )
        finally:
            sources.batches.close()
    else:
        print(_why_not(state, epochs, preset, folder), flush=True)
    return write_readings(load_artifact(folder / "best.keras"), sources.validation, folder)


def _why_not(state: RunState, epochs: int, preset: Preset, folder: Path) -> str:
    """Why a run does not go on, and what does."""
    if state.epoch >= epochs:
        return f"already at epoch {state.epoch} of {epochs}; EPOCHS= with more of them goes on"
    return (
        f"stopped at epoch {state.epoch}: no better for {preset.patience}, since {state.best_epoch}; "
        f"INIT={folder / 'best.keras'} begins a new run from there"
    )


def _has_new_rows(folder: Path, reports: Mapping[str, CleaningReport]) -> bool:
    """Whether there are further extra folders, or other rows in them, than when the run was at work last."""
    return any(
        split.startswith("extra") and report.differs(folder / f"cleaning-{split}.json")
        for split, report in reports.items()
    )


def _check_letters(config: TrainConfig, folder: Path, state: RunState, charset: Charset) -> None:
    """Raise DataError where the weights to go on from read other letters than the data has."""
    start = folder / "latest.keras" if state.epoch else config.init and Path(config.init)
    if not start or not start.with_suffix(".json").is_file():
        return
    before = charset_beside(start)
    if before != charset:
        raise DataError(
            f"{start}: reads {before.letters!r}, and this run's letters are {charset.letters!r}; "
            "--charset says which a new run has"
        )


def prepare(config: TrainConfig, preset: Preset, cache: Path) -> Sources:
    """Read, clean and preprocess what the configuration names."""
    frames = preset.product(2).output_shape[1] - preset.drop_frames
    charset = _given_charset(config) or default_charset()
    reports: dict[str, CleaningReport] = {}
    train_data = validation = None
    if not config.data and (config.fold or config.doubt_by or config.relabel or config.checked):
        raise DataError(
            "a fold, a judge of labels, or changes of them, need data with labels (--data)"
        )
    if config.data:
        rows = {
            "train": read_labelled_rows(config, "train"),
            "validation": read_labelled_rows(config, "validation"),
        }
        charset = _given_charset(config) or charset_of(rows["train"])
        parts = {}
        for split, found in rows.items():
            kept, reports[split] = clean(found, charset, frames)
            parts[split] = load(kept, reports[split], preset.canvas, cache)
            if split == "train" and (config.doubt_by or config.fold):
                kept = _undoubted(config, charset, kept, parts[split], reports[split])
                kept = _without_fold(config, kept, reports[split])
                parts[split] = load(kept, reports[split], preset.canvas, cache)
            print(f"{split}: {reports[split].line()}", flush=True)
        train_data, validation = parts["train"], parts["validation"]
    texts = [*(train_data.texts if train_data else ())]
    made: list[NameMaker] = []
    count = config.made or (0 if config.data else MADE_WHEN_ALONE)
    _check_used(config, count)
    if count:
        drawn = MadeNames.of(config, charset, preset.canvas, count, config.seed)
        made.append(drawn)
        if validation is None:
            validation = replace(drawn, count=_MADE_VALIDATION).fixed(_MADE_VALIDATION_EPOCH)
    if config.cut:
        made.append(_cut_names(config, train_data, charset, preset))
    others = len(texts) + sum(source.count for source in made)
    for k, folder in enumerate(config.extra, 1):
        kept, report = clean(read_extra(config, Path(folder)), charset, frames)
        reports[f"extra-{k}"] = report
        more = ExtraNames.among(load(kept, report, preset.canvas, cache), others)
        made.append(more)
        texts += more.data.texts
        print(f"{folder}: {report.line()}; each {more.times} times an epoch", flush=True)
    buckets = Buckets(
        train_data,
        charset,
        preset.canvas,
        config.batch or preset.batch,
        config.seed,
        augmenting=preset.augment,
        made=tuple(made),
        steps=preset.steps_per_epoch if config.data else None,
        label_length=max([LONGEST_MADE, *map(len, texts)]),
        width_step=preset.width_step,
        views=2 if config.agreement else 1,
    )
    heads = ("logits", "shortcut") if preset.shortcut else ("logits",)
    batches = Batches(buckets, config.workers, config.processes, heads)
    if validation is None:
        raise DataError("there is nothing to validate on")
    return Sources(validation, batches, reports)


def _check_used(config: TrainConfig, made: int) -> None:
    """Raise DataError for what would have no effect."""
    for option, given, needs in (
        ("--names", config.names and not (made or config.cut), "--made or --cut"),
        ("--strokes", config.strokes and not made, "--made"),
        ("--fonts", config.fonts and not made, "--made"),
        ("--cut-by", config.cut_by and not config.cut, "--cut"),
    ):
        if given:
            raise DataError(f"{option} has no effect without {needs}: say how many names an epoch")


def _cut_names(
    config: TrainConfig, data: NameData | None, charset: Charset, preset: Preset
) -> CutNames:
    """Names from pieces of the training crops, by the model that the configuration names.

    Raises:
        DataError: there are no crops, no model or no list of names, or too little could be cut.
    """
    if data is None or not config.cut_by or not config.names:
        raise DataError(
            "cut names need data, a model that finds their letters (--cut-by) and names"
        )
    listed = NameList.read(Path(config.names), charset, config.names_power)
    names = CutNames(
        data,
        _used(_reader(config.cut_by, charset, preset), data),
        charset,
        listed.with_shuffled(config.names_shuffled),
        preset.canvas,
        config.cut,
        config.seed,
    )
    print(f"cut: {len(names.cuts)} of {len(data)} crops into letters", flush=True)
    return names


def _undoubted(
    config: TrainConfig,
    charset: Charset,
    rows: Sequence[Row],
    data: NameData,
    report: CleaningReport,
) -> list[Row]:
    """The data's rows but those whose labels the models named in the configuration find wrong.

    Raises:
        DataError: a model cannot be used.
    """
    wrong: set[str] = set()
    for path in config.doubt_by:
        judge = _reader(path, charset, preset_named(config.preset))
        fold = Fold.of(judge.config.fold) if judge.config.fold else None
        places = [i for i, name in enumerate(data.ids) if fold is None or name in fold]
        if not places:
            raise DataError(f"{path}: its fold {judge.config.fold} has none of these rows")
        logits = _used(judge, data, places)
        found = doubtful([data.texts[i] for i in places], logits, charset)
        print(f"{path}: doubts {len(found)} of {len(places)} labels", flush=True)
        wrong |= {data.ids[places[i]] for i in found}
    for name in sorted(wrong):
        report.drop("doubtful label", name)
    good = set(data.ids) - wrong
    return [row for row in rows if row.name in good]


def _used(
    reader: Artifact, data: NameData, places: Sequence[int] | None = None
) -> NDArray[np.float32]:
    """A model's logits, float32 (N, T, classes), but the frames that it leaves out."""
    return predict(reader.model, data, places)[:, : -reader.preset.drop_frames or None]


def _without_fold(config: TrainConfig, rows: Sequence[Row], report: CleaningReport) -> list[Row]:
    """The rows but those of the configuration's fold."""
    if not config.fold:
        return list(rows)
    fold = Fold.of(config.fold)
    for row in rows:
        if row.name in fold:
            report.drop(f"fold {config.fold}", row.name)
    return [row for row in rows if row.name not in fold]


def _reader(path: str, charset: Charset, preset: Preset) -> Artifact:
    """A trained model that reads this run's canvases in this run's letters.

    Raises:
        DataError: there is none at `path`.
    """
    found = load_artifact(Path(path))
    if found.charset != charset or found.preset.canvas != preset.canvas:
        raise DataError(f"{path}: has another charset or canvas than this run")
    return found


def _given_charset(config: TrainConfig) -> Charset | None:
    try:
        return Charset(config.charset) if config.charset else None
    except ValueError as error:
        raise DataError(str(error)) from error


def new_model(config: TrainConfig, preset: Preset, sources: Sources) -> keras.Model:
    """An untrained network of the preset, compiled with its optimizer and losses."""
    model = preset.trainer(sources.batches.buckets.charset.classes)
    schedule = _schedule(config, preset, sources)
    if preset.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipnorm=5.0)
    else:
        steps = len(sources.batches) * (config.epochs or preset.epochs)
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
