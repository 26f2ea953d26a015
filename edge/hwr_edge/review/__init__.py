"""A person looks at doubtful readings: what was read, what they answered, and what comes of it.

results.py reads what `hwr-edge file --format jsonl` wrote, answers.py keeps what people say, export.py
makes tables and training rows of both, server.py shows a page on this machine alone.
"""
