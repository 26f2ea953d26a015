"""The desk: a page where an office reads its scans, and a service that other programs call.

A batch is a folder on the disk (`batches`), read by one worker (`queue`, `readers`). It comes from the page and from
other programs (`api`), or from a folder that a scanner writes to (`watch`).
"""
