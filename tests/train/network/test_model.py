"""The presets are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_train.network.model import PRESETS, copy_weights, preset_named


def test_the_baseline_has_the_original_number_of_parameters() -> None:
    preset = PRESETS["baseline"]
    assert preset.product(31).count_params() == 571_615


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
    model = preset.product(30)
    canvas = np.full((2, preset.canvas.height, preset.canvas.width, 1), 255, np.uint8)
    logits = np.asarray(model(canvas))
    assert logits.shape == (2, 64, 30)
    assert logits.dtype == np.float32
    assert not np.allclose(logits.sum(-1), 1)  # no softmax in the graph


@pytest.mark.parametrize("name", ["edge", "tiny"])
def test_the_trained_network_reads_like_the_product_made_of_it(name: str) -> None:
    preset = PRESETS[name]
    trainer, product = preset.trainer(9), preset.product(9)
    copy_weights(trainer, product)
    canvas = np.random.default_rng(0).integers(0, 256, (2, 48, 384, 1), np.uint8)
    found = {k: np.asarray(v) for k, v in trainer(canvas).items()}
    np.testing.assert_allclose(found["logits"], np.asarray(product(canvas)), atol=1e-5)
    assert found["shortcut"].shape == (2, 64, 9)
    assert trainer(canvas[:, :, :192])["logits"].shape == (2, 32, 9)


def test_weights_of_another_charset_or_preset_are_refused() -> None:
    with pytest.raises(DataError, match="another shape"):
        copy_weights(PRESETS["tiny"].product(9), PRESETS["tiny"].trainer(8))
    with pytest.raises(DataError, match="its layers are not those"):
        copy_weights(PRESETS["tiny"].product(9), PRESETS["edge"].trainer(9))


def test_an_unknown_preset_is_refused_with_the_known_ones_named() -> None:
    with pytest.raises(DataError, match="edge, baseline, tiny"):
        preset_named("huge")
