"""Trained weights in, a full-int8 TFLite file out, proved against its float parent.

In: a .keras file and real names. Out: one .tflite file with its card, and a report; shipped if it reads no worse.
Public: `make.quantize`, `ship.ship`.
"""

from __future__ import annotations

import os

# Before anything imports them: conversion needs TensorFlow under Keras, and no log of its own.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
