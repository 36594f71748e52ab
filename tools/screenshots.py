"""Take pictures of every page of the demo shop: wide and narrow, light and dark.

    make screenshots                                  all of them, into screenshots/
    python -m tools.screenshots bag checkout          only these scenes (tests/browser/scenes.py)

The shop is served as `make run` does it, from a folder of its own that is thrown away afterwards.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.kit import DESKTOP, PHONE, opened
from tests.browser.live import Live, live_shop, settings_of
from tests.browser.scenes import SCENES, Scene
from tests.browser.world import World, invite, populate
from tests.chromium import ChromiumMissing, launch
from tests.processes import ROOT, environment

OUT = ROOT / "screenshots"
VIEWS = [(size, theme) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]


def main(names: list[str]) -> None:
    """Take the pictures of the scenes called `names`, or of all."""
    unknown = set(names) - set(SCENES)
    if unknown:
        sys.exit(f"No such scene: {', '.join(sorted(unknown))}. There are: {', '.join(SCENES)}")
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        with live_shop(Path(folder)) as live, sync_playwright() as playwright:
            try:
                browser = launch(playwright)
            except ChromiumMissing as missing:
                sys.exit(str(missing))
            world = populate(live.app)
            invite(world, browser, live.url)
            for scene in [SCENES[name] for name in names or SCENES]:
                take(browser, live, world, scene)
            browser.close()


def prepare(folder: Path) -> None:
    """Migrate and seed a shop in the instance `folder`, by the commands that `make run` uses."""
    for command in (["db", "upgrade"], ["seed", "demo"]):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env=environment(settings_of(folder)),
            check=True,
            stdout=subprocess.DEVNULL,
        )


def take(browser: Browser, live: Live, world: World, scene: Scene) -> None:
    """Take the four pictures of a scene."""
    for size, theme in VIEWS:
        visitor = world.visitors[scene.visitor]
        look = {"size": size, "theme": theme, "touch": size == PHONE}
        with opened(browser, live.url, state=visitor, **look) as page:
            page.emulate_media(color_scheme=theme)
            scene.show(page, world)
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_load_state("networkidle")
            target = OUT / f"{size[0]}-{theme}" / f"{scene.name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target, full_page=not page.locator("dialog[open]").count())
    print(scene.name)


if __name__ == "__main__":
    main(sys.argv[1:])
