"""`average`: averages the weights of runs that came from one another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.errors import HwrError
from hwr_edge.native import quiet
from hwr_train.commands.options import Runs
from hwr_train.commands.run_folder import new_run_folder, remove_unbegun_run
from hwr_train.console import errors_reported


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(average)


def average(
    weights: Annotated[list[Path], typer.Argument(help="Two or more .keras files of one network.")],
    runs: Runs = Path("runs"),
) -> None:
    """Average the weights of related runs. The result is a new run, which you can quantize."""
    with errors_reported():
        with quiet():
            from hwr_train.network.average import average as average_weights

        folder = new_run_folder(runs, "average")
        try:
            print(f"average of {len(weights)}: {average_weights(weights, folder)}")
        except HwrError:
            remove_unbegun_run(folder)
            raise
