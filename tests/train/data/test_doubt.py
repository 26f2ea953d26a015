"""Labels that a model finds wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_train.config import Part, TrainConfig
from hwr_train.data.doubt import doubtful
from hwr_train.fitting import judges as judging
from hwr_train.fitting.prepare import prepare_data
from hwr_train.network.model import preset_named

LETTERS = Charset("AB")


def _logits(text: str, sure: float) -> NDArray[np.float32]:
    """Frames that say each letter of `text` in turn, a blank after each."""
    frames = np.zeros((8, 3), np.float32)
    for k, c in enumerate([c for letter in text for c in (LETTERS.encode(letter)[0], 0)]):
        frames[k, c] = sure
    frames[2 * len(text) :, 0] = sure
    return frames


def test_only_sure_readings_far_from_their_label_are_doubted() -> None:
    rows = [
        ("AB", _logits("AB", 12)),  # as labelled
        ("AA", _logits("AB", 12)),  # sure and other
        ("AA", _logits("AB", 1)),  # unsure
        ("", _logits("B", 12)),
    ]
    assert doubtful([text for text, _ in rows], np.stack([one for _, one in rows]), LETTERS) == [
        1,
        3,
    ]


def test_a_reading_that_is_itself_unsure_is_no_reason_for_doubt() -> None:
    logits = _logits("AB", 12)
    logits[0, :2] = 11.8, 12.0  # the first letter may be nothing, or...
    logits[0, 2] = 11.9  # ...a B, but the second is no A
    assert doubtful(["AA"], logits[None], LETTERS) == []
    assert doubtful(["AA"], _logits("AB", 12)[None], LETTERS) == [0]


def test_two_readings_of_like_worth_are_no_reason_for_doubt() -> None:
    logits = _logits("AB", 12)
    logits[2, 1] = 11.0  # the second letter may well be an A
    assert doubtful(["AA"], logits[None], LETTERS) == []


def test_folds_share_all_rows_out_evenly_and_always_alike() -> None:
    names = [f"TRAIN_{k:05}.jpg" for k in range(3000)]
    parts = [{name for name in names if name in Part.of(f"{k}/3")} for k in (1, 2, 3)]
    assert set().union(*parts) == set(names)
    assert sum(map(len, parts)) == len(names)
    assert min(map(len, parts)) > 900
    assert "TRAIN_00001.jpg" in Part.of("1/3")  # in every version: runs refer to it


@pytest.mark.parametrize("text", ["1", "0/2", "3/2", "1/1", "a/b", "1/2/3", "", "-1/2"])
def test_what_is_no_fold_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="1/2"):
        TrainConfig(part=text)


def test_a_run_with_a_fold_leaves_its_rows_out_and_says_which(
    short_config: TrainConfig, tmp_path: Path
) -> None:
    config = replace(short_config, part="1/2", made=0)
    found = prepare_data(config, preset_named("tiny"), tmp_path)
    left_out = found.reports["train"].dropped["part 1/2"]
    assert found.loader.buckets.data
    assert not set(left_out) & set(found.loader.buckets.data.ids)
    whole = prepare_data(
        replace(config, part=None), preset_named("tiny"), tmp_path
    ).loader.buckets.data
    assert whole
    assert {*left_out, *found.loader.buckets.data.ids} == set(whole.ids)
    assert left_out
    assert all(name in Part.of("1/2") for name in left_out)
    assert found.reports["train"].kept == len(found.loader.buckets.data)


def test_each_label_is_doubted_by_the_model_that_did_not_learn_from_it(
    short_config: TrainConfig,
    short_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judges = []
    for fold in ("1/2", "2/2"):
        path = tmp_path / f"of-{fold[0]}.keras"
        shutil.copy(short_run / "best.keras", path)
        card = json.loads((short_run / "best.json").read_text())
        card["config"]["part"] = fold
        path.with_suffix(".json").write_text(json.dumps(card))
        judges.append(str(path))
    judged: list[Sequence[str]] = []

    def doubt_first(
        labels: Sequence[str], logits: NDArray[np.float32], charset: Charset
    ) -> list[int]:
        assert len(labels) == len(logits)
        judged.append(labels)
        return [0]

    monkeypatch.setattr(judging, "doubtful", doubt_first)
    config = replace(short_config, made=0)
    whole = prepare_data(config, preset_named("tiny"), tmp_path).loader.buckets.data
    assert whole
    config = replace(config, doubt_by=tuple(judges))
    found = prepare_data(config, preset_named("tiny"), tmp_path)
    first = []
    for labels, part in zip(judged, map(Part.of, ("1/2", "2/2")), strict=True):
        own = [k for k, name in enumerate(whole.ids) if name in part]
        assert list(labels) == [whole.texts[k] for k in own]
        first.append(whole.ids[own[0]])
    assert found.reports["train"].dropped["doubtful label"] == sorted(first)


def test_folds_and_judges_need_labels(tmp_path: Path) -> None:
    plain = TrainConfig(preset="tiny")
    for config in (replace(plain, part="1/2"), replace(plain, doubt_by=("a.keras",))):
        with pytest.raises(DataError, match="--data"):
            prepare_data(config, preset_named("tiny"), tmp_path)


def test_configurations_of_earlier_versions_name_one_judge_or_none() -> None:
    assert TrainConfig(doubt_by="some.keras").doubt_by == ("some.keras",)  # type: ignore[arg-type]
    assert TrainConfig(doubt_by=None).doubt_by == ()  # type: ignore[arg-type]
