"""Files on a disk, and objects at addresses such as `s3://bucket/scans`, read and written alike.

Addresses are fsspec's. Whatever a storage's library raises becomes one line here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from hwr_edge.errors import DataError, HwrError, OutputError, RuntimeMissing, cannot_write
from hwr_edge.files import write_own
from hwr_edge.folders import make_folder

_PATIENCE = {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 5}}
_DRAFTS = ".hwr-edge-*.part"  # what `files` writes before a file has its name


class Stored(NamedTuple):
    """A file or an object that was listed.

    address: as rows call it.
    size: bytes.
    identity: changes when its content does: its ETag, or the time when it was written.
    """

    address: str
    size: int
    identity: str


def is_address(name: str) -> bool:
    """Whether a name is an address, not a path."""
    return "://" in name


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
    system, path = _system(address)
    with _told(address):
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
    system, path = _system(name)
    with _told(name, (FileNotFoundError, PermissionError)):
        data: bytes = system.cat_file(path)
        return data


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """A file or an object, to be read from any place in it.

    Raises:
        DataError: it cannot be read.
    """
    with ExitStack() as stack:
        with _told(name):
            if is_address(name):
                system, path = _system(name)
                file = system.open(path, "rb")
            else:
                file = Path(name).open("rb")  # noqa: SIM115  # the stack closes it
            stack.enter_context(file)
        yield file


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
            system, path = _system(self._at(below))
            with (
                _told(self._at(below), (FileNotFoundError,), OutputError),
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
            raise OutputError(_one_line(self._at(name), "read", error)) from error

    def put(self, name: str, data: bytes) -> None:
        """Write a file whole; one that is there is replaced.

        Raises:
            OutputError: it cannot be written; nothing half-written is left under its name.
        """
        if not self._remote:
            write_own(Path(self._at(name)), data)
            return
        system, path = _system(self._at(name))
        with _told(self._at(name), as_a=OutputError, verb="written"):
            system.pipe_file(path, data)

    def remove(self, name: str) -> None:
        """Delete a file, if it is there.

        Raises:
            OutputError: it cannot be deleted.
        """
        with _told(self._at(name), as_a=OutputError, verb="deleted"), suppress(FileNotFoundError):
            if self._remote:
                system, path = _system(self._at(name))
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


def _system(address: str) -> tuple[Any, str]:
    """The storage of an address, and the path there."""
    scheme = address.partition("://")[0]
    system = _system_of(scheme, address if scheme not in _OF_ONE_KIND else f"{scheme}://")
    return system, system._strip_protocol(address)


_OF_ONE_KIND = frozenset({"s3", "s3a", "gs", "gcs", "memory", "file", "local"})
"""Schemes whose storage is one, whatever the rest of the address says."""


@lru_cache(maxsize=8)
def _system_of(scheme: str, address: str) -> Any:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise no_cluster(f"{scheme}:// addresses") from error
    asked = {"config_kwargs": _PATIENCE} if scheme in ("s3", "s3a") else {}
    try:
        return url_to_fs(address, skip_instance_cache=True, use_listings_cache=False, **asked)[0]
    except ImportError as error:
        package = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs"}
        name = package.get(scheme)
        how = f"needs the package {name}; run: pip install {name}" if name else f"({error})"
        raise RuntimeMissing(f"{scheme}:// cannot be read: {how}") from error
    except ValueError as error:
        raise DataError(f"{address}: {scheme}:// is no known kind of address") from error


def forget() -> None:
    """Reach each storage anew, by what the environment says now."""
    _system_of.cache_clear()


def no_cluster(what: str) -> RuntimeMissing:
    """The error for what needs the extra `cluster`."""
    return RuntimeMissing(f"{what} need the extra cluster; run: pip install 'hwr-edge[cluster]'")


@contextmanager
def _told(
    name: str,
    but: tuple[type[Exception], ...] = (),
    as_a: type[HwrError] = DataError,
    verb: str = "read",
) -> Iterator[None]:
    """Turn whatever a storage raises into one line; `but` passes."""
    try:
        yield
    except HwrError:
        raise
    except Exception as error:  # each storage has errors of its own
        if isinstance(error, but):
            raise
        raise as_a(_one_line(name, verb, error)) from error


def _unread(name: str, error: Exception) -> DataError:
    return DataError(_one_line(name, "read", error))


def _one_line(name: str, verb: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        why = "it is not there"
    elif isinstance(error, PermissionError):
        why = "no permission"
    elif type(error).__name__ == "NoCredentialsError":
        why = "no credentials; give them as the storage's own tools take them"
    else:
        why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
    return f"{name}: cannot be {verb} ({' '.join(str(why).split())})"


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
