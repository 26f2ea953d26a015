"""How well a model file reads a split: figures with intervals, by length.

A .tflite file is measured through hwr_edge, from the image file to the text; a .keras file
through the same preprocessing and decoding with Keras between.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from hwr_edge.errors import DataError, ImageError
from hwr_edge.folders import make_folder
from hwr_edge.image.pixels import Grey
from hwr_edge.line.card import read_card
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.greedy import decode_text
from hwr_edge.line.metrics import (
    Score,
    calibration_by_chance,
    calibration_error,
    coverage,
    edit_distance,
    score,
    wilson,
)
from hwr_edge.line.preprocess import preprocess
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.spellings import all_spellings
from hwr_train.config import TrainConfig
from hwr_train.data.checked import Checked, plain
from hwr_train.data.rows import Row, clean, read_rows
from hwr_train.files import replace_csv, replace_text
from hwr_train.synthetic.fields import FieldGenerator

EMPTY_FIELDS = 500
ROSTER_NAMES = 1000
_EMPTY_SEED = 2**20  # one that training is not given
LENGTHS = ((1, 4), (5, 6), (7, 8), (9, 11), (12, 99))


@dataclass(frozen=True)
class RosterAnswers:
    """Every row matched twice, to rosters of `names` names of the training split.

    right: of each row, whether the roster that has the truth was matched rightly.
    none: of each row, whether it was told to be none of these where the truth is not among them.
    """

    names: int
    right: tuple[bool, ...]
    none: tuple[bool, ...]

    def to_json(self) -> dict[str, object]:
        """Shares with their 95 % intervals (Wilson)."""
        return {
            "names": self.names,
            "right": float(np.mean(self.right)),
            "right_interval": wilson(sum(self.right), len(self.right)),
            "none": float(np.mean(self.none)),
            "none_interval": wilson(sum(self.none), len(self.none)),
        }

    def line(self) -> str:
        """One line for people."""
        right, none = (
            "{:.2%} [{:.2%}, {:.2%}]".format(float(np.mean(one)), *wilson(sum(one), len(one)))
            for one in (self.right, self.none)
        )
        return f"roster of {self.names}: on it and right {right}   not on it and said so {none}"


@dataclass(frozen=True)
class Evaluation:
    """Truth and reading of every usable row, with what was left out.

    sizes: width and height of each image in pixels.
    empty: how many of EMPTY_FIELDS drawn fields with nothing written were read as empty.
    roster: None where there is no training split to make rosters of, or no calibrated model. Where
        labels were checked, its truths are what is written.
    checked: by id, what is written where the label was checked; empty where no table was named.
    """

    model: str
    split: str
    decoder: str
    rows: tuple[Row, ...]
    readings: tuple[str, ...]
    confidences: tuple[float, ...]
    sizes: tuple[tuple[int, int], ...]
    left_out: dict[str, int]
    empty: int
    roster: RosterAnswers | None = None
    checked: Mapping[str, Checked] = field(default_factory=dict)

    @property
    def right(self) -> list[bool]:
        """Whether each row was read without a fault."""
        return [row.text == text for row, text in zip(self.rows, self.readings, strict=True)]

    @cached_property
    def confidence_figures(self) -> dict[str, float]:
        """Calibration error, that of chance alone, and how much is read at what accuracy, as fractions."""
        chance, low, high = calibration_by_chance(self.confidences)
        return {
            "calibration_error": calibration_error(self.confidences, self.right),
            "by_chance": chance,
            "by_chance_low": low,
            "by_chance_high": high,
            "coverage_at_95": coverage(self.confidences, self.right, 0.95),
            "coverage_at_99": coverage(self.confidences, self.right, 0.99),
        }

    @property
    def score(self) -> Score:
        """Over all usable rows."""
        return score([row.text for row in self.rows], self.readings)

    @cached_property
    def against_checked(self) -> Evaluation:
        """The same against what is written: of the rows where a check found that out.

        Of several accepted texts the nearest to the reading is the truth. A doubled hyphen counts as one.
        """
        rows, readings, picked = [], [], []
        for k, (row, reading) in enumerate(zip(self.rows, map(plain, self.readings), strict=True)):
            if accepted := self._accepted(row):
                edits = [edit_distance(text, reading) for text in accepted]
                rows.append(replace(row, text=accepted[edits.index(min(edits))]))
                readings.append(reading)
                picked.append(k)
        return replace(
            self,
            rows=tuple(rows),
            readings=tuple(readings),
            confidences=tuple(self.confidences[k] for k in picked),
            sizes=tuple(self.sizes[k] for k in picked),
            checked={},
        )

    def _accepted(self, row: Row) -> tuple[str, ...]:
        found = self.checked.get(row.name)
        return (plain(row.text),) if found is None else found.accepted

    @cached_property
    def to_look_at(self) -> list[int]:
        """Places of the rows that are read otherwise than labelled, and whose label nobody changed.

        A table of checked labels also says `same` of rows that nobody looked at, because no model read
        them otherwise.
        """
        pairs = enumerate(zip(self.rows, self.readings, strict=True))
        return [
            k
            for k, (row, text) in pairs
            if plain(text) != plain(row.text)
            and (row.name not in self.checked or self.checked[row.name].status == "same")
        ]

    def by_length(self) -> dict[str, Score]:
        """Score for each range of letters in the truth that occurs."""
        labels = {
            low: f"{low} to {high}" if high < 99 else f"{low} and more" for low, high in LENGTHS
        }
        places = [max(low for low in labels if low <= len(row.text)) for row in self.rows]
        return {labels[low]: self._part(places, low) for low in sorted(set(places))}

    def by_layout(self) -> dict[str, Score]:
        """Score for each kind of crop, told by its size in pixels, the most frequent first."""
        places = [f"{w // 20 * 20}+ by {h // 10 * 10}+" for w, h in self.sizes]
        return {place: self._part(places, place) for place, _ in Counter(places).most_common()}

    def _part(self, places: Sequence[object], place: object) -> Score:
        picked = [i for i, found in enumerate(places) if found == place]
        return score([self.rows[i].text for i in picked], [self.readings[i] for i in picked])

    def to_json(self) -> str:
        """Figures alone: no name of anybody."""
        content = {
            "model": self.model,
            "split": self.split,
            "decoder": self.decoder,
            **self.score.to_json(),
            "left_out": self.left_out,
            "empty_fields": {"drawn": EMPTY_FIELDS, "read_as_empty": self.empty},
            "confidence": self.confidence_figures,
            "roster": self.roster.to_json() if self.roster else None,
            **({"checked": self._checked_json()} if self.checked else {}),
            "by_letters": {k: v.to_json() for k, v in self.by_length().items()},
            "by_size": {k: v.to_json() for k, v in self.by_layout().items()},
        }
        return json.dumps(content, indent=1) + "\n"

    def _checked_json(self) -> dict[str, object]:
        found = self.against_checked
        return {
            **found.score.to_json(),
            "confidence": found.confidence_figures,
            "to_look_at": len(self.to_look_at),
        }

    def to_text(self) -> str:
        """Figures for people."""
        left = ", ".join(f"{n} {why}" for why, n in self.left_out.items()) or "none"
        lines = [
            f"{self.model} on {self.split}, {self.decoder}",
            self.score.line(),
            f"rows left out: {left}",
            f"drawn empty fields read as empty: {self.empty} of {EMPTY_FIELDS}",
            self._confidence_line(),
            *([self.roster.line()] if self.roster else []),
            *(self._checked_lines() if self.checked else []),
            "by letters of the name:",
        ]
        lines += [f"  {label:>12}  {one.line()}" for label, one in self.by_length().items()]
        return "\n".join(lines)

    def _checked_lines(self) -> list[str]:
        found = self.against_checked
        return [
            f"against checked labels: {found.score.line()}",
            f"  {found._confidence_line()}",
            f"  {len(self.to_look_at)} rows whose label nobody changed are read otherwise: to-look-at.csv",
        ]

    def _confidence_line(self) -> str:
        return (
            "confidence: calibration error {calibration_error:.2%} (a perfect one, by chance: "
            "{by_chance:.2%} [{by_chance_low:.2%}, {by_chance_high:.2%}]), coverage at 95 % right "
            "{coverage_at_95:.1%}, at 99 % {coverage_at_99:.1%}".format(**self.confidence_figures)
        )


def evaluate(
    model: Path,
    config: TrainConfig,
    split: str,
    decoder: Decoder = Decoder.GREEDY,
    name_model: Path | None = None,
    checked: Mapping[str, Checked] | None = None,
) -> Evaluation:
    """Read every usable row of a split.

    Args:
        model: a .tflite or .keras file.
        config: where the data lies.
        split: which part of it.
        decoder: how logits become a name.
        name_model: for the beam; None is the shipped one.
        checked: what is written, by the rows' ids, where labels were checked.

    Raises:
        DataError: the split or the model file cannot be used.
        ModelError: likewise for a .tflite file.
    """
    config = replace(config, fold=folds_for(model, config))
    rows, report = clean(read_rows(config, split), None, frames=10**9)
    recognizer = None
    if model.suffix == ".keras":
        if decoder is not Decoder.GREEDY:
            raise DataError("a .keras file is measured greedily; the beam is for .tflite files")
        read = _keras_reader(model)
    else:
        recognizer = Recognizer(model, decoder=decoder, name_model=name_model)
        read = _device_reader(recognizer)
    usable, found = [], []
    for row in rows:
        try:
            grey = row.grey()
        except ImageError:
            report.drop("image broken", row.name)
            continue
        found.append((*read(grey), (grey.shape[1], grey.shape[0])))
        usable.append(row)
    if not usable:
        raise DataError(f"no usable row in {split} ({report.line()})")
    texts, confidences, sizes = zip(*found, strict=True)
    empty = sum(not read(field)[0] for field in empty_fields())
    return Evaluation(
        model.name,
        split,
        decoder.value,
        tuple(usable),
        texts,
        confidences,
        sizes,
        report.counts(),
        empty,
        _on_rosters(recognizer, config, _written(usable, checked)) if recognizer else None,
        checked or {},
    )


def folds_for(model: Path, config: TrainConfig) -> bool:
    """Whether labels are folded to measure a model: as asked, else as its letters say.

    Raises:
        DataError, ModelError: the model cannot be used.
    """
    if config.fold is not None:
        return config.fold
    if model.suffix != ".keras":
        return read_card(model).charset.folded
    from hwr_train.network.artifact import charset_beside  # with it comes Keras

    return charset_beside(model).folded


def _written(rows: Sequence[Row], checked: Mapping[str, Checked] | None) -> list[Row]:
    """The rows with what is written for labels; where labels were not checked, as they are."""
    accepted = [
        (checked or {}).get(row.name, Checked("same", (row.text,))).accepted for row in rows
    ]
    return [
        row if row.text in texts else replace(row, text=texts[0])
        for row, texts in zip(rows, accepted, strict=True)
        if texts
    ]


def _on_rosters(
    recognizer: Recognizer, config: TrainConfig, rows: Sequence[Row]
) -> RosterAnswers | None:
    """Match every image to rosters with and without its truth."""
    try:
        learnt = read_rows(config, "train")
    except DataError:
        return None
    charset = recognizer.charset
    names = sorted({r.text for r in learnt if r.text and not charset.unknown(r.text)})
    if not recognizer.calibrated_for_rosters or len(names) < 2:
        return None
    written = {name: {way.text for way in all_spellings([name], charset)} for name in names}
    rng = np.random.default_rng(0)
    right, none = [], []
    for row in rows:
        grey = row.grey()  # again: all of them would not fit into memory
        drawn = [names[k] for k in rng.permutation(len(names))[:ROSTER_NAMES]]
        others = [name for name in drawn if row.text not in written[name]]
        if charset.unknown(row.text):  # no roster can hold it
            right.append(False)
        else:
            found = recognizer.with_roster([*others[: ROSTER_NAMES - 1], row.text]).read_grey(grey)
            right.append(bool(found.match and found.match.name == row.text))
        found = recognizer.with_roster(others).read_grey(grey)
        none.append(bool(found.match and found.match.name is None))
    return RosterAnswers(min(ROSTER_NAMES, len(names)), tuple(right), tuple(none))


def empty_fields() -> Iterator[Grey]:
    """EMPTY_FIELDS drawn fields: print, specks, ruled lines, shadows, and nothing written."""
    maker = FieldGenerator(seed=_EMPTY_SEED, empty_share=1.0)
    for k in range(EMPTY_FIELDS):
        yield maker.make(np.random.default_rng((_EMPTY_SEED, k)))[1]


_Reader = Callable[[Grey], tuple[str, float]]


def _device_reader(recognizer: Recognizer) -> _Reader:
    """Text and confidence of a grey image, as the device has them."""

    def read(grey: Grey) -> tuple[str, float]:
        reading = recognizer.read_grey(grey)
        return reading.text, reading.confidence

    return read


def _keras_reader(path: Path) -> _Reader:
    # With it comes Keras: not needed, and slow to load, for a .tflite.
    from hwr_train.network.artifact import load_artifact

    artifact = load_artifact(path)
    preset = artifact.preset

    def read(grey: Grey) -> tuple[str, float]:
        canvas = preprocess(grey, preset.canvas)
        # Compiled; called as it is, a recurrent model takes a second for each image.
        logits = np.asarray(artifact.model.predict_on_batch(canvas[None, :, :, None]))[0]
        decoded = decode_text(logits, artifact.charset, preset.drop_frames)
        return decoded.text, decoded.confidence

    return read


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """figures.json, figures.txt and, with people's names in it, readings.csv."""
    make_folder(folder)
    replace_text(folder / "figures.json", evaluation.to_json())
    replace_text(folder / "figures.txt", evaluation.to_text() + "\n")
    listed = zip(evaluation.rows, evaluation.readings, evaluation.confidences, strict=True)
    listing = [
        (row.name, row.text, text, f"{sure:.4f}", int(row.text == text))
        for row, text, sure in listed
    ]
    heading = ("id", "truth", "reading", "confidence", "right")
    replace_csv(folder / "readings.csv", [heading, *listing])
    if evaluation.checked:
        to_look_at = [listing[k][:4] for k in evaluation.to_look_at]
        replace_csv(
            folder / "to-look-at.csv", [("id", "label", "reading", "confidence"), *to_look_at]
        )
