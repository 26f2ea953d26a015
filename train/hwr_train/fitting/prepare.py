"""What a run learns from and is measured on: data, cleaned; synthetic names; further folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_edge.typed_path import TypedPath
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData, load
from hwr_train.data.cleaning import CleaningReport, charset_of, clean
from hwr_train.data.own_table import how_labelled
from hwr_train.data.relabel import read_labelled_rows
from hwr_train.data.rows import read_extra
from hwr_train.fitting.buckets import Buckets, SampleSource
from hwr_train.fitting.hosts import ALONE, Hosts
from hwr_train.fitting.judges import (
    frames_of,
    judge_of,
    used_logits,
    without_doubtful,
    without_part,
)
from hwr_train.fitting.loader import BatchLoader, ExtraNames, SyntheticNames
from hwr_train.network.model import Preset
from hwr_train.synthetic.cutouts import CutoutNames
from hwr_train.synthetic.fields import default_charset
from hwr_train.synthetic.name_list import LONGEST_NAME, NameList

SYNTHETIC_WHEN_ALONE = 4000
"""Names an epoch where there is no data."""
_SYNTHETIC_VALIDATION = 400  # names
_SYNTHETIC_VALIDATION_EPOCH = 2**31  # one that training never reaches


@dataclass(frozen=True)
class RunData:
    """What a run learns from and is measured on, with what cleaning left out of each split."""

    validation: NameData
    loader: BatchLoader
    reports: dict[str, CleaningReport]


def prepare_data(
    config: TrainConfig, preset: Preset, cache: Path, devices: int = 1, hosts: Hosts = ALONE
) -> RunData:
    """Read, clean and preprocess what the configuration names; `cache` is a folder for canvases.

    devices: how many share each batch, those of all hosts.

    Raises:
        DataError: what is named cannot be used, has no effect, or there are no rows to validate on.
    """
    charset = _given_charset(config) or default_charset()
    reports: dict[str, CleaningReport] = {}
    train_data = validation = None
    if config.data:
        charset, train_data, validation = _real_data(config, preset, cache, reports)
    elif config.part or config.doubt_by or config.relabel or config.checked:
        raise DataError("--part, --doubt-by, --relabel and --checked need --data")
    sources: list[SampleSource] = []
    count = config.made or (0 if config.data else SYNTHETIC_WHEN_ALONE)
    _check_used(config, count)
    if count:
        synthetic = SyntheticNames.of(config, charset, preset.canvas, count, config.seed)
        sources.append(synthetic)
        if validation is None:
            few = replace(synthetic, count=_SYNTHETIC_VALIDATION)
            validation = few.dataset(_SYNTHETIC_VALIDATION_EPOCH)
    if config.cut:
        sources.append(_cutout_names(config, train_data, charset, preset))
    texts = [*(train_data.texts if train_data else ())]
    for extra in _extra_names(config, preset, charset, cache, reports, len(texts), sources):
        sources.append(extra)
        texts += extra.data.texts
    if validation is None:
        raise DataError("there are no rows to validate on; add --data or --made")
    buckets = Buckets(
        train_data,
        charset,
        preset.canvas,
        config.batch or preset.batch,
        config.seed,
        augmenting=preset.augment,
        sources=tuple(sources),
        steps=preset.steps_per_epoch if config.data else None,
        label_length=max([LONGEST_NAME, *map(len, texts)]),
        width_step=preset.width_step,
        views=2 if config.agreement else 1,
        devices=devices,
        hosts=hosts.count,
        host=hosts.place,
    )
    if not len(buckets):
        raise DataError(f"{buckets.names} names are too few for {devices} devices")
    heads = ("logits", "shortcut") if preset.shortcut else ("logits",)
    loader = BatchLoader(buckets, config.workers, config.processes, heads, hosts)
    return RunData(validation, loader, reports)


def _real_data(
    config: TrainConfig, preset: Preset, cache: Path, reports: dict[str, CleaningReport]
) -> tuple[Charset, NameData, NameData]:
    """Charset, training and validation crops of the data folder; what was left out goes to `reports`."""
    for line in how_labelled(config):
        print(line, flush=True)
    rows = {split: read_labelled_rows(config, split) for split in ("train", "validation")}
    charset = _given_charset(config) or charset_of(rows["train"])
    data = {}
    for split, listed in rows.items():
        usable, report = clean(listed, charset, frames_of(preset))
        reports[split] = report
        data[split] = load(usable, report, preset.canvas, cache)
        if split == "train" and (config.doubt_by or config.part):
            usable = without_doubtful(config, charset, usable, data[split], report)
            usable = without_part(config, usable, report)
            data[split] = load(usable, report, preset.canvas, cache)
        print(f"{split}: {report.line()}", flush=True)
    return charset, data["train"], data["validation"]


def _extra_names(
    config: TrainConfig,
    preset: Preset,
    charset: Charset,
    cache: Path,
    reports: dict[str, CleaningReport],
    real: int,
    sources: Sequence[SampleSource],
) -> list[ExtraNames]:
    """The configuration's further folders of crops, beside `real` names and those of `sources`."""
    others = real + sum(source.count for source in sources)
    names = []
    for k, folder in enumerate(config.extra, 1):
        usable, report = clean(read_extra(config, Path(folder)), charset, frames_of(preset))
        reports[f"extra-{k}"] = report
        extra = ExtraNames.among(load(usable, report, preset.canvas, cache), others)
        names.append(extra)
        print(f"{folder}: {report.line()}; each {extra.times} times an epoch", flush=True)
    return names


def _check_used(config: TrainConfig, made: int) -> None:
    """Raise DataError for what would have no effect."""
    for option, given, needs in (
        ("--names", config.names and not (made or config.cut), "--made or --cut"),
        ("--strokes", config.strokes and not made, "--made"),
        ("--fonts", config.fonts and not made, "--made"),
        ("--cut-by", config.cut_by and not config.cut, "--cut"),
    ):
        if given:
            raise DataError(
                f"{option} has no effect without {needs}, the number of names in an epoch"
            )


def _cutout_names(
    config: TrainConfig, data: NameData | None, charset: Charset, preset: Preset
) -> CutoutNames:
    """Names from pieces of the training crops, by the model that the configuration names.

    Raises:
        DataError: there are no crops, no model or no list of names, or too little could be cut.
    """
    if data is None or not config.cut_by or not config.names:
        raise DataError("--cut needs --data, --cut-by and --names")
    listed = NameList.read(TypedPath(config.names), charset, config.names_power)
    names = CutoutNames(
        data,
        used_logits(judge_of(config.cut_by, charset, preset), data),
        charset,
        listed.with_shuffled(config.names_shuffled),
        preset.canvas,
        config.cut,
        config.seed,
    )
    print(f"cut: {len(names.cuts)} of {len(data)} crops into letters", flush=True)
    return names


def _given_charset(config: TrainConfig) -> Charset | None:
    try:
        return Charset(config.charset) if config.charset else None
    except ValueError as error:
        raise DataError(str(error)) from error
