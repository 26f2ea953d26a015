"""One model file made, verified and put in place, or refused with nothing written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hwr_convert.calibrate import NameSource
from hwr_convert.confidence import fit_confidence
from hwr_convert.options import Lowering, Options
from hwr_convert.parent import Parent
from hwr_convert.quantize import to_int8
from hwr_convert.verify import (
    Comparison,
    against_budget,
    compare,
    logits_of,
    size_line,
    write_report,
)
from hwr_edge.errors import ModelError
from hwr_edge.files import write_whole
from hwr_edge.line.card import ModelCard, model_bytes, write_model
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.shipped import NAME_MODEL
from hwr_train.data.canvases import NameData
from hwr_train.measuring.readings import warning_of

Say = Callable[[str], None]


def quantize(
    parent: Parent,
    source: NameSource,
    output: Path,
    options: Options,
    say: Say,
    name_model: Path | None = None,
) -> Comparison:
    """Make `output` with its card, the report beside it, and its own name model, where one is given.

    Raises:
        ModelError: it cannot be made, or reads worse or is larger than the budget allows.
        DataError: the names cannot be read.
        OutputError: the file cannot be written.
    """
    artifact = parent.artifact
    model, canvas = artifact.model, artifact.preset.canvas
    names = source.held_out(canvas)
    canvases = source.calibration(canvas, options.calibration, options.seed)
    say(f"calibrating {artifact.config.preset} with {len(canvases)} canvases ({source.kind})")
    flatbuffer = to_int8(model, canvases, options.lowering)
    card = ModelCard(
        name=artifact.config.preset,
        letters=artifact.charset.letters,
        canvas=canvas,
        drop_frames=artifact.preset.drop_frames,
        stateful=options.lowering is Lowering.FUSED,
        calibration={"canvases": len(canvases), "of": source.kind, "seed": options.seed},
        training=parent.facts(),
    )
    _check_size(len(flatbuffer), options)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / output.name
        write_model(draft, flatbuffer, card)
        found = compare(draft, model, names, source.kind)
        card = replace(card, confidence=_confidence(draft, names, source, name_model))
    card = replace(card, figures={"lowering": options.lowering.value, **found.to_json()})
    size = len(model_bytes(flatbuffer, card))
    lines = [*found.lines(), size_line(size, model.count_params())]
    for line in lines:
        say(line)
    if why := against_budget(found):
        raise ModelError(why)
    _check_size(size, options)
    write_model(output, flatbuffer, card)
    if name_model:
        write_whole(output.with_name(NAME_MODEL), name_model.read_bytes())
    if warning := warning_of(found.int8):
        say(warning)
    write_report(card, size, lines, output.parent)
    return found


def _confidence(
    file: Path, names: NameData, source: NameSource, name_model: Path | None
) -> dict[str, dict[str, float]]:
    recognizer = Recognizer(
        file, name_model=name_model
    )  # else the shipped, if it is for these letters
    frames = -recognizer.card.drop_frames or None
    logits = logits_of(recognizer, names)[:, :frames]
    others = source.training_texts()
    return fit_confidence(logits, names.texts, others, recognizer.charset, recognizer.names)


def _check_size(size: int, options: Options) -> None:
    """Raise ModelError for a file that is too large."""
    if size <= options.max_size:
        return
    smaller = "; as an experiment, --lowering fused makes a smaller one"
    raise ModelError(
        f"the int8 file has {size:,} bytes, {options.max_size:,} are allowed; nothing was written"
        f"{smaller if options.lowering is Lowering.FOLDED else ''}"
    )
