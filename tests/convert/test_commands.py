"""quantize and ship, with what they refuse and what they leave behind."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from hwr_convert.__main__ import app
from hwr_convert.calibrate import NameSource
from hwr_convert.make import quantize
from hwr_convert.options import Lowering, Options
from hwr_convert.parent import INT8_FILE, Parent, find_parent, without_paths
from hwr_convert.ship import is_worse, ship
from hwr_convert.verify import MAX_CER_RISE, against_budget, compare
from hwr_edge.errors import DataError, ModelError, OutputError
from hwr_edge.line.card import read_card, read_flatbuffer, write_model
from hwr_edge.line.metrics import score
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.locks import hold
from hwr_train.config import TrainConfig
from hwr_train.measuring.readings import predict, read_all
from hwr_train.network.artifact import load_artifact
from small_models import FewNames


def test_a_card_says_nothing_of_the_folders_and_files_of_one_machine() -> None:
    config = TrainConfig(
        data="/home/data",
        names="/home/names.csv",
        strokes="/home/strokes.gz",
        fonts="/home/fonts",
        cut_by="/home/cut.keras",
        extra=("/home/extra",),
        relabel="/home/changes.csv",
        doubt_by=("/home/judge.keras",),
        init="/home/init.keras",
        seed=7,
    )
    found = without_paths(config)
    assert "/home" not in repr(found)
    assert found.seed == 7


def _source(parent: Parent, names: type[FewNames]) -> FewNames:
    return names(parent.artifact.config, parent.artifact.charset)


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
    parent = find_parent(Path("one"), runs, runs)
    data = _source(parent, few_names).held_out(parent.artifact.preset.canvas)
    found = compare(parent.output, parent.artifact.model, data, "synthetic fields")
    good = replace(found.float32, cer=0.02)
    assert against_budget(replace(found, cer_rise=MAX_CER_RISE, float32=good)) is None
    assert against_budget(replace(found, cer_rise=0.0051, float32=good)) is not None
    poor = replace(found.float32, cer=0.2)
    assert against_budget(replace(found, cer_rise=0.0199, float32=poor)) is None
    assert against_budget(replace(found, cer_rise=0.0201, float32=poor)) is not None


def test_a_file_over_its_size_is_refused_by_the_size_it_would_have_with_its_card(
    runs: Path, few_names: type[FewNames], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwr_convert.make.against_budget", lambda *_: None)
    made = read_flatbuffer(runs / "one" / INT8_FILE)
    monkeypatch.setattr("hwr_convert.make.to_int8", lambda *_: made)
    parent = find_parent(Path("one"), runs, runs)
    output, source = tmp_path / INT8_FILE, _source(parent, few_names)
    for size in (len(made) - 1, len(made)):  # without a card it would fit the second
        with pytest.raises(ModelError, match=r"are allowed; .*--lowering fused"):
            quantize(parent, source, output, Options(max_size=size), print)
        options = Options(Lowering.FUSED, max_size=size)
        with pytest.raises(ModelError, match=r"nothing was written$"):
            quantize(parent, source, output, options, print)
    assert list(tmp_path.iterdir()) == []


def test_a_fused_file_is_made_only_when_it_is_asked_for(
    runs: Path, few_names: type[FewNames], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwr_convert.make.against_budget", lambda *_: None)
    parent = find_parent(Path("one"), runs, runs)
    output, said = tmp_path / INT8_FILE, list[str]()
    quantize(parent, _source(parent, few_names), output, Options(Lowering.FUSED), said.append)
    assert read_card(output).stateful
    size = output.stat().st_size
    assert size < parent.output.stat().st_size
    assert json.loads((tmp_path / "quantize-report.json").read_text())["bytes"] == size
    assert any(line.startswith(f"{size:,} bytes; ") for line in said)


def test_of_two_models_with_one_cer_the_one_with_fewer_names_right_is_worse() -> None:
    truths = ["AB", "CD"]
    half, none = score(truths, ["AB", "XX"]), score(truths, ["AX", "CX"])
    assert half.cer == none.cer
    assert [is_worse(*pair) for pair in ((none, half), (half, none), (half, half))] == [
        True,
        False,
        False,
    ]


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


def test_who_ships_while_another_one_does_is_refused(tmp_path: Path) -> None:
    models, nobody = tmp_path / "models", cast(Any, None)  # nothing is looked at before
    with hold(models), pytest.raises(OutputError, match="another process is writing to it"):
        ship(nobody, tmp_path / "none", models, nobody, print)
    assert not models.exists()
    with pytest.raises(ModelError, match="cannot be read"):
        ship(nobody, tmp_path / "none", models, nobody, print)


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


def test_facts_of_the_training_stay_when_the_shipped_parent_is_quantized_again(
    runs: Path, few_names: type[FewNames], tmp_path: Path
) -> None:
    shutil.copytree(runs / "one", tmp_path / "one")
    (tmp_path / "one" / "cleaning-train.json").write_text('{"kept": 77}')
    (tmp_path / "one" / "state.json").write_text('{"best_epoch": 3}')
    models = tmp_path / "models"
    one = find_parent(Path("one"), tmp_path, models)
    facts = one.facts()
    assert (facts["crops"], facts["best_epoch"]) == (77, 3)
    card = replace(read_card(one.output), training=facts)
    write_model(one.output, read_flatbuffer(one.output), card)
    ship(one, one.output, models, _source(one, few_names), print)
    assert find_parent(None, tmp_path / "no-runs", models).facts() == facts
    other = replace(card, training={**facts, "weights": "others"})
    write_model(models / INT8_FILE, read_flatbuffer(one.output), other)
    assert "crops" not in find_parent(None, tmp_path / "no-runs", models).facts()


@pytest.mark.parametrize("failing", range(3))
def test_shipping_that_fails_halfway_leaves_all_as_it_was(
    runs: Path,
    few_names: type[FewNames],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failing: int,
) -> None:
    one, two = (find_parent(Path(name), runs, tmp_path) for name in ("one", "two"))
    few_names.truths = _readings(one, few_names)
    ship(two, two.output, tmp_path, _source(two, few_names), print)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    real, left = os.replace, [failing]

    def replace_or_fail(draft: Path, target: Path) -> None:
        if Path(target).parent == tmp_path:
            if not left[0]:
                left[0] = 99
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left[0] -= 1
        real(draft, target)

    monkeypatch.setattr(os, "replace", replace_or_fail)
    with pytest.raises(OutputError, match="No space left"):
        ship(one, one.output, tmp_path, _source(one, few_names), print)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_first_shipping_that_fails_halfway_leaves_nothing(
    runs: Path, few_names: type[FewNames], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = find_parent(Path("one"), runs, tmp_path)
    real = os.replace

    def replace_or_stop(draft: Path, target: Path) -> None:
        if Path(target) == tmp_path / "names.keras":
            raise KeyboardInterrupt
        real(draft, target)

    monkeypatch.setattr(os, "replace", replace_or_stop)
    with pytest.raises(KeyboardInterrupt):
        ship(one, one.output, tmp_path, _source(one, few_names), print)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_other_weights_does_not_ship(
    runs: Path, few_names: type[FewNames], tmp_path: Path
) -> None:
    one, two = (find_parent(Path(name), runs, tmp_path) for name in ("one", "two"))
    with pytest.raises(ModelError, match="quantize it again"):
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


def test_an_interrupted_command_is_one_line_and_exit_status_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hwr_convert.parent.find_parent", stop)
    for command in ("quantize", "ship"):
        result = CliRunner().invoke(app, [command, "--runs", str(tmp_path)])
        assert (result.exit_code, result.stdout) == (130, "")
        assert result.stderr == "interrupted; nothing was written\n"


WITHOUT = """
import sys
sys.modules["tensorflow"] = None
from hwr_convert.__main__ import main
sys.argv = ["hwr_convert", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize(("command", "status"), [(["quantize"], 1), (["ship"], 1), (["--help"], 0)])
def test_without_tensorflow_the_install_command_is_named(command: list[str], status: int) -> None:
    run = [sys.executable, "-c", WITHOUT, *command]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert ('run: pip install -e ".[train]"' in done.stderr) == bool(status)
    assert done.stderr.count("\n") == status


def test_the_commands_measure_with_the_named_data_through_the_runs_cache(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[NameSource] = []
    monkeypatch.setattr("hwr_convert.make.quantize", lambda *given: found.append(given[1]))
    monkeypatch.setattr("hwr_convert.ship.ship", lambda *given: found.append(given[3]))
    for command in ("quantize", "ship"):
        where = ["one", "--runs", str(runs), "--data", str(tmp_path)]
        assert CliRunner().invoke(app, [command, *where]).exit_code == 0
    assert [source.config.data for source in found] == [str(tmp_path)] * 2
    assert [source.cache for source in found] == [runs / "cache"] * 2


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
