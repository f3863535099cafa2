"""The options of a run: where its state is, which port it uses, and which services are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Options:
    """Where Daypass runs and what it is given; what is not given (empty) is started here."""

    var: Path
    port: int
    database_url: str = ""
    redis_url: str = ""
    aws_endpoint_url: str = ""
    signin_url: str = ""
    sweep_seconds: str = "30"
    local_aws_port: int = 0
    local_aws_options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The portal's address; passkeys need the name `localhost`."""
        return f"http://localhost:{self.port}"

    @property
    def sqlite_file(self) -> Path | None:
        """The database file that we create and replace; None when a database was given."""
        return None if self.database_url else self.var / "daypass.sqlite3"

    @property
    def local_aws_state(self) -> Path | None:
        """The state of the local AWS that is ours; None when an AWS was given."""
        return None if self.aws_endpoint_url else self.var / "aws" / "state"
