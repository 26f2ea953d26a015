"""Any image in, its readings out: a crop, a page or a filled form.

In: images, one or many. Out: a `Scan` for each, in order, by one process or several.
Public: `scanner.Scanner` and `Scan`, `batch.read_all`, `annotate.Annotator`.
"""
