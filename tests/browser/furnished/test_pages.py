"""Every page in every state: axe finds nothing wide and light, narrow and dark; nothing overflows.

One visit a scene. The theme and the width are changed in place, as they are by the same rules of
the style sheets that a reload would apply. A width moves things and a theme colours them:
`tests/front/test_contrast.py` compares the colours of either theme, and sees that no width brings
others. So what can be read in these two states can be read in the other two.
"""

import pytest
from playwright.sync_api import Page

from tests.browser.kit import NARROW, PHONE, Window, overflow, violations
from tests.browser.scenes import SCENES, Scene
from tests.browser.world import World


def change(page: Page, size: tuple[int, int], theme: str) -> None:
    """Show the page as it is at another size and in another theme."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    # As tall as the page: what a bar at the foot covers for the moment is no small target.
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size[0], "height": max(size[1], tall)})
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    page.emulate_media(color_scheme=theme)  # the payment page goes by the system


@pytest.mark.parametrize("scene", SCENES.values(), ids=list(SCENES))
def test_page(world: World, window: Window, scene: Scene) -> None:
    with window.visit(world.visitors[scene.visitor]) as page:
        scene.show(page, world)
        wrong = [f"wide, light: {line}" for line in violations(page)]
        change(page, PHONE, "dark")
        wrong += [f"narrow, dark: {line}" for line in violations(page)]
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        if overflow(page):
            wrong.append(f"{overflow(page)} px too wide")
    assert wrong == []


def test_an_offence_is_that_of_its_visit(window: Window) -> None:
    """The control of what is asserted on the side, and of where one visit ends."""
    with pytest.raises(pytest.fail.Exception, match="broken"), window.visit() as page:
        page.goto("/cart")
        page.evaluate("console.error('broken')")
    with window.visit() as page:
        page.goto("/cart")
