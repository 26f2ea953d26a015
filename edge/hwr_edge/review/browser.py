"""Open the review page without telling its token to the machine's other users."""

from __future__ import annotations

import os
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path


@contextmanager
def open_page(address: str) -> Iterator[None]:
    """Let the user's browser open a file of theirs alone that leads to the address.

    The arguments of a process can be read by every user of a machine, the file cannot. It is
    there as long as the context is.
    """
    handle, name = tempfile.mkstemp(prefix="hwr-edge-review-", suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(
            "<!doctype html><meta charset=utf-8><title>Review</title>"
            f'<meta http-equiv=refresh content="0; url={escape(address)}">'
            f'<a href="{escape(address)}">Review</a>\n'
        )
    try:
        # A browser of the terminal returns only when it is left: the page must be served meanwhile.
        opening = threading.Thread(target=webbrowser.open, args=(Path(name).as_uri(),), daemon=True)
        opening.start()
        yield
    finally:
        Path(name).unlink(missing_ok=True)
