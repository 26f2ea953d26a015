"""Makes a trained Keras model a full-int8 TFLite file, proved against its float parent."""

from __future__ import annotations

import os

# Before anything imports them: conversion needs TensorFlow under Keras, and no log of its own.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
