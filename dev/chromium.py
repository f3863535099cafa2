"""Find Chromium for the browser tests, or install it with apt."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
)


class NoChromium(Exception):
    """There is no Chromium and it cannot be installed; the text says what to do."""


def find() -> str:
    """Return the path of Chromium: $CHROMIUM, on the PATH, or installed with apt when root; NoChromium if none."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    found = _on_path()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _on_path()
    if not found:
        raise NoChromium("The browser tests need Chromium: apt-get install chromium, or set CHROMIUM=path.")
    return found


def flags() -> list[str]:
    """Return the arguments that keep Chromium to itself; as root it cannot have its sandbox."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _on_path() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "--quiet", *words], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NoChromium(f"The browser tests need Chromium, and apt could not install it: {done.stderr.strip()}")
