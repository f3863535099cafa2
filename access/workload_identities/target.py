"""A connected account, and how Daypass's identities reach it."""

from dataclasses import dataclass

from access.workload_identities.documents import Home


@dataclass(frozen=True, slots=True)
class AwsTarget:
    """Where AWS is asked, and as whom: with an external id as the account's own worker and builder, whom the hub's may
    be; without one as our identities themselves, which are then in that account. The issuer goes directly everywhere.
    """

    account_id: str
    partition: str = "aws"
    region: str = "us-east-1"
    external_id: str = ""

    @property
    def home(self) -> Home:
        return Home(self.partition, self.account_id)
