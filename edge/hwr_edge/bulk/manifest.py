"""What says whose a folder of results is: a run goes on in its own folder, and writes in no other one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hwr_edge.bulk.folder import Folder
from hwr_edge.bulk.storage import is_address
from hwr_edge.errors import DataError
from hwr_edge.locks import hold

_SCHEMA = 1  # version of the file


class Manifest(NamedTuple):
    """A run by what it depends on.

    name: of the file in the output that says so.
    by: the command.
    options, inputs: digests.
    """

    name: str
    by: str
    options: str
    inputs: str


@contextmanager
def begun(out: Folder, mine: Manifest, below: tuple[str, ...] = ("",)) -> Iterator[None]:
    """Begin a run in a folder, or go on with it; while this is open, no other process does.

    An object store has no locks: two runs at once write the same parts there, each whole.

    Args:
        out: where results go.
        mine: what the run depends on.
        below: folders in it that are written to.

    Raises:
        DataError: the folder is another run's, or of other options or inputs.
        OutputError: it cannot be written, or another process writes there.
    """
    out.make()
    _check(out, mine)
    if is_address(out.address):
        _prepare(out, mine, below)
        yield
        return
    with hold(Path(out.address, mine.name)):
        _check(out, mine)  # again: another process may just have begun
        _prepare(out, mine, below)
        yield


def _prepare(out: Folder, mine: Manifest, below: tuple[str, ...]) -> None:
    for folder in below:
        out.make(folder)
        out.remove_drafts(folder)
    if out.read(mine.name) is None:
        out.put(mine.name, json.dumps({"schema": _SCHEMA, **mine._asdict()}, indent=1).encode())


def _check(out: Folder, mine: Manifest) -> None:
    before = out.read(mine.name)
    if before is None:
        if names := out.names():
            raise DataError(
                f"{out.address}: has other files ({min(names)}) and no run; choose another folder"
            )
        return
    theirs = _read(before)
    if (theirs.get("by"), theirs.get("schema")) != (mine.by, _SCHEMA):
        raise DataError(
            f"{out.address}: {mine.name} is damaged, or of another version; choose another folder"
        )
    for key, what in (
        ("options", "options, roster, form, model or version"),
        ("inputs", "the inputs"),
    ):
        if theirs.get(key) != getattr(mine, key):
            raise DataError(
                f"{out.address}: {what} changed since the run began; use the same ones, or choose "
                "another folder"
            )


def _read(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
