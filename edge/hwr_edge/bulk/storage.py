"""Storages behind addresses such as `s3://bucket/scans`, which are fsspec's; their errors become one line each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from hwr_edge.errors import DataError, HwrError, RuntimeMissing

_PATIENCE = {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 5}}  # seconds


def is_address(name: str) -> bool:
    """Whether a name is an address, not a path."""
    return "://" in name


def system_of(address: str) -> tuple[Any, str]:
    """The storage of an address, and the path there."""
    scheme = address.partition("://")[0]
    system = _system_of_kind(scheme, address if scheme not in _OF_ONE_KIND else f"{scheme}://")
    return system, system._strip_protocol(address)


_OF_ONE_KIND = frozenset({"s3", "s3a", "gs", "gcs", "memory", "file", "local"})
"""Schemes whose storage is one, whatever the rest of the address says."""


@lru_cache(maxsize=8)
def _system_of_kind(scheme: str, address: str) -> Any:
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
        raise DataError(f"{address}: unknown kind of address ({scheme}://)") from error


def forget() -> None:
    """Reach each storage anew, by what the environment says now."""
    _system_of_kind.cache_clear()


def no_cluster(what: str) -> RuntimeMissing:
    """The error for what needs the extra `cluster`."""
    return RuntimeMissing(f"{what} need the extra cluster; run: pip install 'hwr-edge[cluster]'")


@contextmanager
def storage_errors(
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
        raise as_a(failure(name, verb, error)) from error


def failure(name: str, verb: str, error: Exception) -> str:
    """The line for an error of a storage, or of a disk."""
    if isinstance(error, FileNotFoundError):
        why = "it is not there"
    elif isinstance(error, PermissionError):
        why = "no permission"
    elif type(error).__name__ == "NoCredentialsError":
        why = "no credentials; set them as for the storage's own tools"
    else:
        why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
    return f"{name}: cannot be {verb} ({' '.join(str(why).split())})"
