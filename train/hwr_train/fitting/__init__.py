"""A configuration in, trained weights out.

In: `TrainConfig`. Out: a folder with checkpoints, a log, the best weights and their figures.
Public: `fit.train`; `prepare.prepare_data` reads what a run learns from, `buckets.Buckets` says what an epoch holds,
`loader.BatchLoader` feeds Keras, `checkpoints.CheckpointCallback` saves and `checkpoints.RunState` resumes.
"""
