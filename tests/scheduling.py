"""Which tests run in one worker: those of a costly module; others go where there is time."""

from xdist.scheduler import LoadScopeScheduling

# Their tests share something that takes longer to make than they take to run.
KEPT_TOGETHER = ("tests/docs/test_readme.py",)


class Scheduling(LoadScopeScheduling):
    """Hands out the modules that are kept together first, then single tests.

    What `--dist loadgroup` is for; but pytest-xdist 3.8 does not group under pytest 9.2:
    https://github.com/pytest-dev/pytest-xdist/issues/1386
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in KEPT_TOGETHER else nodeid
