"""The desk's folder: its lists, forms and batches, its token, and that one desk alone works in it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwr_edge.appending import open_own
from hwr_edge.errors import DataError, OutputError, cannot_write
from hwr_edge.files import write_own
from hwr_edge.folders import make_folder, make_own_folder
from hwr_edge.locks import Held, hold

LIST_ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".ods", ".xls")
FORM_ENDINGS = (".toml",)
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
_LONGEST = 120  # letters of a file's name
_TOKEN_LETTERS = 16  # at least


class Place:
    """The folder. Everything in it is its owner's alone."""

    def __init__(self, folder: Path) -> None:
        """Make the folder and those in it, unless they are there.

        Raises:
            OutputError: one cannot be made or written to.
        """
        make_folder(folder, private=True)
        self.folder = folder
        self.lists = make_own_folder(folder, Path("lists"))
        self.forms = make_own_folder(folder, Path("forms"))
        self.batches = make_own_folder(folder, Path("batches"))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other desks away.

        Raises:
            DataError: one works in the folder.
            OutputError: that cannot be told.
        """
        try:
            with hold(self.folder / "desk"):
                yield
        except Held as error:
            raise DataError(
                f"{self.folder}: another desk works in this folder; use that one, or give another folder"
            ) from error

    def token(self) -> str:
        """What opens the page: the same after a restart, so that bookmarks stay true.

        Raises:
            OutputError: it cannot be kept.
            DataError: HWR_EDGE_TOKEN is too short.
        """
        if set_ := os.environ.get("HWR_EDGE_TOKEN"):
            if len(set_) < _TOKEN_LETTERS:
                raise DataError(
                    f"HWR_EDGE_TOKEN: the secret must have at least {_TOKEN_LETTERS} characters"
                )
            return set_
        path = self.folder / ".token"
        try:
            with os.fdopen(open_own(path, os.O_RDONLY), encoding="ascii") as file:
                if len(kept := file.read(200).strip()) >= _TOKEN_LETTERS:
                    return kept
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            raise OutputError(f"{path}: cannot be read; delete it for a new one") from error
        token = secrets.token_urlsafe(_TOKEN_LETTERS)
        write_own(path, f"{token}\n".encode(), private=True)
        return token

    def list_names(self) -> list[str]:
        """Names of the lists."""
        return _names(self.lists, LIST_ENDINGS)

    def form_names(self) -> list[str]:
        """Names of the forms."""
        return _names(self.forms, FORM_ENDINGS)

    def list_path(self, name: str) -> Path:
        """Where a list is; DataError where there is none of that name."""
        return _known(self.lists, name, self.list_names(), "list")

    def form_path(self, name: str) -> Path:
        """Where a form is; DataError where there is none of that name."""
        return _known(self.forms, name, self.form_names(), "form")

    def import_list(self, path: Path) -> str:
        """Keep a list from elsewhere; its name here.

        Raises:
            DataError: it cannot be read, or is no list.
            OutputError: it cannot be kept.
        """
        return keep_file(self.lists, path.name, _bytes(path), LIST_ENDINGS)

    def import_form(self, path: Path) -> str:
        """Keep a form from elsewhere, with the images and lists that it names; its name here.

        Raises:
            DataError: it cannot be read, or names a file outside its folder.
            OutputError: it cannot be kept.
        """
        from hwr_edge.form.template import files_of, read_pages

        read_pages(path)
        for file in files_of(path):
            below = Path(os.path.relpath(file, path.parent))
            if ".." in below.parts or below.is_absolute():
                raise DataError(f"{path}: put {file} into the folder of the form")
            write_own(
                make_own_folder(self.forms, below.parent) / below.name, _bytes(file), private=True
            )
        return keep_file(self.forms, path.name, _bytes(path), FORM_ENDINGS)


def safe_name(name: str) -> str:
    """A file's name as a browser sends it, as a name that any system takes; never hidden, never a path."""
    name = re.split(r"[/\\]", name)[-1]
    name = "".join("_" if c in '<>:"|?*' or not c.isprintable() else c for c in name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 8:
        stem, dot, ending = name, "", ""
    while len((stem + dot + ending).encode("utf-8", "replace")) > _LONGEST:
        stem = stem[:-1]
    return (stem.strip(" .") or "scan") + dot + ending.encode("utf-8", "replace").decode()


def keep_file(folder: Path, name: str, data: bytes, endings: tuple[str, ...]) -> str:
    """Keep a file that people gave, whole or not at all; one of its name is replaced.

    Returns:
        The name that it has.

    Raises:
        DataError: it is of another kind.
        OutputError: it cannot be written.
    """
    name = safe_name(name)
    if Path(name).suffix.lower() not in endings:
        raise DataError(f"{name}: must end in {', '.join(endings)}")
    write_own(folder / name, data, private=True)
    return name


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


def _names(folder: Path, endings: tuple[str, ...]) -> list[str]:
    try:
        found = [path.name for path in folder.iterdir() if path.suffix.lower() in endings]
    except OSError as error:
        raise cannot_write(folder, error) from error
    return sorted(name for name in found if not name.startswith("."))


def _known(folder: Path, name: str, names: list[str], what: str) -> Path:
    if name not in names:
        raise DataError(f"there is no {what} {name!r}")
    return folder / name
