"""All batches of a desk: made, found and deleted."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

from hwr_edge.desk.batch import Batch, Gone
from hwr_edge.desk.place import Place
from hwr_edge.desk.reading_options import ReadingOptions
from hwr_edge.errors import DataError, HwrError, cannot_write
from hwr_edge.files import write_own
from hwr_edge.folders import make_own_folder

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_GONE = ".deleted-"
_TITLE = 200  # letters


class Batches:
    """All batches of a desk."""

    def __init__(self, place: Place) -> None:
        """Know those that are there; what a deletion left is deleted."""
        self.place = place
        self._known: dict[str, Batch] = {}
        self._lock = threading.Lock()
        self.damaged: list[str] = []
        for path in place.batches.glob(f"{_GONE}*"):
            shutil.rmtree(path, ignore_errors=True)

    def all(self) -> list[Batch]:
        """The newest first; a folder that was copied here meanwhile is one of them."""
        with self._lock:
            names = {path.name for path in self.place.batches.iterdir() if _is_batch(path)}
            for name in self._known.keys() - names:
                del self._known[name]
            for name in names - self._known.keys():
                try:
                    self._known[name] = Batch(self.place.batches / name)
                except HwrError as error:
                    if str(error) not in self.damaged:
                        self.damaged.append(str(error))
            return sorted(self._known.values(), key=lambda one: (one.created, one.id), reverse=True)

    def get(self, name: str) -> Batch:
        """A batch by its id; Gone where there is none."""
        if not _ID.fullmatch(name) or not _is_batch(self.place.batches / name):
            raise Gone("there is no such batch")
        if name not in self._known:
            self.all()
        if batch := self._known.get(name):
            return batch
        raise DataError("the batch is damaged; look at its files")

    def new(self, title: str, asked: ReadingOptions) -> Batch:
        """Make a batch.

        Raises:
            DataError: there is no such list or form.
            OutputError: it cannot be written.
        """
        if asked.form:
            self.place.form_path(asked.form)
        chosen = self.place.list_path(asked.list) if asked.list else None
        now = datetime.now(UTC).replace(microsecond=0)
        name = f"{now:%Y%m%d}-{secrets.token_hex(4)}"
        draft = make_own_folder(self.place.batches, Path(f".new-{name}"))
        try:
            draft.chmod(0o700)
            (draft / "scans").mkdir()
            if chosen:
                write_own(draft / f"list{chosen.suffix.lower()}", chosen.read_bytes(), private=True)
            write_own(draft / "batch.toml", _toml(title, now, asked).encode(), private=True)
            os.replace(draft, self.place.batches / name)
        except OSError as error:
            raise cannot_write(draft, error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return self.get(name)

    def delete(self, name: str) -> None:
        """Delete a batch for good: its scans, its rows, its answers.

        Raises:
            Gone: there is none.
            OutputError: it cannot be deleted.
        """
        batch = self.get(name)
        batch.cancelled.set()
        gone = batch.folder.with_name(f"{_GONE}{name}")
        try:
            os.replace(batch.folder, gone)
            with self._lock:
                self._known.pop(name, None)
            shutil.rmtree(gone)
        except OSError as error:
            raise cannot_write(batch.folder, error) from error


def _is_batch(path: Path) -> bool:
    return bool(_ID.fullmatch(path.name)) and (path / "batch.toml").is_file()


def _toml(title: str, now: datetime, asked: ReadingOptions) -> str:
    """The batch's own file; JSON's texts, lists and numbers are TOML's."""
    shown = "".join(c for c in title if c.isprintable()).strip()[:_TITLE]
    shown = shown.encode("utf-8", "replace").decode() or f"{now:%Y-%m-%d}"
    lines = [f"title = {json.dumps(shown)}", f"created = {now:%Y-%m-%dT%H:%M:%SZ}", "", "[options]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in asked.to_dict().items()]
    return "\n".join(lines) + "\n"
