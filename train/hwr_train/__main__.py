"""The command line of training: `hwr-train`, or python -m hwr_train, and a command of `commands/`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer

from hwr_edge.typed_path import keep_as_typed
from hwr_train.commands import average, dataset, draw, evaluate, name_model, preview, train

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
for command in (train, average, preview, evaluate, dataset, name_model, draw):
    command.add_to(app)


def main(name: str = "python -m hwr_train", elsewhere: Mapping[str, str] | None = None) -> None:
    """Run the command line; never returns.

    Args:
        name: of the program.
        elsewhere: commands that are listed here and run by another program, with their help.
    """
    for command, said in (elsewhere or {}).items():
        app.command(command, help=said)(lambda: None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that drafts are removed
    program = typer.main.get_command(app)
    keep_as_typed(program)
    program(prog_name=name)


if __name__ == "__main__":
    main()
