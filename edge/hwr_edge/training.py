"""The command hwr-train: starts training where its code is, in a checkout; else says how to get it."""

from __future__ import annotations

import importlib
import sys

_HOW = (
    "hwr-train: training needs a checkout of the project, not the package alone: get one with git, "
    "and run there: pip install -e '.[train]'"
)


def main() -> None:
    """Run the command line; never returns."""
    try:
        command = importlib.import_module("hwr_convert.training")
    except ModuleNotFoundError:
        sys.exit(_HOW)
    try:
        command.main()
    except ModuleNotFoundError as error:
        sys.exit(f"hwr-train: needs the package {error.name}; run: pip install -e '.[train]'")
