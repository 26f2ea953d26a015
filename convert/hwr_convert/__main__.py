"""Command line: `python -m hwr_convert quantize|ship [RUN]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.errors import HwrError
from hwr_edge.native import quiet

with quiet():  # what TensorFlow says of missing GPUs
    import tensorflow  # noqa: F401

from hwr_convert.calibrate import CALIBRATION, NameSource, name_source
from hwr_convert.make import Options, quantize
from hwr_convert.parent import Parent, find_parent
from hwr_convert.ship import ship
from hwr_convert.verify import MAX_SIZE

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


class Lowering(StrEnum):
    """How LSTMs are written in the file."""

    auto = "auto"
    unrolled = "unrolled"
    fused = "fused"


Run = Annotated[
    Path | None,
    typer.Argument(help="A run's folder, or its name; the newest, else the committed parent."),
]
Runs = Annotated[Path, typer.Option(help="Where training runs are.")]
Models = Annotated[Path, typer.Option(help="Where the shipped model and its parent are.")]
Data = Annotated[
    Path | None,
    typer.Option(help="Data folder; the run's own where it exists, else made fields."),
]


@app.command("quantize")
def quantize_command(
    run: Run = None,
    runs: Runs = Path("runs"),
    models: Models = Path("models"),
    data: Data = None,
    lowering: Annotated[
        Lowering, typer.Option(help="How to write LSTMs; auto: unrolled if it fits.")
    ] = Lowering.auto,
    output: Annotated[Path | None, typer.Option(help="The file; beside the run's weights.")] = None,
    calibration: Annotated[int, typer.Option(min=1, help="Training canvases.")] = CALIBRATION,
    seed: Annotated[int, typer.Option(help="Picks the canvases.")] = 0,
    max_size: Annotated[int, typer.Option(min=1, help="Bytes that the file may have.")] = MAX_SIZE,
) -> None:
    """Make a run's weights a full-int8 file, verified against them on held-out names."""

    def work() -> None:
        parent = find_parent(run, runs, models)
        where = output or parent.output
        options = Options(lowering.value, calibration, seed, max_size)
        quantize(parent, _source(parent, data), where, options, print)
        print(f"wrote {where}")

    _run(work)


@app.command("ship")
def ship_command(
    run: Run = None,
    runs: Runs = Path("runs"),
    models: Models = Path("models"),
    data: Data = None,
    file: Annotated[Path | None, typer.Option(help="The int8 file, if not the run's.")] = None,
) -> None:
    """Put a quantized run into models/, if it reads no worse than what ships now."""

    def work() -> None:
        parent = find_parent(run, runs, models)
        ship(parent, file or parent.output, models, _source(parent, data), print)
        print(f"shipped into {models}")

    _run(work)


def _source(parent: Parent, data: Path | None) -> NameSource:
    artifact = parent.artifact
    source = name_source(artifact.config, artifact.charset, parent.frames, data)
    print(f"{parent.weights}: calibrated and measured with {source.kind}")
    if not source.real:
        print("no data folder: figures of made fields say little of handwriting; give --data")
    return source


def _run(work: Callable[[], None]) -> None:
    """Do it; an error is one line and exit status 1."""
    try:
        work()
    except HwrError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    app(prog_name="python -m hwr_convert")
