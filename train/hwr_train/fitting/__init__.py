"""A configuration in, trained weights out.

In: `TrainConfig`. Out: a folder with checkpoints, a log, the best weights and their figures.
Public: `fit.train`; `loader` feeds Keras, `buckets` says what an epoch holds, `checkpoints` resumes.
"""
