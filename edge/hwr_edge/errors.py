"""Every error a user can meet, in one tree.

HwrError
├── ImageError        an image that cannot be read
│   └── NotTheForm    a page that does not show the form
├── ModelError        a model file that cannot be used
├── RuntimeMissing    no interpreter is installed
├── CameraError       a camera, video or folder of frames that gives none
├── DataError         training data, a run, a roster or readings that cannot be used
└── OutputError       a result that cannot be written

The message is one line: what is wrong and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class HwrError(Exception):
    """Base of all errors raised on purpose."""


class ImageError(HwrError):
    """The image is missing, damaged, too large or not an image."""


class NotTheForm(ImageError):  # noqa: N818  # says what is wrong, as its siblings do
    """The image does not show the form; `share` of its words, 0 to 1, are there."""

    def __init__(self, told: str, share: float = 0.0) -> None:
        super().__init__(told)
        self.share = share

    def __reduce__(self) -> tuple[type[NotTheForm], tuple[str, float]]:
        return NotTheForm, (str(self), self.share)


class ModelError(HwrError):
    """The model file is missing, damaged, or of another version."""


class RuntimeMissing(HwrError):  # noqa: N818  # says what is wrong, as its siblings do
    """No usable TFLite interpreter is installed."""


class CameraError(HwrError):
    """There is no camera, it is busy or silent, or a recording cannot be read."""


class DataError(HwrError):
    """Training data, a training run, a roster or a file of readings is missing or malformed."""


class OutputError(HwrError):
    """The result could not be written; nothing half-written was left."""


def web_packages_missing(what: str) -> RuntimeMissing:
    """The error for what needs the web library."""
    return RuntimeMissing(
        f"{what} needs the packages bottle and waitress; run: pip install bottle waitress  "
        "(or install hwr-edge with the extra web)"
    )


def cannot_write(name: Path | str, error: Exception) -> OutputError:
    """The error for a file that cannot be written."""
    return OutputError(f"{name}: cannot be written ({getattr(error, 'strerror', None) or error})")
