"""Reads a split with a model file, and measures what it reads.

A .tflite file is measured through hwr_edge, from the image file to the text; a .keras file
through the same preprocessing and decoding with Keras between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hwr_edge.errors import DataError, ImageError
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.recognizer import Recognizer
from hwr_train.config import TrainConfig
from hwr_train.data.checked import Checked
from hwr_train.data.cleaning import clean
from hwr_train.data.rows import read_rows
from hwr_train.measuring.empty_fields import empty_fields
from hwr_train.measuring.evaluation import Evaluation
from hwr_train.measuring.readers import device_reader, folds_for, keras_reader
from hwr_train.measuring.roster_answers import match_to_rosters, with_accepted_labels


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
        read = keras_reader(model)
    else:
        recognizer = Recognizer(model, decoder=decoder, name_model=name_model)
        read = device_reader(recognizer)
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
        match_to_rosters(recognizer, config, with_accepted_labels(usable, checked))
        if recognizer
        else None,
        checked or {},
    )
