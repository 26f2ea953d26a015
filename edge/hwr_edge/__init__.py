"""Reads handwritten names offline.

>>> import hwr_edge
>>> hwr_edge.read("examples/manon.png").texts
('MANON',)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Event",
    "HwrError",
    "ImageError",
    "Letter",
    "Page",
    "Reading",
    "Recognizer",
    "Scan",
    "Scanner",
    "__version__",
    "annotated",
    "new_form",
    "read",
    "read_roster",
    "watch",
]

if TYPE_CHECKING:
    from hwr_edge.camera.event import Event
    from hwr_edge.camera.names import watch
    from hwr_edge.errors import HwrError, ImageError
    from hwr_edge.line.reading import Letter, Reading
    from hwr_edge.line.recognizer import Recognizer
    from hwr_edge.results.roster_file import read_roster
    from hwr_edge.scan.forms import new_form
    from hwr_edge.scan.read import annotated, read
    from hwr_edge.scan.scan import Page, Scan
    from hwr_edge.scan.scanner import Scanner

_HOMES = {
    "Event": "camera.event",
    "HwrError": "errors",
    "ImageError": "errors",
    "Letter": "line.reading",
    "Page": "scan.scan",
    "Reading": "line.reading",
    "Recognizer": "line.recognizer",
    "Scan": "scan.scan",
    "Scanner": "scan.scanner",
    "annotated": "scan.read",
    "new_form": "scan.forms",
    "read": "scan.read",
    "read_roster": "results.roster_file",
    "watch": "camera.names",
}


def __getattr__(name: str) -> Any:
    """Load a part, and with it NumPy and OpenCV, only when it is used."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"hwr_edge.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
