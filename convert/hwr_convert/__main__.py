"""Command line: `python -m hwr_convert quantize|ship|line-kinds|line-kinds-among ...`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwr_convert.options import CALIBRATION, MAX_SIZE, Lowering, Options
from hwr_edge.native import quiet
from hwr_edge.typed_path import keep_as_typed
from hwr_train.console import errors_reported

if TYPE_CHECKING:
    from hwr_convert.calibrate import NameSource
    from hwr_convert.parent import Parent

_INTERRUPTED = "interrupted; nothing was written"

app = typer.Typer(
    help="Convert a trained model for the device, and ship it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Run = Annotated[
    Path | None,
    typer.Argument(
        help="Folder or name of a run. Default: the newest, else the shipped model's parent."
    ),
]
Runs = Annotated[Path, typer.Option(help="Folder of all runs.")]
Models = Annotated[Path, typer.Option(help="Folder of the shipped model and its parent.")]
Data = Annotated[
    Path | None,
    typer.Option(help="Data folder. Default: the run's own, else synthetic fields."),
]
Checked = Annotated[
    str | None,
    typer.Option(help="CSV of checked labels. {split} in its name stands for the split."),
]


@app.command("quantize")
def quantize_command(
    run: Run = None,
    runs: Runs = Path("runs"),
    models: Models = Path("models"),
    data: Data = None,
    checked: Checked = None,
    lowering: Annotated[
        Lowering, typer.Option(help="How to convert LSTMs. fused is experimental.")
    ] = Lowering.FOLDED,
    output: Annotated[
        Path | None, typer.Option(help="File to write. Default: in the run's folder.")
    ] = None,
    calibration: Annotated[
        int, typer.Option(min=1, help="Number of training images to calibrate with.")
    ] = CALIBRATION,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Seed for choosing these images.")
    ] = 0,
    name_model: Annotated[
        Path | None,
        typer.Option(help="Name model for the beam, in the run's letters (see `name-model`)."),
    ] = None,
    max_size: Annotated[
        int, typer.Option(min=1, help="Largest size of the file, in bytes.")
    ] = MAX_SIZE,
) -> None:
    """Convert a run to a full-int8 file, and check it against the run on held-out names."""

    def work() -> None:
        from hwr_convert.make import quantize
        from hwr_convert.parent import find_parent

        parent = find_parent(run, runs, models)
        where = output or parent.output
        options = Options(lowering, calibration, seed, max_size)
        quantize(parent, _source(parent, data, checked, runs), where, options, print, name_model)
        print(f"wrote {where}")

    _run(work)


@app.command("line-kinds")
def line_kinds_command(
    run: Annotated[Path, typer.Argument(help="Folder of a run of hwr_train.line_kinds.")],
    output: Annotated[Path, typer.Option(help="File to write.")] = Path("models/print-int8.tflite"),
) -> None:
    """Convert the model that tells handwriting from print."""

    def work() -> None:
        from hwr_convert.line_kinds import make

        make(run, output, print)

    _run(work)


@app.command("line-kinds-among")
def line_kinds_among_command(
    pages: Annotated[list[Path], typer.Argument(help="Folders of pages with their truth.")],
    drawn: Annotated[
        list[Path] | None, typer.Option(help="Folders of empty pages set in fonts like a hand.")
    ] = None,
    file: Annotated[Path, typer.Option(help="File to change.")] = Path("models/print-int8.tflite"),
) -> None:
    """Fit how the other lines of a page tell whether a line is print. The model did not learn from these pages."""

    def work() -> None:
        from hwr_convert.line_kinds import make_among

        make_among(file, pages, drawn or [], print)

    _run(work)


@app.command("ship")
def ship_command(
    run: Run = None,
    runs: Runs = Path("runs"),
    models: Models = Path("models"),
    data: Data = None,
    checked: Checked = None,
    file: Annotated[Path | None, typer.Option(help="The int8 file. Default: the run's.")] = None,
) -> None:
    """Put a quantized run into models/. It must read no worse than the shipped model."""

    def work() -> None:
        from hwr_convert.parent import find_parent
        from hwr_convert.ship import ship

        parent = find_parent(run, runs, models)
        ship(parent, file or parent.output, models, _source(parent, data, checked, runs), print)
        print(f"shipped into {models}")

    _run(work)


def _source(parent: Parent, data: Path | None, checked: str | None, runs: Path) -> NameSource:
    from hwr_convert.calibrate import name_source

    artifact = parent.artifact
    source = name_source(artifact.config, artifact.charset, data, checked, runs / "cache")
    print(f"{parent.weights}: calibrated and measured with {source.kind}")
    if not source.real:
        print(
            "no data folder: figures of synthetic fields say little about handwriting; add --data"
        )
    return source


def _run(work: Callable[[], None]) -> None:
    """Do it; what goes wrong is one line and an exit status."""
    # Report here and not in main: Typer makes an exit of its own of Ctrl-C, which says less.
    with errors_reported(lambda: _INTERRUPTED):
        with quiet():  # what TensorFlow says of missing GPUs
            import tensorflow  # noqa: F401
        work()


def main(name: str = "python -m hwr_convert") -> None:
    """Run the command line; never returns."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that drafts are removed
    try:
        command = typer.main.get_command(app)
        keep_as_typed(command)
        command(prog_name=name)
    except KeyboardInterrupt:
        print(_INTERRUPTED, file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
