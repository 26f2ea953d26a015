"""Files that are whole or not there: written beside, then renamed."""

from __future__ import annotations

import os
from pathlib import Path

import keras


def replace_text(path: Path, text: str) -> None:
    """Write UTF-8 text."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def save_model(model: keras.Model, path: Path) -> None:
    """Write a .keras file; Keras wants that ending on the draft too."""
    draft = path.with_name(f"{path.stem}.part.keras")
    model.save(draft)
    os.replace(draft, path)
