"""Archives of millions of images, by many workers on one machine or on a cluster (extra `cluster`).

In: folders, patterns, tar shards, Parquet and PDFs, on a disk or at an address such as `s3://bucket/scans`.
Out: a folder of tables, a part each. A part is there whole or not at all, so a run that was killed goes on.
Public: `parts.plan`, `run.run`, `shards.pack`.
"""
