"""Every page in both themes: readable with assistive technology, on a desk and on a phone.

In `make test`, axe examines each page in one of two looks, half of the pages in each; in `make test-all` in both.
"""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from tests import slices
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.scenes import SCENES
from tests.factories import Cast

Theme = Literal["light", "dark"]
LOOKS: tuple[tuple[Theme, str, tuple[int, int]], ...] = (("light", "desk", DESK), ("dark", "phone", PHONE))
LANGUAGES = ("en-GB", "de-DE")  # of the browser
OTHERS: tuple[tuple[Theme, str, tuple[int, int]], ...] = (("light", "phone", PHONE), ("dark", "desk", DESK))


def findings(page: Page) -> list[str]:
    """Return what axe finds: which rule, and where."""
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['target']} {node['html']}" for found in violations for node in found["nodes"]]


@pytest.mark.parametrize("name", SCENES)
def test_a_page_is_accessible(name: str, cast: Cast, visit: Visit, screenshots: Path | None) -> None:
    scene = SCENES[name](cast, timezone.now())
    languages = slices.slice_of(LANGUAGES, one_in=len(LANGUAGES), first=[*SCENES].index(name))
    for language in languages if screenshots is None else LANGUAGES[:1]:
        review(visit(scene.person, scene.path, locale=language), name, screenshots)


def review(page: Page, name: str, screenshots: Path | None) -> None:
    """Review a page in each theme and width; axe reviews one of them, or all in `make test-all`."""
    examined = LOOKS if slices.ALL else [LOOKS[len(name) % 2]]
    for look in LOOKS if screenshots is None else LOOKS + OTHERS:
        theme, where, (width, height) = look
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": height})
        if screenshots is not None:
            page.screenshot(path=screenshots / f"{name}-{where}-{theme}.png", full_page=True)
        assert look not in examined or findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"too wide for a {where}"
