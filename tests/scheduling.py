"""How xdist hands out tests: in one piece what shares something costly; the rest one by one."""

from xdist.scheduler import LoadScopeScheduling

# Their tests share something that takes longer to make than they take to run: a clone with its
# packages, the parsed source, a served shop with pictures, orders and payments. The last is the
# longest piece, shorter than a worker's share of all tests; it has the most tests, so it is handed
# out first.
KEPT_TOGETHER = ("tests/docs/test_readme.py", "tests/architecture/", "tests/browser/furnished/")


class Scheduling(LoadScopeScheduling):
    """Hands out the modules and folders that are kept together first, then single tests.

    What `--dist loadgroup` is for; but pytest-xdist 3.8 does not group under pytest 9.2:
    https://github.com/pytest-dev/pytest-xdist/issues/1386
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((kept for kept in KEPT_TOGETHER if nodeid.startswith(kept)), nodeid)
