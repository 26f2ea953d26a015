"""Options from a configuration file: a TOML with a table for each command. Click takes them as defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from hwr_edge.errors import DataError


def options_of(path: Path, context: typer.Context) -> dict[str, Any]:
    """What a file says of the command that is run, as Click's `default_map`.

    Args:
        path: the file.
        context: of the program, with the command's name.

    Raises:
        DataError: the file cannot be read, or says what the command has not.
    """
    from hwr_edge.textfile import read_toml

    tables = read_toml(path)
    name = context.invoked_subcommand
    if name is None or name not in tables:
        return {}
    command = context.command.get_command(context, name)  # type: ignore[attr-defined]
    return {name: _checked(tables[name], command, f"{path}: [{name}]")}


def _checked(table: Any, command: Any, where: str) -> dict[str, Any]:
    """The options by the names of their parameters; tables of commands below as they are."""
    if not isinstance(table, dict):
        raise DataError(f"{where} is not a table; write the command's options below [command]")
    known = {
        option.removeprefix("--"): parameter.name
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    below = getattr(command, "commands", {})
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key in below:
            found[key] = _checked(value, below[key], f"{where[:-1]}.{key}]")
        elif key in known:
            found[known[key]] = value
        else:
            shown = ", ".join(sorted([*known, *below]))
            raise DataError(f"{where} has no option {key!r}; it has {shown}")
    return found
