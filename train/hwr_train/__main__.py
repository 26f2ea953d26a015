"""The command line of training: python -m hwr_train train | average | preview | evaluate | name-model | draw."""

from __future__ import annotations

import os
import signal
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer

from hwr_train.commands import average, draw, evaluate, name_model, preview, train

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
for command in (train, average, preview, evaluate, name_model, draw):
    command.add_to(app)


def main() -> None:
    """Run the command line; never returns."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that drafts are removed
    app(prog_name="python -m hwr_train")


if __name__ == "__main__":
    main()
