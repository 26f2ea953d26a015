"""Reads handwritten names offline.

>>> from hwr_edge import Recognizer
>>> Recognizer().read("name.png").text  # doctest: +SKIP
'LEA'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Reading", "Recognizer", "__version__"]

if TYPE_CHECKING:
    from hwr_edge.line.recognizer import Reading, Recognizer


def __getattr__(name: str) -> Any:
    """Load the recognizer, and with it NumPy and OpenCV, only when it is used."""
    if name in ("Reading", "Recognizer"):
        from hwr_edge.line import recognizer

        return getattr(recognizer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
