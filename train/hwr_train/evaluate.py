"""How well a model file reads a split: figures with intervals, by length.

A .tflite file is measured through hwr_edge, from the picture file to the text; a .keras file
through the same preprocessing and decoding with Keras between.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwr_edge.ctc import decode_text
from hwr_edge.errors import DataError, ImageError
from hwr_edge.image import read_grey
from hwr_edge.metrics import Score, score
from hwr_edge.output import make_folder
from hwr_edge.preprocess import preprocess
from hwr_edge.recognizer import Recognizer
from hwr_train.config import TrainConfig
from hwr_train.files import replace_csv, replace_text
from hwr_train.rows import CleaningReport, Row, clean, read_rows

LENGTHS = ((1, 4), (5, 6), (7, 8), (9, 11), (12, 99))


@dataclass(frozen=True)
class Evaluation:
    """Truth and reading of every usable row, with what was left out."""

    model: str
    split: str
    rows: tuple[Row, ...]
    readings: tuple[str, ...]
    confidences: tuple[float, ...]
    left_out: dict[str, int]

    @property
    def score(self) -> Score:
        """Over all usable rows."""
        return score([row.text for row in self.rows], self.readings)

    def by_length(self) -> dict[str, Score]:
        """Score for each range of letters in the truth that occurs."""
        found = {}
        for low, high in LENGTHS:
            picked = [i for i, r in enumerate(self.rows) if low <= len(r.text) <= high]
            if picked:
                texts = [self.rows[i].text for i in picked]
                label = f"{low} to {high}" if high < 99 else f"{low} and more"
                found[label] = score(texts, [self.readings[i] for i in picked])
        return found

    def to_json(self) -> str:
        """Figures alone: no name of anybody."""
        content = {
            "model": self.model,
            "split": self.split,
            "decoder": "greedy",
            **self.score.to_json(),
            "left_out": self.left_out,
            "by_letters": {k: v.to_json() for k, v in self.by_length().items()},
        }
        return json.dumps(content, indent=1) + "\n"

    def to_text(self) -> str:
        """Figures for people."""
        left = ", ".join(f"{n} {why}" for why, n in self.left_out.items()) or "none"
        lines = [
            f"{self.model} on {self.split}, greedy",
            self.score.line(),
            f"rows left out: {left}",
            "by letters of the name:",
        ]
        lines += [f"  {label:>12}  {one.line()}" for label, one in self.by_length().items()]
        return "\n".join(lines)


def evaluate(model: Path, config: TrainConfig, split: str) -> Evaluation:
    """Read every usable row of a split.

    Raises:
        DataError: the split or the model file cannot be used.
        ModelError: likewise for a .tflite file.
    """
    rows, report = clean(read_rows(config, split), None, frames=10**9)
    read = _reader(model)
    usable, texts, confidences = _read_rows(rows, report, read)
    if not usable:
        raise DataError(f"no usable row in {split} ({report.line()})")
    return Evaluation(
        model.name, split, tuple(usable), tuple(texts), tuple(confidences), report.counts()
    )


_Reader = Callable[[Path], tuple[str, float]]


def _read_rows(
    rows: Sequence[Row], report: CleaningReport, read: _Reader
) -> tuple[list[Row], list[str], list[float]]:
    usable, texts, confidences = [], [], []
    for row in rows:
        try:
            text, confidence = read(row.path)
        except ImageError:
            report.drop("picture broken", row.name)
            continue
        usable.append(row)
        texts.append(text)
        confidences.append(confidence)
    return usable, texts, confidences


def _reader(model: Path) -> _Reader:
    if model.suffix == ".keras":
        return _keras_reader(model)
    recognizer = Recognizer(model)

    def read(path: Path) -> tuple[str, float]:
        reading = recognizer.read(path)
        return reading.text, reading.confidence

    return read


def _keras_reader(path: Path) -> _Reader:
    import keras  # not needed, and slow to load, for a .tflite

    from hwr_train.artifact import load_artifact

    artifact = load_artifact(path)
    preset = artifact.preset

    def read(picture: Path) -> tuple[str, float]:
        canvas = preprocess(read_grey(picture), preset.canvas)
        logits = keras.ops.convert_to_numpy(artifact.model(canvas[None, :, :, None]))[0]
        decoded = decode_text(logits, artifact.charset, preset.drop_frames)
        return decoded.text, decoded.confidence

    return read


def write_evaluation(found: Evaluation, folder: Path) -> None:
    """figures.json, figures.txt and, with people's names in it, readings.csv."""
    make_folder(folder)
    replace_text(folder / "figures.json", found.to_json())
    replace_text(folder / "figures.txt", found.to_text() + "\n")
    found_rows = zip(found.rows, found.readings, found.confidences, strict=True)
    listing = [
        (row.name, row.text, text, f"{sure:.4f}", int(row.text == text))
        for row, text, sure in found_rows
    ]
    heading = ("id", "truth", "reading", "confidence", "right")
    replace_csv(folder / "readings.csv", [heading, *listing])
