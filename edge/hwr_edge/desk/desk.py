"""A desk's parts, as its page, its API and its watches share them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hwr_edge.desk.batch import Batch
from hwr_edge.desk.batches import Batches
from hwr_edge.desk.journal import Journal
from hwr_edge.desk.place import Place
from hwr_edge.desk.queue import Queue
from hwr_edge.desk.readers import Readers
from hwr_edge.image import sandbox


class Desk(NamedTuple):
    """A desk: its folder, the batches in it, what reads them, and what was taken from watched folders."""

    place: Place
    batches: Batches
    readers: Readers
    queue: Queue
    journal: Journal

    def delete(self, batch: Batch) -> None:
        """Delete a batch for good, with the originals that came from a watched folder.

        Raises:
            HwrError: it is gone, or cannot be deleted.
        """
        self.queue.cancel(batch)
        with self.queue.guarded(batch):
            self.batches.delete(batch.id)
        sandbox.release()  # of the last scan's pages
        self.journal.forget(batch.id)


def make_desk(folder: Path, model: Path | None = None, accept: float | None = None) -> Desk:
    """The parts of a desk in a folder; the caller holds the folder (`Place.held`) and runs the queue.

    Raises:
        HwrError: the folder cannot be written to, or the model cannot be used.
    """
    place = Place(folder)
    batches, readers = Batches(place), Readers(model, accept)
    queue = Queue(place, batches, readers)
    return Desk(place, batches, readers, queue, Journal(place.folder / "watched.jsonl"))
