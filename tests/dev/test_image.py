"""What the image is made of: the product, without the demo and everything that runs and tests it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.check import PRODUCTION
from dev.options import ROOT

# None of these packages has a part in the product.
OUTSIDE = ("demo", "dev", "tests", "localaws", "bench")
DEMO = {
    "DAYPASS_DEMO": "true",
    "DAYPASS_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost",
    "CSRF_TRUSTED_ORIGINS": "",
}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that .dockerignore lets into the image."""
    made = tmp_path_factory.mktemp("image")
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    for name in (line.removeprefix("!") for line in lines if line.startswith("!")):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, made / name)
    return made


def manage(image: Path, *words: str, **different: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` of the image with the settings of a real installation."""
    own = {**os.environ, **PRODUCTION, "DAYPASS_VAR_DIR": str(image / "var"), **different}
    own.pop("PYTHONPATH", None)
    words = (sys.executable, "manage.py", *words)
    return subprocess.run(words, cwd=image, env=own, capture_output=True, text=True, check=False)


def test_the_demo_is_not_in_the_image_and_nothing_needs_it(image: Path) -> None:
    assert [name for name in OUTSIDE if (image / name).exists()] == []
    answer = manage(image, "check")
    assert answer.returncode == 0, answer.stderr
    commands = manage(image, "help", "--commands").stdout.split()
    assert "bootstrap_admin" in commands
    assert {"seed_demo", "demo_code", "story", "permissions_docs"} & set(commands) == set()


def test_the_image_is_not_a_demo(image: Path) -> None:
    answer = manage(image, "check", **DEMO)
    assert answer.returncode != 0
    assert "DAYPASS_DEMO is enabled, but this installation does not contain the demo" in answer.stderr
    assert "ModuleNotFoundError" not in answer.stderr
