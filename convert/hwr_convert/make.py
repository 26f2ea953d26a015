"""One model file made, verified and put in place, or refused with nothing written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from hwr_convert.calibrate import CALIBRATION, NameSource
from hwr_convert.parent import Parent
from hwr_convert.quantize import to_int8
from hwr_convert.verify import MAX_SIZE, Comparison, against_budget, compare, write_report
from hwr_edge.card import ModelCard, write_model
from hwr_edge.errors import ModelError

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How to quantize.

    lowering: "unrolled", "fused", or "auto": unrolled unless that is larger than max_size.
    calibration: how many training canvases; seed picks them.
    max_size: bytes that the file may have.
    """

    lowering: str = "auto"
    calibration: int = CALIBRATION
    seed: int = 0
    max_size: int = MAX_SIZE


def quantize(
    parent: Parent, source: NameSource, output: Path, options: Options, say: Say
) -> Comparison:
    """Make `output` with its card, and the report beside it.

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
    flatbuffer, lowering = _flatbuffer(model, canvases, options, say)
    card = ModelCard(
        name=artifact.config.preset,
        letters=artifact.charset.letters,
        canvas=canvas,
        drop_frames=artifact.preset.drop_frames,
        stateful=lowering == "fused",
        calibration={"canvases": len(canvases), "of": source.kind, "seed": options.seed},
        training=parent.facts(),
    )
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / output.name
        write_model(draft, flatbuffer, card)
        found = compare(draft, model, names, source.kind)
    for line in found.lines():
        say(line)
    if why := against_budget(found, options.max_size):
        raise ModelError(why)
    card = replace(card, figures={"lowering": lowering, **found.to_json()})
    write_model(output, flatbuffer, card)
    write_report(found, card, output.parent)
    return found


def _flatbuffer(
    model: keras.Model, canvases: NDArray[np.uint8], options: Options, say: Say
) -> tuple[bytes, str]:
    """The int8 flatbuffer, and how its LSTMs were lowered."""
    lowering = "unrolled" if options.lowering == "auto" else options.lowering
    flatbuffer = to_int8(model, canvases, lowering)
    if options.lowering == "auto" and len(flatbuffer) > options.max_size:
        say(
            f"unrolled it has {len(flatbuffer):,} bytes, {options.max_size:,} are allowed: "
            "fused LSTMs instead, which are smaller, slower, and keep state between readings"
        )
        lowering = "fused"
        flatbuffer = to_int8(model, canvases, lowering)
    return flatbuffer, lowering
