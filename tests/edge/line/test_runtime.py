from __future__ import annotations

import importlib.metadata
import os
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fakes import TINY_MODEL, FakeInterpreter
from hwr_edge.errors import ModelError, RuntimeMissing
from hwr_edge.line import runtime
from hwr_edge.line.card import ModelCard, read_card
from hwr_edge.line.preprocess import Canvas
from hwr_edge.line.runtime import Runtime, load_interpreter_class, with_version

CARD = ModelCard("fake", "AB", Canvas(4, 8))
CANVAS = np.arange(32, dtype=np.uint8).reshape(4, 8)


def install(monkeypatch: pytest.MonkeyPatch, *packages: str, broken: str = "") -> None:
    """Pretend that exactly these interpreter packages are installed."""

    def load(name: str) -> Any:
        if name.split(".")[0] == broken:
            raise ImportError("libstdc++.so.6 is too old")
        module: Any = ModuleType(name)
        module.Interpreter = FakeInterpreter
        return module

    fakes: Any = SimpleNamespace(
        import_module=load,
        util=SimpleNamespace(find_spec=lambda name: object() if name in packages else None),
    )
    monkeypatch.setattr(runtime, "importlib", fakes)
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "9.9")


def fake_runtime(
    monkeypatch: pytest.MonkeyPatch, logits: Any, card: ModelCard = CARD, **output: Any
) -> tuple[Runtime, FakeInterpreter]:
    shape = (1, card.canvas.height, card.canvas.width, 1)
    interpreter = FakeInterpreter(logits, shape, **output)
    monkeypatch.setattr(
        runtime, "load_interpreter_class", lambda: (lambda **_: interpreter, "litert")
    )
    return Runtime(Path("m.tflite"), card), interpreter


def test_without_an_interpreter_the_install_command_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch)
    with pytest.raises(RuntimeMissing, match="run: pip install ai-edge-litert"):
        load_interpreter_class()


def test_litert_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "ai_edge_litert", "tflite_runtime")
    assert load_interpreter_class() == (FakeInterpreter, "litert")
    assert with_version("litert") == "litert 9.9"


def test_tflite_runtime_serves_where_litert_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "tflite_runtime")
    monkeypatch.setattr(np, "__version__", "1.26.4")
    assert load_interpreter_class()[1] == "tflite-runtime"


def test_tflite_runtime_under_numpy_2_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "tflite_runtime")
    monkeypatch.setattr(np, "__version__", "2.1.0")
    with pytest.raises(RuntimeMissing, match=r'NumPy 2\.1\.0; run: pip install "numpy<2"'):
        load_interpreter_class()


def test_the_environment_chooses_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "ai_edge_litert", "tflite_runtime")
    monkeypatch.setattr(np, "__version__", "1.26.4")
    monkeypatch.setenv("HWR_EDGE_RUNTIME", "tflite-runtime")
    assert load_interpreter_class()[1] == "tflite-runtime"


def test_a_runtime_that_is_wanted_and_missing_is_not_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, "ai_edge_litert")
    monkeypatch.setenv("HWR_EDGE_RUNTIME", "tflite-runtime")
    with pytest.raises(RuntimeMissing, match="pip install tflite-runtime"):
        load_interpreter_class()


def test_an_unknown_runtime_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWR_EDGE_RUNTIME", "onnx")
    with pytest.raises(RuntimeMissing, match="'onnx'; use litert or tflite-runtime"):
        load_interpreter_class()


def test_a_runtime_that_does_not_load_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "ai_edge_litert", broken="ai_edge_litert")
    with pytest.raises(RuntimeMissing, match=r"does not load \(libstdc\+\+\.so\.6 is too old\)"):
        load_interpreter_class()


def test_a_copy_without_a_version_still_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(runtime.RUNTIMES, "copied", "no_such_package")
    assert with_version("copied") == "copied of unknown version"


def test_float_logits_come_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    logits = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    fake, interpreter = fake_runtime(monkeypatch, logits)
    np.testing.assert_array_equal(fake.logits(CANVAS), logits)
    np.testing.assert_array_equal(interpreter.fed[0][0, :, :, 0], CANVAS)


def test_int8_logits_are_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = np.array([[-128, 0, 127]], np.int8)
    fake, _ = fake_runtime(monkeypatch, steps, quantization=(0.5, -28))
    found = fake.logits(CANVAS)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[-50, 14, 77.5]])


@pytest.mark.parametrize(("stateful", "resets"), [(True, 2), (False, 0)])
def test_state_is_reset_before_each_reading(
    monkeypatch: pytest.MonkeyPatch, stateful: bool, resets: int
) -> None:
    card = ModelCard("fake", "AB", Canvas(4, 8), stateful=stateful)
    fake, interpreter = fake_runtime(monkeypatch, np.zeros((5, 3), np.float32), card)
    for _ in range(2):
        fake.logits(CANVAS)
    assert interpreter.resets == resets


def test_a_model_that_is_not_what_its_card_says_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="gives 4 classes, its card says"):
        fake_runtime(monkeypatch, np.zeros((5, 4), np.float32))


def test_a_card_that_drops_every_frame_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    card = ModelCard("fake", "AB", Canvas(4, 8), drop_frames=5)
    with pytest.raises(ModelError, match="drops 5 of 5 frames"):
        fake_runtime(monkeypatch, np.zeros((5, 3), np.float32), card)


def test_a_model_that_the_interpreter_does_not_take_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(_of_schema(99, TINY_MODEL.read_bytes()))
    with pytest.raises(ModelError, match=r"m\.tflite: .* cannot load it \([^\n]+\)$"):
        Runtime(path, CARD)


def _of_schema(version: int, model: bytes) -> bytes:
    """The model with another version of the format in its first field; whole otherwise."""
    (root,) = struct.unpack_from("<I", model)
    (back,) = struct.unpack_from("<i", model, root)
    (field,) = struct.unpack_from("<H", model, root - back + 4)
    out = bytearray(model)
    struct.pack_into("<I", out, root + field, version)
    return bytes(out)


def test_the_interpreter_says_nothing_of_its_own_on_stderr(capfd: Any) -> None:
    Runtime(TINY_MODEL, read_card(TINY_MODEL))
    assert capfd.readouterr() == ("", "")
    os.write(2, b"stderr is back")
    assert capfd.readouterr().err == "stderr is back"


def test_a_real_interpreter_gives_the_same_logits_in_any_order() -> None:
    real = Runtime(TINY_MODEL, read_card(TINY_MODEL))
    rng = np.random.default_rng(0)
    canvases = [rng.integers(0, 256, (16, 64), np.uint8) for _ in range(4)]
    there = [real.logits(c) for c in canvases]
    back = [real.logits(c) for c in reversed(canvases)]
    for one, other in zip(there, reversed(back), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.shape == (16, 4)


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_that_share_a_runtime_get_their_own_answers(workers: int) -> None:
    real = Runtime(TINY_MODEL, read_card(TINY_MODEL), workers=workers)
    rng = np.random.default_rng(0)
    canvases = [rng.integers(0, 256, (16, 64), np.uint8) for _ in range(32)]
    alone = [real.logits(canvas) for canvas in canvases]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(16) as threads:
            together = list(threads.map(real.logits, canvases * 40))
    finally:
        sys.setswitchinterval(before)
    for one, other in zip(alone * 40, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_as_many_interpreters_are_loaded_as_threads_need_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meeting = threading.Barrier(3, timeout=20)

    class Meeting(FakeInterpreter):
        def invoke(self) -> None:
            meeting.wait()

    logits = np.zeros((5, 3), np.float32)
    monkeypatch.setattr(
        runtime,
        "load_interpreter_class",
        lambda: (lambda **_: Meeting(logits, (1, 4, 8, 1)), "litert"),
    )
    Meeting.made = 0
    fake = Runtime(Path("m.tflite"), CARD, workers=3)
    assert Meeting.made == 1
    for _ in range(2):
        with ThreadPoolExecutor(3) as threads:  # they meet only where three run at once
            list(threads.map(fake.logits, [CANVAS] * 3))
    assert Meeting.made == 3


def test_no_interpreter_at_all_is_no_number_of_workers() -> None:
    with pytest.raises(ValueError, match="from 1, not 0"):
        Runtime(TINY_MODEL, read_card(TINY_MODEL), workers=0)


def test_only_the_runtime_module_names_an_interpreter() -> None:
    folder = Path(runtime.__file__).parents[1]
    naming = [p.name for p in folder.rglob("*.py") if "ai_edge_litert" in p.read_text("utf-8")]
    assert naming == ["runtime.py"]
