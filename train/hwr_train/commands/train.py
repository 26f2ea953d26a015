"""`train`: trains a model, or goes on with a run."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from hwr_edge.errors import DataError, HwrError
from hwr_edge.native import quiet
from hwr_train.commands.options import (
    CsvPattern,
    CutBy,
    Data,
    FilenameColumn,
    Fold,
    FolderPattern,
    Fonts,
    IdentityColumn,
    Names,
    Runs,
    Seed,
    Strokes,
)
from hwr_train.commands.run_folder import new_run_folder, remove_unbegun_run
from hwr_train.commands.train_config import new_config, resumed_config, was_typed
from hwr_train.config import TrainConfig
from hwr_train.console import errors_reported
from hwr_train.fitting.devices import choose_backend, together
from hwr_train.interrupts import Interrupts, check

_HOW_TO_GET_DATA = """\
No DATA was given: names are drawn by this program. They show that the whole path runs; a model
that reads real forms needs real names. Get "Handwriting Recognition" (landlord) from Kaggle,
unpack it, and run: make train DATA=its-folder"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)


def train(
    context: typer.Context,
    data: Data = None,
    preset: Annotated[
        str | None, typer.Option(help="Size of the network: edge, baseline or tiny. Default: edge.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Number of epochs.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Names in a batch.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-9, help="Learning rate. Default: the preset's.")
    ] = None,
    seed: Seed = 0,
    charset: Annotated[
        str | None, typer.Option(help="Letters to learn. Default: those of the data.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use at most this many rows of a split.")
    ] = None,
    fraction: Annotated[
        float, typer.Option(min=1e-6, max=1.0, help="Share of the rows of a split to use.")
    ] = 1.0,
    made: Annotated[
        int, typer.Option(min=0, help="Synthetic names in an epoch, added to the real ones.")
    ] = 0,
    names: Names = None,
    names_power: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Exponent of the counts: 1 keeps rare names rare, 0 makes all equally frequent.",
        ),
    ] = TrainConfig.names_power,
    names_shuffled: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of synthetic names whose letters are shuffled."),
    ] = TrainConfig.names_shuffled,
    strokes: Strokes = None,
    fonts: Fonts = None,
    cut: Annotated[
        int,
        typer.Option(
            min=0, help="Names in an epoch that are put together from pieces of real crops."
        ),
    ] = 0,
    cut_by: CutBy = None,
    extra: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of more training rows, with labels.csv and images/. Repeat it for more."
        ),
    ] = None,
    fold: Fold = None,
    part: Annotated[
        str | None,
        typer.Option(
            help="1/2 leaves out the first of two parts. Use it to train models for --doubt-by."
        ),
    ] = None,
    relabel: Annotated[
        Path | None, typer.Option(help="CSV of FILENAME,CHANGE. Corrects wrong training labels.")
    ] = None,
    checked: Annotated[
        str | None,
        typer.Option(help="CSV of checked labels. {split} in its name stands for the split."),
    ] = None,
    doubt_by: Annotated[
        list[Path] | None,
        typer.Option(help=".keras file. Leave out labels that it finds wrong. Repeat it for more."),
    ] = None,
    init: Annotated[
        Path | None, typer.Option(help="Start from the weights of this .keras file.")
    ] = None,
    new_letters: Annotated[
        bool,
        typer.Option(
            "--new-letters", help="Learn this run's letters. The weights of --init are for others."
        ),
    ] = False,
    agreement: Annotated[
        float,
        typer.Option(min=0, help="Weight of the agreement between two views of a name. Try 0.2."),
    ] = TrainConfig.agreement,
    workers: Annotated[int, typer.Option(min=1, help="Threads that draw names.")] = 2,
    processes: Annotated[
        int,
        typer.Option(min=0, help="Draw names in this many processes instead. Use it with a GPU."),
    ] = 0,
    filename_column: FilenameColumn = TrainConfig.filename_column,
    identity_column: IdentityColumn = TrainConfig.identity_column,
    csv_pattern: CsvPattern = TrainConfig.csv_pattern,
    folder_pattern: FolderPattern = TrainConfig.folder_pattern,
    devices: Annotated[
        int | None,
        typer.Option(
            min=1, help="Split each batch over this many devices of each machine. Needs JAX."
        ),
    ] = None,
    hosts: Annotated[
        int,
        typer.Option(
            min=1, help="Number of machines that train together. Run the same command on each."
        ),
    ] = 1,
    host: Annotated[int, typer.Option(min=0, help="Number of this machine, from 0.")] = 0,
    meet: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Address of machine 0, to which the others connect."
        ),
    ] = None,
    runs: Runs = Path("runs"),
    resume: Annotated[
        Path | None,
        typer.Option(help="Continue the run in this folder. Only --epochs and --extra may change."),
    ] = None,
) -> None:
    """Train a model. Everything about it goes into a new folder in RUNS."""
    options = dict(locals())
    typed = {name for name in options if was_typed(context, name)}
    _train(options, typed)


def _train(options: Mapping[str, Any], typed: Set[str]) -> None:
    """Begin a run, or go on with one.

    Args:
        options: the command's, by name.
        typed: those that the user named.
    """
    folder: Path | None = None

    def interrupted() -> str:
        if folder is None or not (folder / "config.json").is_file():
            return "interrupted; nothing was written"
        return f"interrupted; go on with RESUME={folder}"

    with _leaving(options["hosts"]), errors_reported(interrupted), Interrupts():
        if options["devices"] or options["hosts"] > 1:
            choose_backend()
        if (options["hosts"] > 1) != bool(options["meet"]):
            raise DataError("several hosts need --hosts, --host and --meet HOST:PORT")
        with together(options["hosts"], options["host"], options["meet"] or "") as hosts:
            with quiet():  # what TensorFlow says of missing GPUs
                from hwr_train.fitting.fit import train as fit

            check()
            resume: Path | None = options["resume"]
            if resume is not None:
                config = resumed_config(typed, resume, options["epochs"], options["extra"] or ())
                folder = resume
            else:
                config = new_config(options)
                name = new_run_folder(options["runs"], config.preset) if hosts.first else None
                folder = Path(hosts.gather("run", name and str(name))[0])
            if config.data is None:
                print(_HOW_TO_GET_DATA, flush=True)
            print(f"run: {folder}", flush=True)
            try:
                print(f"best: {fit(config, folder, options['devices'] or 1, hosts).line()}")
            except HwrError:
                if resume is None and hosts.first:
                    remove_unbegun_run(folder)
                raise


@contextmanager
def _leaving(hosts: int) -> Iterator[None]:
    """Of several hosts, one that fails ends at once: at its exit JAX would wait for the others."""
    status = 1
    try:
        yield
        return
    except typer.Exit as error:
        status = error.exit_code
        if hosts == 1:
            raise
    except SystemExit as error:
        status = int(error.code or 0)
        if hosts == 1:
            raise
    except Exception:
        if hosts == 1:
            raise
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
