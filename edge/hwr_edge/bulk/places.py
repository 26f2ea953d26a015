"""Files on a disk, and objects at addresses such as `s3://bucket/scans`, listed and read alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from hwr_edge.bulk.storage import failure, is_address, storage_errors, system_of
from hwr_edge.errors import DataError


class Stored(NamedTuple):
    """A file or an object that was listed.

    address: as rows call it.
    size: bytes.
    identity: changes when its content does: its ETag, or the time when it was written.
    """

    address: str
    size: int
    identity: str


def stored(path: str) -> Stored:
    """A file on a disk.

    Raises:
        DataError: it is not there.
    """
    try:
        found = os.stat(path)  # noqa: PTH116  # the path exactly as it was given
    except (OSError, ValueError) as error:
        raise _unread(path, error) from error
    return Stored(path, found.st_size, str(found.st_mtime_ns))


def listed(address: str, wanted: Callable[[str], bool]) -> list[Stored]:
    """The objects that an address names: one, all below it, or those that a pattern fits.

    Args:
        address: an object, a folder of objects, or a pattern.
        wanted: says of an object's address whether a folder gives it; hidden ones it never gives.

    Raises:
        DataError: nothing is there, or it may not be read.
        RuntimeMissing: the package for such addresses is not installed.
    """
    system, path = system_of(address)
    with storage_errors(address):
        if any(sign in path for sign in "*?["):
            found = system.glob(path, detail=True).values()
            named = [info for info in found if info["type"] == "file"]
        elif system.isfile(path):
            named = [system.info(path)]
        else:
            below = system.find(path, detail=True).values()
            found = [info for info in below if not _hidden(info["name"], path)]
            named = [info for info in found if wanted(info["name"])]
    if not named:
        raise DataError(f"{address}: no images are there")
    each = [
        Stored(system.unstrip_protocol(info["name"]), int(info.get("size") or 0), _identity(info))
        for info in named
    ]
    return sorted(each, key=lambda one: _order(one.address))


def read(name: str) -> bytes:
    """All bytes of a file or an object.

    Raises:
        FileNotFoundError: it is not there.
        PermissionError: it may not be read.
        HwrError: it cannot be reached.
    """
    if not is_address(name):
        return Path(name).read_bytes()
    system, path = system_of(name)
    with storage_errors(name, (FileNotFoundError, PermissionError)):
        data: bytes = system.cat_file(path)
        return data


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """A file or an object, to be read from any place in it.

    Raises:
        DataError: it cannot be read.
    """
    with ExitStack() as stack:
        with storage_errors(name):
            if is_address(name):
                system, path = system_of(name)
                file = system.open(path, "rb")
            else:
                file = Path(name).open("rb")  # noqa: SIM115  # the stack closes it
            stack.enter_context(file)
        yield file


def _unread(name: str, error: Exception) -> DataError:
    return DataError(failure(name, "read", error))


def _identity(info: dict[str, Any]) -> str:
    known = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified")
    return next((str(info[key]) for key in known if info.get(key)), "")


def _hidden(name: str, folder: str) -> bool:
    inside = name[len(folder) :] if name.startswith(folder) else name
    return any(part.startswith(".") for part in inside.split("/"))


def _order(address: str) -> tuple[tuple[bool, str], ...]:
    """Sorts as a walk does: what is in a folder before what is in the folders in it."""
    *folders, name = address.split("/")
    return (*((True, folder) for folder in folders), (False, name))
