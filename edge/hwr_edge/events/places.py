"""Where outboxes lie, where nobody says so."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def default_folder() -> Path:
    """The service's own folder under systemd, else that of the user for data that programs keep."""
    if given := os.environ.get("STATE_DIRECTORY"):  # systemd.exec(5)
        return Path(given.partition(":")[0]) / "events"
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or home / ".local" / "state")
    return base / "hwr-edge" / "events"
