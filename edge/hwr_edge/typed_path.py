"""Paths that messages show as they were typed: `Path("./a.csv")` forgets its "./"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    _System = Path
else:
    _System = type(Path())  # the one that can be derived from before Python 3.12


class TypedPath(_System):
    """A path like any other, but for f-strings: they show it as it was typed."""

    typed = ""

    def __new__(cls, *parts: Any) -> Self:
        """Keep the text where it is the whole path."""
        path = super().__new__(cls, *parts)
        if len(parts) == 1 and isinstance(parts[0], str):
            path.typed = parts[0]
        return path

    def __format__(self, spec: str) -> str:
        """The text; of paths that were made from it, the path."""
        return format(self.typed or str(self), spec)


def keep_as_typed(command: Any) -> None:
    """Make all arguments and options of a Click command, and of those below it, that are paths such paths."""
    for parameter in command.params:
        if parameter.type.name in ("path", "file", "directory"):
            parameter.type.type = TypedPath  # Click's own name for `path_type`
    for below in getattr(command, "commands", {}).values():
        keep_as_typed(below)
