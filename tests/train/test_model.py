"""The presets are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_train.model import PRESETS, preset_named


def test_the_baseline_has_the_original_number_of_parameters() -> None:
    preset = PRESETS["baseline"]
    assert preset.build(preset.canvas, 31).count_params() == 571_615


def test_the_baseline_keeps_the_original_recipe() -> None:
    preset = PRESETS["baseline"]
    assert (preset.canvas.width, preset.canvas.height, preset.canvas.fit) == (256, 64, "stretch")
    assert (preset.optimizer, preset.learning_rate, preset.batch) == ("sgd", 0.002, 128)
    assert (preset.epochs, preset.steps_per_epoch, preset.patience) == (6, 1000, 5)
    assert preset.drop_frames == 2
    assert preset.monitor == "val_loss"


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_gives_logits_for_every_frame_and_class(name: str) -> None:
    preset = PRESETS[name]
    model = preset.build(preset.canvas, 30)
    canvas = np.full((2, preset.canvas.height, preset.canvas.width, 1), 255, np.uint8)
    logits = np.asarray(model(canvas))
    assert logits.shape == (2, 64, 30)
    assert logits.dtype == np.float32
    assert not np.allclose(logits.sum(-1), 1)  # no softmax in the graph


def test_an_unknown_preset_is_refused_with_the_known_ones_named() -> None:
    with pytest.raises(DataError, match="edge, baseline, tiny"):
        preset_named("huge")
