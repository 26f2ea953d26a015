"""Which model is read with where none is named: what ships inside the package, or lies in the checkout."""

from __future__ import annotations

import os
from pathlib import Path

from hwr_edge.errors import ModelError

_SHIPPED = "names-int8.tflite"
NAME_MODEL = "name-model.npz"
"""How names are spelt, beside a model."""


def default_model() -> Path:
    """`HWR_EDGE_MODEL`, else the model inside the installed package, else the checkout's.

    Raises:
        ModelError: none of them is there.
    """
    if named := os.environ.get("HWR_EDGE_MODEL"):
        if not Path(named).exists():
            raise ModelError(f"HWR_EDGE_MODEL names {named}, which does not exist")
        return Path(named)
    if path := shipped_file(_SHIPPED):
        return path
    raise ModelError(f"no {_SHIPPED} is installed; give a model with --model or HWR_EDGE_MODEL")


def default_name_model(model: Path | None = None) -> Path | None:
    """`name-model.npz` beside a model file, else in the installed package, else the checkout's; None without it."""
    beside = model and model.parent / NAME_MODEL
    return beside if beside and beside.is_file() else shipped_file(NAME_MODEL)


def shipped_file(name: str) -> Path | None:
    """A file inside the installed package, else in the checkout's models/; None without it."""
    here = Path(__file__).resolve().parents[1]
    return next((p for p in (here / name, here.parents[1] / "models" / name) if p.is_file()), None)
