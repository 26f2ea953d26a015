"""How the commands of training and conversion end when something is wrong: one line and a status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from hwr_edge.errors import HwrError

_PARTS = ("keras", "tensorflow", "jax", "torch", "matplotlib", "PIL", "rapidfuzz")

_TERMINATED = 143  # 128 + SIGTERM


@contextmanager
def errors_reported(
    when_interrupted: Callable[[], str] = lambda: "interrupted",
) -> Iterator[None]:
    """Turn what a user can meet into one line on stderr and an exit status.

    1 for an error on purpose or a missing package, 130 for Ctrl-C and 143 for SIGTERM, with what is said then.
    """
    try:
        yield
    except HwrError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in _PARTS:
            raise
        print(
            f'error: no {error.name} is installed; run: pip install -e ".[train]"', file=sys.stderr
        )
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        print(when_interrupted(), file=sys.stderr)
        raise typer.Exit(130) from error
    except SystemExit as error:
        if error.code == _TERMINATED:
            print(when_interrupted(), file=sys.stderr)
        raise
