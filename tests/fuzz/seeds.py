"""What changed bytes begin with: the corpus, by kind, and the models that ship."""

from __future__ import annotations

from pathlib import Path

from hwr_edge.image.headers import SNIFF_BYTES, kind_of

CORPUS = Path(__file__).with_name("corpus")
_MODELS = Path(__file__).parents[2] / "models"
_IMAGES = ("JPEG", "PNG", "TIFF", "WebP", "BMP", "PDF", "HEIC", "AVIF", "GIF", "JPEG 2000")
_TEXTS = ("rosters", "templates", "results", "answers", "drafts", "settings")
_REQUESTS = ("requests", "live", "desk")

_OFTEN = 20  # times that a line is as often as a page
Files = list[bytes]


def corpus(name: str) -> Files:
    """The files of a target."""
    return [path.read_bytes() for path in _paths(name)]


def _paths(name: str) -> list[Path]:
    return sorted((CORPUS / name).iterdir())


def images() -> dict[str, Files]:
    """By their formats; pages, which take thirty times as long to read as lines, less often."""
    found: dict[str, Files] = {kind: [] for kind in _IMAGES}
    for path in [*_paths("images"), *_paths("documents")]:
        data = path.read_bytes()
        kind = "PDF" if data.startswith(b"%PDF") else kind_of(data[:SNIFF_BYTES])
        if kind:
            found[kind] += [data] * (1 if path.stem == "page" else _OFTEN)
    return found


def texts() -> dict[str, Files]:
    """By the targets that read them."""
    return {name: corpus(name) for name in _TEXTS}


def requests() -> dict[str, Files]:
    """By the pages that are asked."""
    return {name: corpus(name) for name in _REQUESTS}


def models() -> dict[str, Files]:
    """One file of each kind that ships."""
    kinds = {
        "names": "names-int8.tflite",
        "print": "print-int8.tflite",
        "spelling": "name-model.npz",
    }
    return {kind: [(_MODELS / name).read_bytes()] for kind, name in kinds.items()}
