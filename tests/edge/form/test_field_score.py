"""The score that tells fields from other places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwr_edge.errors import ModelError
from hwr_edge.form import field_score
from hwr_edge.form.field_score import FieldScore, shipped_score


def _score() -> FieldScore:
    """Fields are where the first feature is above 2."""
    hidden = np.array([[1.0], [0.0], [-0.0]])
    return FieldScore(np.array([2.0, 0.0]), np.ones(2), hidden, np.array([8.0, -4.0]), 0.5)


def test_it_is_a_probability_that_grows_with_what_fields_have() -> None:
    likely = _score().of(np.array([[1.0, 9.0], [2.4, 0.0], [2.7, 0.0], [99.0, 0.0]]))
    assert (np.diff(likely) > 0).all()
    assert likely[0] < 0.05 < 0.5 < likely[2] < likely[3] <= 1


def test_a_file_gives_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _score().save(tmp_path / "s.npz")
    monkeypatch.setattr(field_score, "shipped_file", lambda _: tmp_path / "s.npz")
    shipped_score.cache_clear()
    features = np.array([[2.2, 1.0], [3.0, 0.0]])
    assert shipped_score().of(features) == pytest.approx(_score().of(features), abs=1e-6)
    shipped_score.cache_clear()


@pytest.mark.parametrize("content", [None, b"", b"PK\x05\x06", b"no score"])
def test_a_missing_or_damaged_file_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    path = tmp_path / "s.npz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(
        field_score, "shipped_file", lambda _: path if content is not None else None
    )
    shipped_score.cache_clear()
    with pytest.raises(ModelError, match="install hwr-edge again"):
        shipped_score()
    shipped_score.cache_clear()
