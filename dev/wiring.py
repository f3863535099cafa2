"""The secrets and addresses that processes share, created for one run, and stored in `var/` for commands."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from access.signatures import new_private_key, public_key
from dev.options import Options
from dev.ports import HOST, free_port

ENVIRONMENT_FILE = "env"
RUN_FILE = "run.json"
REDIS_FILE = "redis.conf"
EMPTY_FILE = "none"
CHECKPOINT_KEY_FILE = "checkpoint.key"
SECRET_KEY_BYTES = 48


@dataclass(frozen=True)
class Wiring:
    """Secrets, ports and addresses: made up, or given."""

    secret_key: str
    encryption_key: str
    checkpoint_key: str
    redis_url: str
    redis_port: int
    redis_password: str
    aws_endpoint_url: str
    aws_port: int
    signin_url: str


def make(options: Options) -> Wiring:
    """Return the wiring of one run; the keys are those of the last run, so that sessions and factors stay valid."""
    redis_port, redis_password = free_port(), secrets.token_urlsafe(24)
    aws_port = free_port(preferred=options.local_aws_port)
    local_aws = "" if options.aws_endpoint_url else f"http://{HOST}:{aws_port}"
    return Wiring(
        secret_key=_kept("SECRET_KEY", options.var) or secrets.token_urlsafe(SECRET_KEY_BYTES),
        encryption_key=_kept("DAYPASS_ENCRYPTION_KEYS", options.var) or _new_encryption_key(),
        checkpoint_key=_kept_checkpoint_key(options.var) or new_private_key(),
        redis_url=options.redis_url or f"redis://:{redis_password}@{HOST}:{redis_port}/0",
        redis_port=redis_port,
        redis_password=redis_password,
        aws_endpoint_url=options.aws_endpoint_url or local_aws,
        aws_port=aws_port,
        signin_url=options.signin_url or (f"{local_aws}/federation" if local_aws else ""),
    )


def settings(options: Options, wiring: Wiring) -> dict[str, str]:
    """Return the settings that every process and every `manage.py` command of this installation shares."""
    return {
        "AWS_ENDPOINT_URL": wiring.aws_endpoint_url,
        "DATABASE_URL": options.database_url or f"sqlite:///{options.sqlite_file}",
        "DAYPASS_CHECKPOINT_PUBLIC_KEYS": public_key(wiring.checkpoint_key),
        "DAYPASS_DEMO": "true",
        "DAYPASS_ENCRYPTION_KEYS": wiring.encryption_key,
        "DAYPASS_SIGNIN_URL": wiring.signin_url,
        "DAYPASS_SWEEP_SECONDS": options.sweep_seconds,
        "DAYPASS_URL": options.url,
        "REDIS_URL": wiring.redis_url,
        "SECRET_KEY": wiring.secret_key,
        **options.environment,
    }


def write(options: Options, wiring: Wiring) -> None:
    """Write into `var/` what the processes read, and `manage.py` in another terminal; only the owner can read it."""
    (options.var / "aws").mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = (f"{name}={value}\n" for name, value in sorted(settings(options, wiring).items()))
    write_secret(options.var / ENVIRONMENT_FILE, "".join(lines))
    # Do not put the key into the settings, which every process reads, because only the worker signs.
    write_secret(options.var / CHECKPOINT_KEY_FILE, wiring.checkpoint_key + "\n")
    write_secret(options.var / REDIS_FILE, _redis_settings(wiring))
    write_secret(options.var / "aws" / EMPTY_FILE, "")
    addresses = {"portal": options.url, "aws": wiring.aws_endpoint_url, "signin": wiring.signin_url}
    write_secret(options.var / RUN_FILE, json.dumps(addresses, indent=2) + "\n")


def write_secret(path: Path, text: str) -> None:
    """Replace the file by one with this text that nobody but its owner can read, not even for a moment."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _new_encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _kept(name: str, var: Path) -> str:
    file = var / ENVIRONMENT_FILE
    if not file.is_file():
        return ""
    kept = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return kept.get(name, "")


def _kept_checkpoint_key(var: Path) -> str:
    file = var / CHECKPOINT_KEY_FILE
    return file.read_text().strip() if file.is_file() else ""


def _redis_settings(wiring: Wiring) -> str:
    # In a file, because anybody on the machine can read a command line.
    return f'bind {HOST}\nport {wiring.redis_port}\nrequirepass {wiring.redis_password}\nsave ""\nappendonly no\n'
