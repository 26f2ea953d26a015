"""quantize and ship, with what they refuse and what they leave behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwr_convert.__main__ import app
from hwr_convert.make import Options, quantize
from hwr_convert.parent import INT8_FILE, Parent, find_parent
from hwr_convert.ship import ship
from hwr_convert.verify import MAX_CER_RISE, against_budget, compare
from hwr_edge.card import read_card, read_flatbuffer
from hwr_edge.errors import DataError, ModelError
from hwr_edge.recognizer import Recognizer
from hwr_train.artifact import load_artifact
from hwr_train.readings import predict, read_all
from small_models import FewNames


def _source(parent: Parent, names: type[FewNames]) -> FewNames:
    return names(parent.artifact.config, parent.artifact.charset, parent.frames)


def _readings(parent: Parent, names: type[FewNames]) -> tuple[str, ...]:
    artifact = parent.artifact
    data = _source(parent, names).held_out(artifact.preset.canvas)
    found = tuple(read_all(predict(artifact.model, data), artifact.charset))
    assert any(found)
    return found


def test_a_file_comes_with_its_card_and_a_report_without_local_paths(runs: Path) -> None:
    card = read_card(runs / "one" / INT8_FILE)
    assert (card.name, card.letters, card.stateful) == ("tiny", "ABCDEFG", False)
    report = json.loads((runs / "one" / "quantize-report.json").read_text())
    assert report["figures"] == json.loads(json.dumps(card.figures))
    assert report["figures"]["int8"]["names"] == 12
    assert "CER" in (runs / "one" / "quantize-report.md").read_text()
    assert str(runs) not in card.to_json()
    assert "/gone" not in card.to_json()


def test_a_file_that_reads_worse_than_its_parent_is_not_written(
    runs: Path, few_names: type[FewNames], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = find_parent(Path("one"), runs, runs)
    few_names.truths = _readings(parent, few_names)
    other = read_flatbuffer(runs / "two" / INT8_FILE)
    monkeypatch.setattr("hwr_convert.make.to_int8", lambda *_: other)
    with pytest.raises(ModelError, match="points above its parent's"):
        quantize(parent, _source(parent, few_names), tmp_path / "x.tflite", Options(), print)
    assert list(tmp_path.iterdir()) == []


def test_the_budget_is_half_a_point_or_a_tenth_and_a_size(
    runs: Path, few_names: type[FewNames]
) -> None:
    from dataclasses import replace

    parent = find_parent(Path("one"), runs, runs)
    data = _source(parent, few_names).held_out(parent.artifact.preset.canvas)
    found = compare(parent.output, parent.artifact.model, data, "made fields")
    good = replace(found.float32, cer=0.02)
    assert against_budget(replace(found, cer_rise=MAX_CER_RISE, float32=good)) is None
    assert against_budget(replace(found, cer_rise=0.0051, float32=good)) is not None
    poor = replace(found.float32, cer=0.2)
    assert against_budget(replace(found, cer_rise=0.0199, float32=poor)) is None
    assert against_budget(replace(found, cer_rise=0.0201, float32=poor)) is not None
    even = replace(found, cer_rise=0.0)
    assert against_budget(even, max_size=found.bytes) is None
    assert "bytes" in (against_budget(even, max_size=found.bytes - 1) or "")


def test_a_file_too_large_unrolled_is_made_fused_and_says_so(
    runs: Path, few_names: type[FewNames], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwr_convert.make.against_budget", lambda *_: None)
    parent = find_parent(Path("one"), runs, runs)
    said: list[str] = []
    output = tmp_path / INT8_FILE
    half = parent.output.stat().st_size // 2
    options = Options(max_size=half)
    quantize(parent, _source(parent, few_names), output, options, said.append)
    assert read_card(output).stateful
    assert output.stat().st_size < half
    assert any("fused LSTMs instead" in line for line in said)


def test_a_worse_model_does_not_ship_and_what_ships_stays(
    runs: Path, few_names: type[FewNames], tmp_path: Path
) -> None:
    (tmp_path / INT8_FILE).touch()  # an empty placeholder is no model
    one, two = (find_parent(Path(name), runs, tmp_path) for name in ("one", "two"))
    few_names.truths = _readings(one, few_names)
    ship(one, one.output, tmp_path, _source(one, few_names), print)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert sorted(before) == [INT8_FILE, "names.json", "names.keras"]
    with pytest.raises(ModelError, match="reads worse than what ships"):
        ship(two, two.output, tmp_path, _source(two, few_names), print)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    few_names.truths = _readings(two, few_names)
    ship(two, two.output, tmp_path, _source(two, few_names), print)
    assert (tmp_path / INT8_FILE).read_bytes() == two.output.read_bytes()


def test_nothing_replaces_what_ships_on_the_word_of_made_fields(
    runs: Path, few_names: type[FewNames], tmp_path: Path
) -> None:
    one = find_parent(Path("one"), runs, tmp_path)
    ship(one, one.output, tmp_path, _source(one, few_names), print)
    few_names.passes_for_real = False
    with pytest.raises(DataError, match="name the data folder"):
        ship(one, one.output, tmp_path, _source(one, few_names), print)


def test_the_shipped_parent_can_be_quantized_again_and_names_no_local_path(
    runs: Path, few_names: type[FewNames], tmp_path: Path
) -> None:
    one = find_parent(Path("one"), runs, tmp_path)
    ship(one, one.output, tmp_path, _source(one, few_names), print)
    again = find_parent(None, tmp_path / "no-runs", tmp_path)
    assert again.weights == tmp_path / "names.keras"
    assert again.facts()["weights"] == one.facts()["weights"]
    assert load_artifact(again.weights).config.data is None
    Recognizer(tmp_path / INT8_FILE)


def test_a_file_of_other_weights_does_not_ship(
    runs: Path, few_names: type[FewNames], tmp_path: Path
) -> None:
    one, two = (find_parent(Path(name), runs, tmp_path) for name in ("one", "two"))
    with pytest.raises(ModelError, match="quantize anew"):
        ship(one, two.output, tmp_path, _source(one, few_names), print)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_one_line_and_exit_status_1(tmp_path: Path) -> None:
    places = ["--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "models")]
    for command in ("quantize", "ship"):
        result = CliRunner().invoke(app, [command, *places])
        assert result.exit_code == 1
        assert result.stderr.startswith("error: no run in ")
        assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_not_quantized_does_not_ship(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "one", tmp_path / "new", ignore=shutil.ignore_patterns("*.tflite"))
    where = ["new", "--runs", str(tmp_path), "--models", str(tmp_path / "models")]
    result = CliRunner().invoke(app, ["ship", *where])
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr
    assert not (tmp_path / "models").exists()


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        find_parent(Path("nowhere"), tmp_path, tmp_path)
