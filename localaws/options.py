"""The options of the local AWS."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = re.compile(r"[0-9]{12}\Z")
DEFAULT_ACCOUNT = "111111111111"
DEFAULT_PORT = 4566
DEFAULT_TRUST_QUOTA = 2048


@dataclass(frozen=True)
class Options:
    """The command line, parsed; durations carry their unit in the name."""

    port: int = DEFAULT_PORT
    host: str = "127.0.0.1"
    account: str = DEFAULT_ACCOUNT
    state_dir: Path | None = None
    trust_quota: int = DEFAULT_TRUST_QUOTA
    propagation_ms: int = 0
    date_skew_seconds: int = 0
    quiet: bool = False

    @property
    def state_file(self) -> Path | None:
        return self.state_dir / "state.json" if self.state_dir else None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


@dataclass
class Settings:
    """The options that `POST /_local/settings` changes while the server runs."""

    propagation_ms: int = 0
    trust_quota: int = DEFAULT_TRUST_QUOTA
    date_skew_seconds: int = 0


def account_id(text: str) -> str:
    """Return the text when it is twelve digits; argparse turns the error into its usage message."""
    if ACCOUNT.match(text) is None:
        raise argparse.ArgumentTypeError(f"an account is twelve digits, not {text!r}")
    return text


def loopback(text: str) -> str:
    """Return the address when it is this machine's own: the local AWS gives root to every client."""
    if text not in {"127.0.0.1", "::1", "localhost"}:
        raise argparse.ArgumentTypeError(f"the local AWS listens on loopback only, not on {text!r}")
    return text


def parse(argv: Sequence[str] | None = None) -> Options:
    """Return the options of a command line (`sys.argv` when none is given)."""
    parser = argparse.ArgumentParser(prog="python -m localaws", description="The AWS for laptops and tests.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--host", type=loopback, default="127.0.0.1")
    parser.add_argument("--account", type=account_id, default=DEFAULT_ACCOUNT, help="the host account")
    parser.add_argument("--state-dir", type=Path, default=None, help="keep the state here; without it, in memory only")
    parser.add_argument("--trust-quota", type=int, default=DEFAULT_TRUST_QUOTA, help="characters of a trust policy")
    parser.add_argument("--propagation-ms", type=int, default=0, help="how late a change of a role is seen")
    parser.add_argument("--date-skew-seconds", type=int, default=0, help="added to the Date header of every answer")
    parser.add_argument("--quiet", action="store_true", help="do not say when it is ready")
    return Options(**vars(parser.parse_args(argv)))


def environment(options: Options) -> dict[str, str]:
    """Return the variables that ministack reads when it is imported."""
    files = {} if options.state_dir is None else {"S3_PERSIST": "1", "S3_DATA_DIR": str(options.state_dir / "objects")}
    return {
        "AUTH": "true",
        "SERVICES": "iam,sts,s3",
        "BIND_HOST": options.host,
        "GATEWAY_PORT": str(options.port),
        "MINISTACK_ACCOUNT_ID": options.account,
        "MINISTACK_HOST": options.host,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "LOG_LEVEL": "WARNING",
        **files,
    }
