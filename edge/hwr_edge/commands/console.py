"""How the commands talk to people when something is wrong: one line and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

from hwr_edge.commands.progress import Progress
from hwr_edge.errors import HwrError
from hwr_edge.interrupts import raised
from hwr_edge.native import heard

show_traces = False
"""Whether people asked where a fault of this program lies (`hwr-edge --traceback`)."""


class ErrorReport:
    """Prints and counts what could not be read."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.count = 0
        self._progress = progress

    def add(self, line: str) -> None:
        """Print one line on stderr."""
        self.count += 1
        self.note(line)

    def note(self, line: str) -> None:
        """Print one line that is not an error."""
        if self._progress:
            self._progress.clear()
        print_message(line)


def fault(error: Exception) -> None:
    """Say that this program has a fault: what nobody foresaw came up to the top."""
    import traceback

    trace("".join(traceback.format_exception(error)))
    how = "" if show_traces else "; report it with the output of `hwr-edge --traceback ...`"
    print_message(f"a bug in hwr-edge ({type(error).__name__}: {error}){how}")


def trace(lines: str) -> None:
    """Print on stderr where a fault lies, if people asked for it."""
    if show_traces:
        with heard(), suppress(OSError):
            typer.echo(lines.rstrip("\n"), err=True)


def print_message(line: str) -> None:
    """Print one line on stderr, whatever the message holds."""
    with heard(), suppress(OSError):  # who cannot hear is no reason to stop
        typer.echo(f"hwr-edge: {' '.join(line.split())}", err=True)


@contextmanager
def errors_reported(interrupted: str = "interrupted") -> Iterator[None]:
    """Turn every error a user can meet into one line and an exit status."""
    try:
        with raised():
            yield
    except HwrError as error:
        print_message(str(error))
        _drop_stdout()
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        print_message(interrupted)
        raise typer.Exit(130) from error
    except BrokenPipeError as error:
        _drop_stdout()
        raise typer.Exit(141) from error
    except MemoryError as error:
        print_message("not enough memory")
        raise typer.Exit(1) from error


def stdout_failed(error: OSError) -> None:
    """Say that standard output cannot be written, and let nothing more be written there."""
    print_message(f"standard output: cannot be written ({error.strerror or error})")
    _drop_stdout()


def _drop_stdout() -> None:
    """Let nothing more be written at exit to a standard output that has failed."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
        return
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
