"""ALTO, hOCR and Label Studio's tasks: what their readers need is in them."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from hwr_edge.line.matching import Match
from hwr_edge.line.reading import Letter, Reading
from hwr_edge.results.archives import Alto, Hocr, LabelStudio, words_of
from hwr_edge.results.layouts import Layout
from hwr_edge.results.rows import Row

LETTERS = tuple(Letter(text, 0.9, (10 + 20 * k, 5 + k, 15, 30)) for k, text in enumerate("LEA ROY"))
LEA = Reading("LEA ROY", 0.8765, (0.9,) * 7, (10, 5, 150, 40), letters=LETTERS)
MAX = Reading("MAX", 0.5, (0.9,) * 3, (10, 105, 60, 40))
ROWS = [Row('d/"a"&b.pdf', one, page=2, size=(200, 300)) for one in (LEA, MAX)]
NS = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}


def rendered(layout: Layout) -> str:
    begin = layout.head() + layout.rows(ROWS) + layout.rows([])
    end = layout.tail()
    assert isinstance(end, str)
    return begin + end


def test_words_have_the_boxes_of_their_letters() -> None:
    assert words_of(LEA) == [("LEA", (10, 5, 55, 32)), ("ROY", (90, 9, 55, 32))]
    assert words_of(MAX) == [("MAX", (10, 105, 60, 40))]
    assert words_of(replace(MAX, text="", letters=())) == []


def test_alto_has_pages_lines_words_and_confidences() -> None:
    root = ElementTree.fromstring(rendered(Alto()))
    assert root.findtext(".//a:fileName", namespaces=NS) == 'd/"a"&b.pdf'
    (page,) = root.findall(".//a:Page", NS)
    assert (page.get("WIDTH"), page.get("HEIGHT"), page.get("PHYSICAL_IMG_NR")) == (
        "200",
        "300",
        "2",
    )
    lines = root.findall(".//a:TextLine", NS)
    assert [[s.get("CONTENT") for s in line.findall("a:String", NS)] for line in lines] == [
        ["LEA", "ROY"],
        ["MAX"],
    ]
    first = lines[0].find("a:String", NS)
    assert first is not None
    assert [first.get(key) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT", "WC")] == [
        "10", "5", "55", "32", "0.8765",
    ]  # fmt: skip
    names = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("texts", [["LEA ROY", "MAX"], ["", "MAX"], [""], []])
def test_alto_is_what_its_schema_asks_for(texts: list[str]) -> None:
    """`ALTO_XSD` names alto-4-4.xsd, https://github.com/altoxml/schema: its licence is not this project's."""
    etree = pytest.importorskip("lxml.etree")
    path = os.environ.get("ALTO_XSD") or pytest.skip("ALTO_XSD names no schema")
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_no_links(etree))
    schema = etree.XMLSchema(etree.parse(path, parser))
    layout = Alto()
    rows = [Row("a.png", replace(MAX, text=text), size=(200, 300)) for text in texts]
    text = layout.head() + layout.rows(rows) + layout.rows(rows) + layout.tail()
    schema.assertValid(etree.fromstring(text.encode("utf-8")))


def _no_links(etree: Any) -> Any:
    """Stands for the schema of links, which ALTO's own fetches from the network and these pages do not use."""

    class NoLinks(etree.Resolver):  # type: ignore[misc]  # lxml has no types here
        def resolve(self, url: str, _public: str, context: Any) -> Any:
            if "xlink" not in url:
                return None
            return self.resolve_string(
                '<schema xmlns="http://www.w3.org/2001/XMLSchema" '
                'targetNamespace="http://www.w3.org/1999/xlink"><attributeGroup name="simpleLink"/></schema>',
                context,
            )

    return NoLinks()


def test_alto_has_a_line_for_an_empty_field_and_a_page_for_no_lines() -> None:
    layout = Alto()
    layout.rows([Row("a.png", replace(MAX, text="", letters=()), size=(200, 300))])
    (line,) = ElementTree.fromstring(layout.tail()).findall(".//a:TextLine", NS)
    assert [word.get("CONTENT") for word in line] == [""]
    assert ElementTree.fromstring(Alto().tail()).find(".//a:Layout/a:Page", NS) is not None


def test_hocr_has_pages_lines_words_and_confidences() -> None:
    text = rendered(Hocr())
    body = ElementTree.fromstring(text[text.index("<body>") : text.index("</html>")])
    (page,) = body
    assert page.get("title") == 'image "d/%22a%22&b.pdf"; bbox 0 0 200 300; ppageno 1'
    words = body.findall(".//span[@class='ocrx_word']")
    assert [word.text for word in words] == ["LEA", "ROY", "MAX"]
    assert words[0].get("title") == "bbox 10 5 65 37; x_wconf 88"
    line = body.find(".//span[@class='ocr_line']")
    assert line is not None
    assert line.get("title") == "bbox 10 5 160 45"


def test_label_studio_gets_a_task_a_page_with_places_in_per_cent() -> None:
    matched = replace(MAX, match=Match("Max", 0.9))
    layout = LabelStudio()
    layout.rows([ROWS[0], ROWS[1]._replace(reading=matched)])
    (task,) = json.loads(layout.tail())
    assert task["data"] == {"ocr": '/data/local-files/?d=d/"a"&b.pdf', "page": 2}
    (prediction,) = task["predictions"]
    box, text, *others = prediction["result"]
    assert (box["type"], text["type"]) == ("rectangle", "textarea")
    assert box["id"] == text["id"] != others[0]["id"]
    assert box["value"] == {
        "x": 5.0, "y": 5 / 3, "width": 75.0, "height": 40 / 3, "rotation": 0,
    }  # fmt: skip
    assert (text["value"]["text"], others[1]["value"]["text"]) == (["LEA ROY"], ["Max"])
    assert prediction["score"] == 0.5


def test_without_a_name_they_are_empty_and_whole() -> None:
    assert json.loads(LabelStudio().tail()) == []
    assert ElementTree.fromstring(Alto().tail()).find(".//a:TextLine", NS) is None
    assert 'ocr_page"' not in Hocr().tail()


def test_a_path_that_no_xml_can_hold_is_told_with_signs_for_it() -> None:
    odd = [Row("a\x07\udcff.png", MAX, size=(9, 9))]
    for layout in (Alto(), Hocr()):
        layout.rows(odd)
        text = layout.tail()
        assert re.search(r"a \?\.png", text)
        text.encode("utf-8")
