"""Where results go: a folder on a disk, or at an address."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath

from hwr_edge.bulk.places import read
from hwr_edge.bulk.storage import failure, is_address, storage_errors, system_of
from hwr_edge.errors import DataError, OutputError, cannot_write
from hwr_edge.files import write_own
from hwr_edge.folders import make_folder

_DRAFTS = ".hwr-edge-*.part"  # what `files` writes before a file has its name


class Folder:
    """Where results go: each file is put there whole or not at all."""

    def __init__(self, address: str) -> None:
        """Know it; nothing is made yet."""
        self.address = address
        self._remote = is_address(address)

    def make(self, below: str = "") -> None:
        """Make it, and a folder in it; an object store has none.

        Raises:
            OutputError: it cannot be made.
        """
        if not self._remote:
            make_folder(Path(self.address, below))

    def names(self, below: str = "") -> set[str]:
        """Names of what is in it, or in a folder in it, without drafts.

        Raises:
            OutputError: it cannot be listed.
        """
        if self._remote:
            system, path = system_of(self._at(below))
            with (
                storage_errors(self._at(below), (FileNotFoundError,), OutputError),
                suppress(FileNotFoundError),
            ):
                found = system.ls(path, detail=False)
                return {PurePosixPath(one).name for one in found} - {PurePosixPath(path).name, ""}
            return set()
        try:
            found = os.listdir(self._at(below))  # noqa: PTH208  # names alone
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise cannot_write(self._at(below), error) from error
        return {name for name in found if not name.startswith(".")}

    def read(self, name: str) -> bytes | None:
        """All of a file; None where it is not there.

        Raises:
            OutputError: it cannot be read.
        """
        try:
            return read(self._at(name))
        except FileNotFoundError:
            return None
        except (OSError, DataError) as error:
            raise OutputError(failure(self._at(name), "read", error)) from error

    def put(self, name: str, data: bytes) -> None:
        """Write a file whole; one that is there is replaced.

        Raises:
            OutputError: it cannot be written; nothing half-written is left under its name.
        """
        if not self._remote:
            write_own(Path(self._at(name)), data)
            return
        system, path = system_of(self._at(name))
        with storage_errors(self._at(name), as_a=OutputError, verb="written"):
            system.pipe_file(path, data)

    def remove(self, name: str) -> None:
        """Delete a file, if it is there.

        Raises:
            OutputError: it cannot be deleted.
        """
        with (
            storage_errors(self._at(name), as_a=OutputError, verb="deleted"),
            suppress(FileNotFoundError),
        ):
            if self._remote:
                system, path = system_of(self._at(name))
                system.rm_file(path)
            else:
                Path(self._at(name)).unlink()

    def remove_drafts(self, below: str) -> None:
        """Delete what a killed run left half-written in a folder; who calls it writes there alone."""
        if not self._remote:
            for draft in Path(self._at(below)).glob(_DRAFTS):
                with suppress(OSError):
                    draft.unlink()

    def _at(self, name: str) -> str:
        return f"{self.address.rstrip('/') or '/'}/{name}" if name else self.address
