"""Which places of an empty form are fields: a small network, fitted on made forms, scores how each looks.

`python -m bench.form_fields` fits it.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ModelError
from hwr_edge.line.shipped import shipped_file

Floats = NDArray[np.float64]
_SHIPPED = "form-fields.npz"
_MOST = 4.0  # deviations from the mean, that count


@dataclass(frozen=True)
class FieldScore:
    """A network of one hidden layer.

    mean, deviation: float (features,), of the features that it was fitted on.
    hidden: float (features + 1, units), weights and, last, biases. out: float (units + 1,), likewise.
    least: probability from which a place is a field.
    """

    mean: Floats
    deviation: Floats
    hidden: Floats
    out: Floats
    least: float

    def of(self, features: Floats) -> Floats:
        """The probability that each place is a field, float (N,), by its features, float (N, features)."""
        seen = np.clip((features - self.mean) / self.deviation, -_MOST, _MOST)
        units = np.maximum(0.0, seen @ self.hidden[:-1] + self.hidden[-1])
        odds = units @ self.out[:-1] + self.out[-1]
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), np.float64)

    def save(self, path: Path) -> None:
        """Write it to a file .npz."""
        kept: dict[str, Any] = {name: np.float32(value) for name, value in vars(self).items()}
        with path.open("wb") as file:
            np.savez(file, **kept)


@cache
def shipped_score() -> FieldScore:
    """The shipped one, loaded when it is first asked for.

    Raises:
        ModelError: it is not installed, or damaged.
    """
    path = shipped_file(_SHIPPED)
    if path is None:
        raise ModelError(f"no {_SHIPPED} is installed; install hwr-edge again")
    try:
        with np.load(path, allow_pickle=False) as found:
            kept = {name: np.asarray(found[name], np.float64) for name in found.files}
        return FieldScore(**{**kept, "least": float(kept["least"])})  # type: ignore[arg-type]
    except (
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        TypeError,
    ) as error:
        raise ModelError(
            f"{path}: no file that tells fields ({error}); install hwr-edge again"
        ) from error
