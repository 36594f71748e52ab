"""The benchmark: our pages beside the bare limit of the same stack, in the same run.

`python -m bench` (make bench) takes minutes, `FULL=1` the better part of an hour. It is not a test:
times depend on the machine, so each figure stands beside the limit measured next to it.
"""
