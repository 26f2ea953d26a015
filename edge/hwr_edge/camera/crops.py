"""Images of the lines that were read: only where they were asked for, and for their owner alone."""

from __future__ import annotations

import os
from pathlib import Path

import cv2

from hwr_edge.camera.event import Event
from hwr_edge.errors import OutputError
from hwr_edge.files import write_own
from hwr_edge.folders import make_folder
from hwr_edge.image.pixels import Grey


class Crops:
    """A folder of PNG files, one for each name that was reported, called by its time."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, unless it is there.

        Raises:
            OutputError: it cannot be written to.
        """
        make_folder(folder, private=True)
        self._folder = folder

    def add(self, event: Event, crop: Grey) -> None:
        """Write a line's image, uint8 (h, w).

        Raises:
            OutputError: it cannot be written; nothing half-written is left.
        """
        name = f"{event.time:%Y%m%dT%H%M%S}.{event.time.microsecond // 1000:03d}Z"
        path, place = self._folder / f"{name}.png", 1
        while os.path.lexists(path):  # two names of one moment
            path, place = self._folder / f"{name}-{place}.png", place + 1
        done, data = cv2.imencode(".png", crop)
        if not done:
            raise OutputError(f"{path}: cannot be written")
        write_own(path, data.tobytes(), private=True)
