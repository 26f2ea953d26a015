"""The command line; it, `commands` and `console` are the only places that print or exit.

Exit status: 0 all was read; 1 something could not be read or written, each named on stderr;
2 the command was typed wrongly; 130 Ctrl-C; 141 the reader of our output went away.
"""

import importlib
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from hwr_edge import __version__
from hwr_edge.commands import console
from hwr_edge.commands.console import errors_reported, fault, print_message, stdout_failed
from hwr_edge.files import open_sink
from hwr_edge.native import stderr_is_the_commands
from hwr_edge.typed_path import keep_as_typed

_PREFIX = "HWR_EDGE"
"""Of environment variables that are options: HWR_EDGE_FILE_JOBS is `file --jobs`."""
COMMANDS = ("file", "bulk", "pack", "form", "review", "desk", "camera", "events", "bench", "info")


def program(arguments: list[str]) -> typer.Typer:
    """The program with the command that is asked for; with all where none is, but for the version.

    Loading all takes time.
    """
    first = next((argument for argument in arguments if not argument.startswith("-")), "")
    asked = [name for name in COMMANDS if name == first]
    app = typer.Typer(
        add_completion=not asked,  # it costs the start, and is asked for without a command
        context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": _PREFIX},
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(options)
    for name in asked or (() if arguments == ["--version"] else COMMANDS):
        importlib.import_module(f"hwr_edge.commands.{name}").add_to(app)
    return app


def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    traceback: Annotated[
        bool,
        typer.Option("--traceback", help="Print the traceback of a bug, to report it."),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            metavar="FILE",
            help="Read options from this TOML file. Default: config.toml in hwr-edge's settings folder.",
        ),
    ] = None,
) -> None:
    """Read handwritten names offline.

    Environment variables set options, too: HWR_EDGE_FILE_JOBS=4 is `hwr-edge file --jobs 4`.
    """
    console.show_traces = traceback
    with errors_reported():
        if path := config or _usual_config():
            from hwr_edge.commands.config import options_of

            context.default_map = options_of(path, context)
    if version:
        with errors_reported(), open_sink(None) as sink:
            sink.write(f"hwr-edge {__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


def _hide_variables(command: Any) -> None:
    """Leave the options' environment variables out of the help, which would be twice as long: one rule names them all."""
    for parameter in command.params:
        parameter.show_envvar = False
    for below in getattr(command, "commands", {}).values():
        _hide_variables(below)


def _usual_config() -> Path | None:
    path = Path(typer.get_app_dir("hwr-edge")) / "config.toml"
    with suppress(OSError):  # a service may not look into its home
        return path if path.is_file() else None
    return None


def main() -> None:
    """Run the command line; never returns."""
    stderr_is_the_commands()
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that drafts are removed
        closed = getattr(signal, "SIGHUP", None)  # of a terminal; Windows has none
        if closed and signal.getsignal(closed) is signal.SIG_DFL:
            signal.signal(closed, lambda *_: sys.exit(129))
        if "" in sys.argv[1:]:
            print_message("an argument is empty; is a variable not set?")
            sys.exit(2)
        command = typer.main.get_command(program(sys.argv[1:]))
        keep_as_typed(command)
        _hide_variables(command)
        command(prog_name="hwr-edge")
    except KeyboardInterrupt:
        print_message("interrupted")
        sys.exit(130)
    except OSError as error:
        if error.filename is None:  # the help is printed by Typer itself
            stdout_failed(error)
        else:
            print_message(f"{error.filename}: cannot be used ({error.strerror or error})")
        sys.exit(1)
    except Exception as error:
        fault(error)
        sys.exit(1)
