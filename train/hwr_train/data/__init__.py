"""Labels and crops in, clean canvases out.

In: a CSV with its images. Out: rows that can be learnt, a report of the others, canvases in a cache.
Public: `rows.read_rows`, `cleaning.clean`, `canvases.load`, `canvases.NameData`, `relabel.relabel`, `checked.read_checked`,
`doubt.doubtful`.
"""
