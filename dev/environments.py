"""Create virtual environments from the lock files. Standard library only: this runs before anything is installed."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.steps import step

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
STAMP = "installed-locks"
# The first environment. Its uv and pip also install the packages of the others.
TOOLS = ROOT / ".venv"
BOOTSTRAP = "bootstrap"


class SetupError(Exception):
    """The machine lacks something; the text is a sentence for the person in front of it."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment and the lock files that it holds."""

    directory: Path
    locks: tuple[str, ...]

    @property
    def python(self) -> Path:
        return self.directory / "bin" / "python"


# ministack needs an exact version of botocore, so the local AWS has its own environment.
LOCAL_AWS = Environment(ROOT / ".venv-localaws", ("localaws",))
RUN = Environment(ROOT / ".venv", ("runtime", "demo"))
DEVELOP = Environment(ROOT / ".venv", ("runtime", "demo", "dev"))


def main(arguments: list[str]) -> None:
    """Make what `run` needs, or else what development needs; end with one sentence when that cannot be."""
    portal = RUN if arguments == ["run"] else DEVELOP
    try:
        for environment in (portal, LOCAL_AWS):
            ensure(environment)
        compile_catalogues(ROOT / "locale", portal.python)
    except SetupError as error:
        sys.exit(str(error))


def ensure(environment: Environment) -> None:
    """Bring `environment` to its lock files; nothing is done when the stamp says that it is there already."""
    installed = installed_locks(environment)
    wanted = {name: lock_hash(name) for name in environment.locks}
    if wanted.items() <= installed.items():
        return
    # Keep the development packages: `make run` after `make test` must not remove them.
    locks = [*environment.locks, *(name for name in installed if name not in wanted)]
    stamp = environment.directory / STAMP
    stamp.unlink(missing_ok=True)
    create(environment)
    install(environment, locks)
    stamp.write_text("".join(f"{name} {lock_hash(name)}\n" for name in locks))


def compile_catalogues(locale: Path, python: Path) -> None:
    """Compile the translations, where one is newer than its compiled file; without any nothing is done."""
    sources = sorted(locale.glob("*/LC_MESSAGES/*.po"))
    if all(_is_newer(source.with_suffix(".mo"), source) for source in sources):
        return
    with step("locale: translations"):
        _run([str(python), "-m", "portal.catalogues"])


def _is_newer(compiled: Path, source: Path) -> bool:
    return compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime


def lock_hash(name: str) -> str:
    """Return the SHA-256 of the lock file, together with the interpreter it was installed for."""
    text = (REQUIREMENTS / f"{name}.txt").read_bytes()
    return hashlib.sha256(text + sys.version.encode()).hexdigest()


def installed_locks(environment: Environment) -> dict[str, str]:
    """Return the hashes of the lock files that are installed, by name; empty when there is no usable environment."""
    stamp = environment.directory / STAMP
    if not stamp.is_file() or not environment.python.exists():
        return {}
    names = dict(line.split() for line in stamp.read_text().splitlines())
    return {name: digest for name, digest in names.items() if (REQUIREMENTS / f"{name}.txt").is_file()}


def create(environment: Environment) -> None:
    """Make the virtual environment, the first one with uv in it, unless it is there with this same Python."""
    is_first = environment.directory == TOOLS
    if _has_this_python(environment) and (not is_first or (TOOLS / "bin" / "uv").exists()):
        return
    _ensure_venv_module()
    with step(f"{environment.directory.name}: virtual environment"):
        options = ["--clear"] if is_first else ["--clear", "--without-pip"]
        _run([sys.executable, "-m", "venv", *options, str(environment.directory)])
        if is_first:
            _pip_install(environment, BOOTSTRAP)


def install(environment: Environment, locks: list[str]) -> None:
    """Install exactly the locked packages, with uv, or with pip where uv cannot reach what pip can."""
    names = [BOOTSTRAP, *locks] if environment.directory == TOOLS else locks
    files = [str(REQUIREMENTS / f"{name}.txt") for name in names]
    packages = sum(len(re.findall(r"^\S+==", Path(file).read_text(), re.MULTILINE)) for file in files)
    uv = [str(TOOLS / "bin" / "uv"), "pip", "sync", "--quiet", "--require-hashes"]
    with step(f"{environment.directory.name}: {packages} locked packages ({', '.join(locks)})"):
        if not _succeeds([*uv, "--python", str(environment.python), *files], uv_settings()):
            _pip_install(environment, *names)


def uv_settings() -> dict[str, str]:
    """Return our own environment, and in it pip's package index and certificates where uv has none of its own."""
    listing = subprocess.run(
        [str(TOOLS / "bin" / "python"), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    return {**_from_pip(listing.stdout), **os.environ}


def _from_pip(listing: str) -> dict[str, str]:
    """Translate the lines of `pip config list` that uv needs to reach the same place as pip."""
    names = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    settings = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        name = names.get(key.rpartition(".")[2])
        if name:
            settings[name] = value.strip("'\"")
    return settings


def _pip_install(environment: Environment, *locks: str) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    files = [word for name in locks for word in ("-r", str(REQUIREMENTS / f"{name}.txt"))]
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--python", str(environment.python)]
    _run([*pip, "install", *options, *files])


def _ensure_venv_module() -> None:
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(f"This Python cannot make virtual environments. Install the module: apt-get install {package}")
    with step(f"apt: {package}"):
        _run(["apt-get", "update", "-q"])
        _run(["apt-get", "install", "-q", "-y", "--no-install-recommends", package])


def _has_this_python(environment: Environment) -> bool:
    return _succeeds([str(environment.python), "-c", f"import sys; sys.exit(sys.version != {sys.version!r})"])


def _succeeds(command: list[str], environment: Mapping[str, str] | None = None) -> bool:
    try:
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SetupError(f"{done.stdout}\nThe set-up stopped: {' '.join(command[:6])} … ended with {done.returncode}.")
