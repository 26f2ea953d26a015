"""`validate-dataset` and `dataset-stats`: what is wrong with a data set, and what is in it."""

from __future__ import annotations

from typing import Annotated

import typer

from hwr_edge.native import quiet
from hwr_train.commands.options import (
    CsvPattern,
    FilenameColumn,
    Fold,
    FolderPattern,
    IdentityColumn,
)
from hwr_train.config import TrainConfig
from hwr_train.console import errors_reported

Folder = Annotated[
    str,
    typer.Argument(
        help="Folder with labels.csv (image, text), in the public layout, or of shards; or an address of shards."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("validate-dataset")(validate_dataset)
    app.command("dataset-stats")(dataset_stats)


def validate_dataset(
    data: Folder,
    fold: Fold = None,
    filename_column: FilenameColumn = TrainConfig.filename_column,
    identity_column: IdentityColumn = TrainConfig.identity_column,
    csv_pattern: CsvPattern = TrainConfig.csv_pattern,
    folder_pattern: FolderPattern = TrainConfig.folder_pattern,
) -> None:
    """Check a data set before you train on it. The exit code is 1 if training would fail."""
    config = TrainConfig(
        data=data, fold=fold, filename_column=filename_column, identity_column=identity_column,
        csv_pattern=csv_pattern, folder_pattern=folder_pattern,
    )  # fmt: skip
    with errors_reported():
        with quiet():
            from hwr_train.data.inspection import inspect
            from hwr_train.data.own_table import how_labelled

        for line in how_labelled(config):
            print(line)
        found = list(inspect(config))
        for finding in found:
            print(f"{'error' if finding.fatal else 'note'}: {finding.line}")
        if any(finding.fatal for finding in found):
            raise typer.Exit(1)
        print("training can begin" if found else "nothing is wrong")


def dataset_stats(data: Folder, fold: Fold = None) -> None:
    """Count rows, writers, letters, lengths and image sizes. No name is shown."""
    with errors_reported():
        with quiet():
            from hwr_train.data.inspection import statistics

        for line in statistics(TrainConfig(data=data, fold=fold)):
            print(line)
