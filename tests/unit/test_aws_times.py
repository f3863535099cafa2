"""Times in AWS's answers are read as botocore reads them, only sooner."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.utils import parse_timestamp

from access.aws.clients import read_time

NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "spelling",
    [
        "2026-11-24T12:00:00Z",
        "2026-11-24T12:00:00.000Z",
        "2026-11-24T12:00:00+00:00",
        "2026-11-24T13:00:00+01:00",
        "20261124T120000Z",
        "Tue, 24 Nov 2026 12:00:00 GMT",
        str(int(NOON.timestamp())),
        NOON.timestamp(),
    ],
)
def test_a_time_of_aws_is_the_same_instant_however_it_is_spelt(spelling: Any) -> None:
    assert read_time(spelling) == parse_timestamp(spelling) == NOON


@pytest.mark.parametrize("text", ["", "noon", "2026-13-24T12:00:00Z"])
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text or "timestamp"):
        read_time(text)
