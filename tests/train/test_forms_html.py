"""The forms that benchmarks fill in and scan; what needs Chromium is tested in tests/browser."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from forms_html import (
    CAPTURES,
    COARSE,
    CropHand,
    EmptyForm,
    FormField,
    Shot,
    capture,
    empty_forms,
    fill,
    upright,
)
from forms_html.__main__ import main
from forms_html.families import families, is_held_out
from forms_html.font_folder import only_fonts_of
from forms_html.layouts import form_html
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from made_pages import moved


def form() -> EmptyForm:
    """A page of 300 dpi with a box, a comb and a line for digits."""
    page: Grey = np.full((1754, 1240), 255, np.uint8)
    fields = (
        FormField("01 Nom", "box", "name", (200, 200, 800, 110), 0),
        FormField("02 Ville", "comb", "name", (200, 500, 800, 90), 12),
        FormField("03 PLZ", "ruled", "digits", (200, 800, 600, 100), 0),
        FormField("04 Signature", "ruled", "sign", (200, 1100, 600, 100), 0),
    )
    return EmptyForm(0, page, fields, ())


def test_a_seed_gives_the_same_form_and_another_seed_another() -> None:
    fonts = ("A", "B", "C")
    assert form_html(5, fonts) == form_html(5, fonts)
    assert form_html(5, fonts) != form_html(6, fonts)


def test_sixty_layouts_have_every_kind_of_field_and_every_language() -> None:
    every = "".join(form_html(seed, ("A",))[0] for seed in range(60))
    for kind in ("box", "comb", "ruled", "dotted", "shaded", "cell"):
        assert f'data-kind="{kind}"' in every
    for word in ("Prénom", "Surname", "Vorname", "Apellidos"):
        assert word in every


@pytest.mark.skipif(not shutil.which("fc-match"), reason="fontconfig is not installed")
def test_print_is_set_in_the_fonts_of_a_folder_alone(tmp_path: Path) -> None:
    before = os.environ.get("FONTCONFIG_FILE")
    asked = ["fc-match", "--format=%{file}|%{family[0]}", "sans:lang=de:fontformat=TrueType"]
    file, family = subprocess.run(asked, capture_output=True, text=True).stdout.split("|")
    with pytest.raises(RuntimeError, match="no font file"), only_fonts_of(tmp_path):
        pass
    shutil.copy(file, tmp_path)
    with only_fonts_of(tmp_path):
        assert families(is_held_out(family)) == (family,)
        with pytest.raises(RuntimeError, match="no font family"):
            families(not is_held_out(family))
    assert os.environ.get("FONTCONFIG_FILE") == before


def test_cuts_of_one_font_family_are_on_the_same_side() -> None:
    assert is_held_out("Open Sans") == is_held_out("Open Sans Condensed")
    assert len({is_held_out(name) for name in ("Lato", "Karla", "Inter", "Cantarell", "Play")}) == 2


def test_a_filled_form_has_names_and_digits_where_its_fields_are() -> None:
    filled = fill(form(), np.random.default_rng(3), empty=0)
    assert [one.holds for one in filled.written] == ["name", "name", "digits"]
    for one in filled.written:
        x, y, width, height = one.field.box
        (x0, y0), (x1, y1) = one.quad[0].astype(int), one.quad[2].astype(int)
        assert x <= x0
        assert x1 <= x + width
        assert y - height < y0
        assert y1 < y + 1.5 * height
        assert (filled.page[y0:y1, x0:x1] < 128).any()
        assert (one.clean < 128).any()
    assert len(filled.written[1].text) <= 12
    assert (form().page == 255).all()


@pytest.mark.parametrize("kind", [*CAPTURES, COARSE])
def test_what_is_written_is_found_again_in_every_kind_of_image(kind: str) -> None:
    filled = fill(form(), np.random.default_rng(4), empty=0)
    shot = capture(filled.page, np.random.default_rng(5), kind)
    blank = capture(form().page, np.random.default_rng(5), kind)
    for one in filled.written:
        quad = moved(one.quad, shot.move)
        (x0, y0), (x1, y1) = quad.min(0).astype(int), quad.max(0).astype(int)
        there = np.s_[max(y0, 0) : y1, max(x0, 0) : x1]
        assert shot.image[there].mean() < blank.image[there].mean() - 5


def test_real_crops_fill_a_form_with_one_writer(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    rows = [("a.png", "ANNA", "1"), ("b.png", "BERT", "2")]
    for name, text, _ in rows:
        crop = np.full((60, 260), 230, np.uint8)
        cv2.putText(crop, text, (20, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 40, 3)
        cv2.imwrite(str(tmp_path / "images" / name), crop)
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("FILENAME", "IDENTITY", "WRITER"), *rows])
    hand = partial(CropHand, tmp_path, writers=(2, 9))
    filled = fill(form(), np.random.default_rng(0), hand, empty=0)
    assert filled.written[0].text == "BERT"
    assert filled.written[0].clean.min() < 80


def test_forms_that_the_cache_has_need_no_typesetter(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "v2-measure-0007.png"), form().page)
    one = {"box": [1, 2, 30, 40], "kind": "box", "name": "N", "holds": "name", "cells": 0}
    truth = {"fields": [one], "free": [[9, 9, 9, 9]], "print": [[5, 6, 7, 8]]}
    (tmp_path / "v2-measure-0007.json").write_text(json.dumps(truth))
    (kept,) = empty_forms(1, 7, tmp_path)
    assert kept.fields[0].box == (1, 2, 30, 40)
    assert kept.print_boxes == ((5, 6, 7, 8),)
    assert kept.free == ((9, 9, 9, 9),)
    assert kept.page.shape == (1754, 1240)


@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_photograph_is_brought_upright_with_its_truth(quarters: int) -> None:
    filled = fill(form(), np.random.default_rng(3), empty=0)
    shot = capture(filled.page, np.random.default_rng(1), "scan")
    high, wide = shot.image.shape
    turn = np.array([[0.0, 1, 0], [-1, 0, wide], [0, 0, 1]])  # counter-clockwise
    move, image = shot.move, shot.image
    for _ in range(quarters):
        turn[1, 2] = image.shape[1]
        move, image = turn @ move, np.rot90(image)
    back = upright(Shot(np.ascontiguousarray(image), move, "scan", 200))
    assert back.image.shape == (high, wide)
    assert (back.image == shot.image).all()
    assert moved(filled.written[0].quad, back.move) == pytest.approx(
        moved(filled.written[0].quad, shot.move), abs=1.5
    )


def test_class_lists_are_written_with_their_names_in_other_hands_to_learn_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for of in ("learn", "measure"):
        folder = str(tmp_path / of)
        arguments = ["forms_html", folder, "--kind", "list", "--count", "1", "--set", of]
        monkeypatch.setattr("sys.argv", arguments)
        main()
    (learnt,) = (tmp_path / "learn").glob("*.json")
    truth = json.loads(learnt.read_text("utf-8"))
    image = read_grey(learnt.with_suffix(".png"))
    assert len(truth["written"]) == 30
    for one in truth["written"]:
        x, y, width, height = one["box"]
        assert one["holds"] == "name"
        assert (image[y : y + height, x : x + width] < 150).any()
    other = read_grey(tmp_path / "measure" / learnt.with_suffix(".png").name)
    assert image.shape == other.shape
    assert np.mean(image != other) > 0.01
