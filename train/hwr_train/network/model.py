"""The networks: Keras CNN-BiLSTM with logits out, by preset.

Input uint8 (N, H, W, 1), ink dark; output float32 (N, T, classes), class 0 the CTC blank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from hwr_edge.errors import DataError
from hwr_edge.line.preprocess import Canvas


@dataclass(frozen=True)
class Preset:
    """A network with the recipe it was designed for.

    drop_frames: frames at the end that decoding leaves out.
    monitor: the validation figure that chooses the best epoch and stops early.
    width_step: in training, batches are as wide as their names need, in steps of so many pixels;
        None where the network takes its canvas' width alone.
    shortcut: weight of a second CTC loss, right on the convolutions, in training; 0 for none.
    """

    build: Callable[[int, int | None, int], keras.Model]
    canvas: Canvas
    optimizer: str
    learning_rate: float
    batch: int
    epochs: int
    patience: int
    drop_frames: int = 0
    steps_per_epoch: int | None = None
    augment: bool = True
    monitor: str = "val_cer"
    width_step: int | None = None
    shortcut: float = 0.0

    def product(self, classes: int) -> keras.Model:
        """The network as it is measured and converted: its canvas in, logits out."""
        return self.build(self.canvas.height, self.canvas.width, classes)

    def trainer(self, classes: int) -> keras.Model:
        """The network as it is trained: images of any width where it can, outputs by name.

        "logits" is the product's output; "shortcut" comes straight from the convolutions, through
        one convolution over frames, and speeds up their learning (Retsinas et al. 2022, "Best
        practices for a handwritten text recognition system", section 3.3). It does not ship.
        """
        width = None if self.width_step else self.canvas.width
        network = self.build(self.canvas.height, width, classes)
        outputs = {"logits": network.output}
        if self.shortcut:
            head = layers.Conv1D(classes, 5, padding="same", dtype="float32", name="shortcut")
            outputs["shortcut"] = head(network.get_layer("frames").output)
        return keras.Model(network.input, outputs, name=network.name)


def build_edge(height: int, width: int | None, classes: int) -> keras.Model:
    """Eight convolutions, one frame for 6 pixels, two BiLSTMs of 160 a side.

    The two without batch norm begin as identity: the network learns first as if they were not
    there, and one that was trained without them can be grown by them (`grow`).
    """
    image = x = keras.Input((height, width, 1), dtype="uint8", name="image")
    # Paper is 0 and ink -1, so that zero padding continues the paper.
    x = layers.Rescaling(1 / 255, offset=-1.0, name="paper_is_zero")(x)
    pools = {"1": (2, 1), "1b": (1, 3), "3": (2, 1), "4": (2, 1)}
    widths = {"0": 16, "1": 32, "1b": 48, "2": 64, "3": 96, "4": 160, "5": 160, "5b": 160}
    for k, filters in widths.items():
        if k.endswith("b"):
            x = layers.Conv2D(
                filters, 3, padding="same", kernel_initializer=identity, name=f"conv{k}"
            )(x)
        else:
            strides = 2 if k == "0" else 1
            x = layers.Conv2D(
                filters, 3, strides=strides, padding="same", use_bias=False, name=f"conv{k}"
            )(x)
            x = layers.BatchNormalization(momentum=0.98, name=f"norm{k}")(x)
        x = layers.ReLU(name=f"relu{k}")(x)
        if k in pools:
            x = layers.MaxPooling2D(pools[k], name=f"pool{k}")(x)
    x = to_frames(x)
    x = layers.Dropout(0.1, name="frames_dropout")(x)
    x = layers.Dense(96, activation="relu", name="frames_dense")(x)
    for floor in (0, 1):
        x = layers.Bidirectional(layers.LSTM(160, return_sequences=True), name=f"bilstm{floor}")(x)
        x = layers.Dropout(0.1, name=f"bilstm{floor}_dropout")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="edge")


@keras.saving.register_keras_serializable("hwr_train")  # type: ignore[untyped-decorator]  # keras has no types
def identity(shape: tuple[int, ...], dtype: str | None = None) -> keras.KerasTensor:
    """A convolution that gives its input, and random ones for outputs beyond it."""
    rows, columns, inputs, outputs = shape
    kernel = np.array(keras.ops.convert_to_numpy(keras.initializers.HeNormal()(shape)))
    kernel[..., : min(inputs, outputs)] = 0
    for k in range(min(inputs, outputs)):
        kernel[rows // 2, columns // 2, k, k] = 1
    return keras.ops.convert_to_tensor(kernel, dtype)


def build_baseline(height: int, width: int | None, classes: int) -> keras.Model:
    """The original model for these names, but for its softmax, which is not in the graph.

    The image lies width first there; a transpose in the graph makes it so.
    """
    image = x = keras.Input((height, width, 1), dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255, name="unit_range")(x)
    x = layers.Permute((2, 1, 3), name="width_first")(x)
    for k, filters in enumerate((64, 128)):
        x = layers.Conv2D(
            filters,
            3,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
            name=f"conv{k}",
        )(x)
        x = layers.MaxPooling2D((2, 2), name=f"pool{k}")(x)
        x = layers.Dropout(0.3, name=f"conv{k}_dropout")(x)
    frames, rows, depth = x.shape[1:]
    x = layers.Reshape((frames, rows * depth), name="frames")(x)
    x = layers.Dense(64, activation="relu", name="frames_dense")(x)
    x = layers.Dropout(0.2, name="frames_dropout")(x)
    for k, (units, dropout) in enumerate(((128, 0.2), (64, 0.25))):
        lstm = layers.LSTM(units, return_sequences=True, dropout=dropout)
        x = layers.Bidirectional(lstm, name=f"bilstm{k}")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="baseline")


def build_tiny(height: int, width: int | None, classes: int) -> keras.Model:
    """A small network with every kind of layer of the others: for tests and quick tries."""
    image = x = keras.Input((height, width, 1), dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255, offset=-1.0, name="paper_is_zero")(x)
    for k, (filters, pool) in enumerate(((8, (2, 3)), (16, (2, 1)), (24, (2, 1)))):
        x = layers.Conv2D(
            filters, 3, strides=2 if k == 0 else 1, padding="same", use_bias=False, name=f"conv{k}"
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm{k}")(x)
        x = layers.ReLU(name=f"relu{k}")(x)
        x = layers.MaxPooling2D(pool, name=f"pool{k}")(x)
    x = to_frames(x)
    x = layers.Dropout(0.1, name="frames_dropout")(x)
    x = layers.Dense(32, activation="relu", name="frames_dense")(x)
    lstm = layers.LSTM(32, return_sequences=True, dropout=0.1)
    x = layers.Bidirectional(lstm, name="bilstm0")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="tiny")


def to_frames(x: keras.KerasTensor) -> keras.KerasTensor:
    """(N, rows, columns, depth) -> (N, columns, rows * depth): a frame is a column."""
    rows, columns, depth = x.shape[1:]
    x = layers.Permute((2, 1, 3), name="columns_first")(x)
    return layers.Reshape((columns or -1, rows * depth), name="frames")(x)


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Give `target` the weights of `source`, layer by layer; a shortcut need not be on both.

    Raises:
        DataError: they are not the same network.
    """
    from_layers, to_layers = ({k.name: k for k in m.layers if k.weights} for m in (source, target))
    if (from_layers.keys() ^ to_layers.keys()) - {"shortcut"}:
        raise DataError(f"{source.name}: its layers are not those of {target.name}")
    for name in from_layers.keys() & to_layers.keys():
        try:
            to_layers[name].set_weights(from_layers[name].get_weights())
        except ValueError as error:
            raise DataError(
                f"{source.name}: its layer {name} has another shape (another charset or preset?)"
            ) from error


PRESETS = {
    "edge": Preset(
        build_edge,
        Canvas(48, 384),
        "adamw",
        2.5e-3,
        batch=64,
        epochs=40,
        patience=12,
        width_step=48,
        shortcut=0.2,
    ),
    "baseline": Preset(
        build_baseline,
        Canvas(64, 256, fit="stretch"),
        "sgd",
        2e-3,
        batch=128,
        epochs=6,
        patience=5,
        drop_frames=2,
        steps_per_epoch=1000,
        augment=False,
        monitor="val_loss",
    ),
    "tiny": Preset(
        build_tiny,
        Canvas(48, 384),
        "adamw",
        5e-3,
        batch=32,
        epochs=6,
        patience=6,
        width_step=96,
        shortcut=0.2,
    ),
}


def preset_named(name: str) -> Preset:
    """The preset of that name.

    Raises:
        DataError: there is none.
    """
    if name not in PRESETS:
        raise DataError(f"no preset {name!r}; there are {', '.join(PRESETS)}")
    return PRESETS[name]
