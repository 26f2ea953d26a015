"""The command hwr-train: starts training where its code is, in a checkout; else says how to get it."""

from __future__ import annotations

import importlib
import sys

_MESSAGE = (
    "hwr-train: training needs the project's sources, which the package does not have: clone them with git, "
    "and run there: pip install -e '.[train]'"
)


def main() -> None:
    """Run the command line; never returns."""
    try:
        command = importlib.import_module("hwr_convert.training")
    except ModuleNotFoundError:
        sys.exit(_MESSAGE)
    try:
        command.main()
    except ModuleNotFoundError as error:
        sys.exit(f"hwr-train: needs the package {error.name}; run: pip install -e '.[train]'")
