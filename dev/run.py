"""`make run`: everything of Daypass in one terminal, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dev.lease import Taken, hold
from dev.options import ROOT, Options
from dev.ports import is_free
from dev.processes import ChildEnded, NotReady
from dev.restarts import Restarts
from dev.stack import CommandFailed, Stack
from dev.state import forget_aws_without_portal, forget_portal_without_aws
from dev.steps import step

USUAL_AWS_PORT = 4566
TITLES = {"aws": "local AWS", "redis": "Redis"}
END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """The person or the system asked us to end."""


class CannotStart(Exception):
    """What was asked for cannot be; the text is a sentence that says what to do."""


def main() -> int:
    """Run until Ctrl-C and return the exit code: 0 when asked to end, 1 when something went wrong."""
    for number in END_SIGNALS:
        signal.signal(number, _stop)
    try:
        options = read_options(os.environ)
        with hold(options.var):
            return run(options)
    except (CannotStart, Taken) as error:
        print(error, file=sys.stderr)
    except Stopped:
        return 0
    return 1


def read_options(environment: Mapping[str, str]) -> Options:
    """Return what the environment asks for; CannotStart when PORT is no port."""
    port = environment.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {port!r}.")
    return Options(
        var=Path(environment.get("DAYPASS_VAR_DIR") or ROOT / "var").resolve(),
        port=int(port),
        database_url=environment.get("DATABASE_URL", ""),
        redis_url=environment.get("REDIS_URL", ""),
        aws_endpoint_url=environment.get("AWS_ENDPOINT_URL", ""),
        signin_url=environment.get("DAYPASS_SIGNIN_URL", ""),
        sweep_seconds=environment.get("DAYPASS_SWEEP_SECONDS") or "30",
        local_aws_port=USUAL_AWS_PORT,
    )


def run(options: Options) -> int:
    """Start everything, watch it, end everything, and return the exit code."""
    if not is_free(options.port):
        raise CannotStart(
            f"Port {options.port} is already in use. Choose another port: make run PORT={options.port + 1}"
        )
    stack = Stack(options)
    try:
        announce(stack, start(stack))
        watch(stack)
    except Stopped:
        print("\nStopping Daypass.", flush=True)
        return 0
    except ChildEnded as error:
        print(f"\n{error.process.last_lines()}\n\n{error} Stopping all processes.", file=sys.stderr)
    except (NotReady, CommandFailed) as error:
        print(f"\n{error}", file=sys.stderr)
    finally:
        for number in END_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        stack.stop()
    return 1


def start(stack: Stack) -> str:
    """Start everything, a line per stage, and return what the demo's data say about themselves."""
    stack.write_settings()
    start_services(stack)
    with step("database: migrations"):
        stack.manage("migrate")
    with step("demo: accounts, roles and people"):
        people = stack.manage("seed_demo")
    with step("web, worker and beat"):
        stack.start_daypass()
        stack.wait_until_ready()
    return people


def start_services(stack: Stack) -> None:
    """Start the local AWS and Redis, where they are ours, with portal and AWS in agreement."""
    forget_aws_without_portal(stack.options)
    for name in stack.services:
        with step(TITLES[name]):
            stack.start_service(name)
    if "aws" in stack.services and stack.is_aws_fresh():
        forget_portal_without_aws(stack.options)


def announce(stack: Stack, people: str) -> None:
    """Print where everything is."""
    var = stack.options.var
    print(f"\nDaypass runs at {stack.options.url}\n\n{people.rstrip()}\n")
    print("  the codes  .venv/bin/python manage.py demo_code EMAIL (signing in takes a password and a code)")
    print(f"  AWS        {stack.wiring.aws_endpoint_url}")
    print(f"  logs       {var / 'logs'}")
    print("  try it     make story, in another terminal: one request from start to end")
    print("\nPress Ctrl-C to stop Daypass.", flush=True)


def watch(stack: Stack) -> NoReturn:
    """Return never: ChildEnded when a process ends that is not started again, Stopped when we are asked to end."""
    restarts = Restarts()
    while True:
        restarts.look(stack.dead())
        time.sleep(0.2)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
