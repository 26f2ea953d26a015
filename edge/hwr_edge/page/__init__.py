"""A page in, its written lines out.

In: uint8 (H, W), a scan or a photograph. Out: a `Reading` for each handwritten line, boxes in the image.
Public: `reader.read_page`; `locate.find_lines` for lines alone, `find_sheets.find_sheets` for the paper on a table.
"""
