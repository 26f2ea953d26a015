"""`average`: averages the weights of runs that came from one another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.errors import HwrError
from hwr_edge.native import quiet
from hwr_train.commands.run_folder import new_run_folder, remove_unbegun_run
from hwr_train.console import errors_reported


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(average)


def average(
    weights: Annotated[list[Path], typer.Argument(help=".keras files of one network, two or more")],
    runs: Annotated[Path, typer.Option(help="folder of all runs")] = Path("runs"),
) -> None:
    """Average the weights of runs that came from one another, as a new run that can be quantized."""
    with errors_reported():
        with quiet():
            from hwr_train.network.average import average as average_weights

        folder = new_run_folder(runs, "average")
        try:
            print(f"average of {len(weights)}: {average_weights(weights, folder)}")
        except HwrError:
            remove_unbegun_run(folder)
            raise
