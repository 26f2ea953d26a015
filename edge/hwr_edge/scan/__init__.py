"""Any image in, its readings out: a crop, a page or a filled form.

In: images, one or many. Out: a `Scan` for an image, rows for many, in order, by one process or several.
Public: `read.read`, `scanner.Scanner`, `scan.Scan`, `scan.Page`, `batch.read_all`, `batch.read_all_at_once`,
`annotate.Annotator`, `forms.new_form`.
"""
