"""Take the pictures of the documentation: `make screenshots`. They are no tests, so pytest does not collect them."""

from pathlib import Path

import pytest
from django.utils import timezone

from dev.options import ROOT
from tests.browser.conftest import DESK, Visit
from tests.browser.scenes import SCENES
from tests.factories import Cast

FOLDER = ROOT / "docs" / "screenshots"
# The name of each scene, and that of its picture.
MAIN = {
    "my-access": "home",
    "ask-for-access": "request-form",
    "request-active": "request",
    "why-am-i-denied": "denied",
    "approvals": "approvals",
    "decide": "decision",
    "overview-with-everything": "overview",
    "role-for-the-administrator": "role",
    "make-a-role": "new-role",
    "accounts-list": "accounts",
    "audit-log": "audit-log",
    "stop-a-role": "stop",
}


@pytest.mark.parametrize("name", MAIN)
def test_picture(name: str, cast: Cast, visit: Visit) -> None:
    FOLDER.mkdir(exist_ok=True)
    scene = SCENES[name](cast, timezone.now())
    page = visit(scene.person, scene.path, size=DESK)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.screenshot(path=FOLDER / f"{MAIN[name]}-{theme}.png")


def pictures() -> set[Path]:
    """Return where the pictures are."""
    return {FOLDER / f"{name}-{theme}.png" for name in MAIN.values() for theme in ("light", "dark")}
