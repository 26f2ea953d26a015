"""The network that tells kinds of lines: four convolutions, and what they found anywhere in the window."""

from __future__ import annotations

import keras

from hwr_edge.page.line_kinds import HEIGHT, WIDTH, Kind

_CONVOLUTIONS = ((16, 5, 2), (16, 3, 1), (40, 3, 1), (96, 3, 1))
"""Channels, size and step of each."""
_POOLED = (1, 2)  # after these, two places become one
_SHRINK = 8  # pixels of the window by one place of the last convolution


def build() -> keras.Model:
    """uint8 values (N, 32, 192, 1) in, logits float (N, 1, 4) out; about 45,000 parameters.

    Paper is zero, as in the recognizer's network. Its first step is two pixels: it learns in minutes on a
    processor.
    """
    layers = keras.layers
    image = layers.Input((HEIGHT, WIDTH, 1))
    x = layers.Rescaling(1 / 255, offset=-1.0)(image)
    for k, (channels, size, step) in enumerate(_CONVOLUTIONS):
        x = layers.Conv2D(channels, size, step, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        if k in _POOLED:
            x = layers.MaxPooling2D(2)(x)
    whole = HEIGHT // _SHRINK, WIDTH // _SHRINK
    found = layers.Concatenate()([layers.MaxPooling2D(whole)(x), layers.AveragePooling2D(whole)(x)])
    x = layers.Dropout(0.1)(layers.Flatten()(found))
    logits = layers.Reshape((1, len(Kind)))(layers.Dense(len(Kind))(x))
    return keras.Model(image, logits, name="line-kinds")
