"""`evaluate`: measures a model on a split of the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.errors import DataError
from hwr_edge.folders import make_folder
from hwr_edge.line.decoder import Decoder
from hwr_edge.native import quiet
from hwr_train.commands.options import (
    CsvPattern,
    FilenameColumn,
    FolderPattern,
    IdentityColumn,
    Runs,
)
from hwr_train.config import TrainConfig
from hwr_train.console import errors_reported


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evaluate)


def evaluate(
    data: Annotated[
        str,
        typer.Option(
            help="Folder with labels.csv (image, text), in the public layout, or of shards; or an address of shards."
        ),
    ],
    model: Annotated[Path, typer.Option(help="Model to measure: .tflite or .keras.")] = Path(
        "models/names-int8.tflite"
    ),
    split: Annotated[str, typer.Option(help="Split to measure on.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="Read at most this many rows.")] = None,
    fold: Annotated[
        bool | None,
        typer.Option(
            "--fold/--no-fold",
            help="Change labels to capitals without accents. Default: if the model has only these.",
        ),
    ] = None,
    filename_column: FilenameColumn = TrainConfig.filename_column,
    identity_column: IdentityColumn = TrainConfig.identity_column,
    csv_pattern: CsvPattern = TrainConfig.csv_pattern,
    folder_pattern: FolderPattern = TrainConfig.folder_pattern,
    output: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
    decoder: Annotated[
        Decoder, typer.Option(help="greedy reads by the image alone, beam with a name model.")
    ] = Decoder.GREEDY,
    name_model: Annotated[
        Path | None, typer.Option(help="Name model for the beam. Default: the shipped one.")
    ] = None,
    checked: Annotated[
        str | None,
        typer.Option(
            help="CSV of checked labels. Also count against them. {split} in its name stands for the split."
        ),
    ] = None,
    later_checks: Annotated[
        Path | None,
        typer.Option(
            help="CSV of labels checked later, as changes. They count before those of --checked."
        ),
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="log.csv of the model's run, to show in the report.")
    ] = None,
    runs: Runs = Path("runs"),
) -> None:
    """Measure a model on a split. Prints CER and exact names, with 95 % intervals."""
    with errors_reported(), quiet():
        from hwr_train.data.checked import checked_path, read_checked
        from hwr_train.data.later_checks import with_later_checks
        from hwr_train.data.own_table import folds
        from hwr_train.data.rows import read_rows
        from hwr_train.measuring.evaluate import evaluate as measure
        from hwr_train.measuring.evaluation import write_evaluation
        from hwr_train.measuring.readers import folds_for
        from hwr_train.measuring.report import write_report
        from hwr_train.measuring.report_plots import read_log

        config = TrainConfig(
            data=data,
            limit=limit,
            fold=fold,
            filename_column=filename_column,
            identity_column=identity_column,
            csv_pattern=csv_pattern,
            folder_pattern=folder_pattern,
        )
        if name_model and decoder is not Decoder.BEAM:
            raise DataError("--name-model is for --decoder beam")
        epochs = read_log(log) if log else ()  # read first: measuring takes minutes
        table = checked_path(checked, split) if checked else None
        config = replace(config, fold=folds_for(model, config))
        written = read_checked(table, folds(config)) if table else None
        if later_checks:
            written = with_later_checks(written or {}, read_rows(config, split), later_checks)
        folder = (
            output
            or runs
            / f"evaluate-{_folder_name_of(model)}-{Path(data).resolve().name}-{split}-{decoder.value}"
        )
        make_folder(folder)
        result = measure(model, config, split, decoder, name_model, written)
        write_evaluation(result, folder)
        write_report(result, folder / "report.html", epochs)
        print(f"{result.to_text()}\nreport, figures and readings: {folder}")


def _folder_name_of(model: Path) -> str:
    """A model's name for a folder, with its run's where it lies in one."""
    return f"{model.resolve().parent.name}-{model.name}"
