"""From what the user names to images: files, folders, patterns and standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import NamedTuple

STDIN = "-"
SUFFIXES = frozenset(
    {".bmp", ".jfif", ".jpe", ".jpeg", ".jpg", ".pdf", ".png", ".tif", ".tiff", ".webp"}
    | {".avif", ".gif", ".heic", ".heif", ".hif", ".j2k", ".jp2"}
)
_UNREAD = frozenset({".jxl", ".psd", ".svg"})
_MAGIC = frozenset("*?[")  # of a pattern
_SHOWN = 3  # names of files that are no images


class Found(NamedTuple):
    """Images in reading order.

    problems: a line for each argument that gave none, and for each folder's images of a kind that is not read.
    notes: a line for each folder in which other files were left out.
    """

    images: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def find(
    arguments: Sequence[str], leave_out: Path | None = None, also: Set[str] = frozenset()
) -> Found:
    """Expand arguments in their order.

    A name that exists is itself; a folder gives the images in it and below, sorted, hidden
    ones left out; a name with `*`, `?` or `[` that does not exist is a pattern (`**` goes into
    folders). A name that is nowhere stays, so that reading it tells what is wrong.

    Args:
        arguments: what the user typed.
        leave_out: a folder whose images do not count, unless it is named itself: our own
            annotated ones.
        also: further endings of files that folders give.
    """
    apart = os.path.realpath(leave_out) if leave_out else None
    images: list[str] = []
    problems: list[str] = []
    notes: list[str] = []
    for argument in arguments:
        if argument != STDIN and not os.path.lexists(argument) and _MAGIC & set(argument):
            import glob  # for those who use patterns

            matches = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207  # "./" stays
            matches = [match for match in matches if not _inside(match, apart)]
            if not matches:
                problems.append(f"{argument}: no file matches")
        else:
            matches = [argument]
        named: list[str] = []
        for match in matches:
            # Unlike Path.is_dir, this raises for no path: reading it tells what is wrong.
            if match != STDIN and os.path.isdir(match):  # noqa: PTH112
                before = len(problems)
                below = list(_walk(match, apart, problems, notes, SUFFIXES | also))
                if not (
                    below or problems[before:] or "**" in argument
                ):  # which matches every folder
                    problems.append(f"{match}: no images in this folder")
                named += below
            else:
                named.append(match)
        images += dict.fromkeys(named)  # a pattern may match a folder and what is in it
    return Found(tuple(images), tuple(problems), tuple(notes))


def label(image: str, page: int | None = None) -> str:
    """An image as people see it: its path, and for a page of many its number (as of RFC 8118)."""
    return image if page is None else f"{image}#page={page}"


def _inside(path: str, folder: str | None) -> bool:
    """Whether a path is a folder, or in it."""
    return folder is not None and Path(os.path.realpath(path)).is_relative_to(folder)


def _walk(
    folder: str, apart: str | None, problems: list[str], notes: list[str], suffixes: Set[str]
) -> Iterator[str]:
    def note(error: OSError) -> None:
        problems.append(f"{error.filename}: cannot be read ({error.strerror})")

    for here, folders, files in os.walk(folder, onerror=note):
        if links := sorted(f for f in folders if os.path.islink(Path(here, f))):  # noqa: PTH114  # as below
            notes.append(f"{here}: skipped, links to folders: {', '.join(links)}")
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and os.path.realpath(Path(here, f)) != apart
        )
        files = [f for f in files if not f.startswith(".")]
        # Nobody waits for what is in a folder: a pipe is left out.
        images = sorted(f for f in _of_kind(files, suffixes) if not _is_special(here, f))
        unread = sorted(_of_kind(files, _UNREAD))
        if unread:
            problems.append(
                f"{here}: images of an unsupported type: {', '.join(unread)}; "
                "save them as JPEG or PNG"
            )
        others = sorted(set(files).difference(images, unread))
        if others:
            shown = ", ".join(others[:_SHOWN]) + (", ..." if len(others) > _SHOWN else "")
            notes.append(f"{here}: skipped, not images: {shown} ({len(others)})")
        for name in images:
            yield os.path.join(here, name)  # noqa: PTH118  # the path exactly as it was given


def _of_kind(files: Iterable[str], suffixes: Set[str]) -> Iterator[str]:
    return (f for f in files if Path(f).suffix.lower() in suffixes)


def _is_special(folder: str, name: str) -> bool:
    """Whether it is a pipe, a socket or a device."""
    path = os.path.join(folder, name)  # noqa: PTH118  # as above
    return os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113  # neither raises
