"""`make check`: all checks that take little time, with one line per step."""

import base64
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from django.template import TemplateSyntaxError

from dev import marked, messages, sizes, translations
from dev.language import AREAS, findings
from dev.options import ROOT

BINARIES = Path(sys.executable).parent
PYTHON = sys.executable
TYPED = ("portal", "access", "demo", "dev", "localaws", "tests", "bench")

# A real installation, except that nothing in it is real.
PRODUCTION = {
    "ALLOWED_HOSTS": "daypass.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://daypass.example.com",
    "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/never",  # never connected
    "DAYPASS_DEMO": "false",
    "DAYPASS_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "DAYPASS_URL": "https://daypass.example.com",
    "DAYPASS_VAR_DIR": str(ROOT / "var" / "check"),
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "EMAIL_URL": "smtp+tls://daypass:throw-away@mail.example.com:587",
    "REDIS_URL": f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:1/0",
    "SECRET_KEY": secrets.token_urlsafe(48),
}
TESTS = {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "tests.settings"}
COMPOSE = {
    "DAYPASS_ENCRYPTION_KEYS": PRODUCTION["DAYPASS_ENCRYPTION_KEYS"],
    "DAYPASS_HOST": "daypass.example.com",
    "EMAIL_URL": PRODUCTION["EMAIL_URL"],
    "DAYPASS_WEB_CREDENTIALS": str(ROOT / "var" / "check" / "web.credentials"),
    "DAYPASS_CHECKPOINT_KEY_PATH": str(ROOT / "var" / "check" / "checkpoint.key"),
    "DAYPASS_WORKER_CREDENTIALS": str(ROOT / "var" / "check" / "worker.credentials"),
    "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
    "REDIS_PASSWORD": secrets.token_urlsafe(24),
    "SECRET_KEY": secrets.token_urlsafe(48),
}


@dataclass(frozen=True)
class Command:
    """A step that is a command; it is passed when the exit code is 0."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self) -> str:
        """Return nothing when the step is passed, else what the command said."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(self.words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip() or "The check printed nothing." if done.returncode else ""


def main() -> int:
    """Run every step and return 0 when all are passed; the output of the others is below the list."""
    failed = {title: said for title, step in steps().items() if (said := _run(title, step))}
    for title, said in failed.items():
        print(f"\n--- {title}\n{said}")
    return 1 if failed else 0


def steps() -> dict[str, Callable[[], str]]:
    """Return the steps by title, quick ones first; each returns what is wrong."""
    return {
        "ruff: rules": _tool("ruff", "check", "."),
        "ruff: format": _tool("ruff", "format", "--check", "."),
        "djade: templates": _tool("djade", "--check", *_files("templates/*.html")),
        "no machine paths": machine_paths,
        "files are short": short_files,
        "language": language,
        "templates are marked for translation": marked_templates,
        "messages are extracted and translated": messages_translated,
        "docs/reference/asvs.md names tests that exist": _tool("pytest", "-n", "0", "-q", "tests/unit/test_asvs.py"),
        "import-linter: floors": _tool("lint-imports"),
        "hadolint: Dockerfile": _tool("hadolint", "Dockerfile"),
        "docker-compose: config": _tool("docker-compose", "config", "--quiet", environment=COMPOSE),
        "cfn-lint: deploy": _tool("cfn-lint", *_files("deploy/cloudformation/*.json")),
        "bandit: product": _tool("bandit", "--quiet", "--configfile", "pyproject.toml", "-r", "access", "portal"),
        "migrations are up to date": _manage("makemigrations", "--check", "--dry-run", environment=TESTS),
        "docs/reference/lifecycle.md is up to date": _manage("lifecycle_docs", "--check", environment=TESTS),
        "docs/reference/errors.md is up to date": Command((PYTHON, "-m", "dev.errors", "--check")),
        "docs/reference/permissions.md is up to date": Command((PYTHON, "-m", "dev.permissions", "--check")),
        "docs/explanation/architecture.md is up to date": Command((PYTHON, "-m", "dev.architecture", "--check")),
        "deploy/ is up to date": _manage("deploy_templates", "--check", environment=TESTS),
        "Django: check --deploy": _manage("check", "--deploy", "--fail-level", "WARNING", environment=PRODUCTION),
        "mypy: types": _tool("mypy", *TYPED),
    }


def machine_paths() -> str:
    """Return the lines that name this checkout or the home directory of its user."""
    private = {str(ROOT), str(Path.home())}
    lines = (
        f"{name}:{number}: {line.strip()[:100]}"
        for name in _files()
        for number, line in enumerate((ROOT / name).read_text(errors="ignore").splitlines(), 1)
        if any(path in line for path in private)
    )
    return "\n".join(lines)


def short_files() -> str:
    """Return the files that have too many lines."""
    return "\n".join(sizes.findings(ROOT, _files()))


def language() -> str:
    """Return the words that Daypass does not use, in the areas that are free of them."""
    return "\n".join(findings(ROOT, [name for name in _files() if name.startswith(AREAS)]))


def marked_templates() -> str:
    """Return the texts in templates that cannot be translated."""
    return "\n".join(marked.findings(ROOT, _files("templates/*")))


def messages_translated() -> str:
    """Return why the messages for translators cannot be extracted, or what the catalogues of languages lack."""
    try:
        catalog = messages.extracted(ROOT)
    except (ValueError, SyntaxError, TemplateSyntaxError) as error:
        return str(error)
    found = (translations.findings(path, catalog) for path in translations.catalogues(ROOT / "locale"))
    return "\n".join(chain.from_iterable(found)) if len(catalog) > 1 else "There are none."


def _files(*patterns: str) -> list[str]:
    """Return the files of the project, new ones too, without what git ignores."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(name for name in set(listed) if name and (ROOT / name).is_file())


def _tool(name: str, *words: str, environment: Mapping[str, str] | None = None) -> Command:
    return Command((str(BINARIES / name), *words), environment or {})


def _manage(*words: str, environment: Mapping[str, str]) -> Command:
    return Command((PYTHON, "manage.py", *words), environment)


def _run(title: str, step: Callable[[], str]) -> str:
    started = time.monotonic()
    said = step()
    print(f"  {'FAILED' if said else 'ok    '} {title} ({time.monotonic() - started:.1f} s)", flush=True)
    return said


if __name__ == "__main__":
    sys.exit(main())
