"""Every row of the contract, as a test of its own."""

import os

import pytest

from tests.contract.rows import Play, Row
from tests.contract.sandbox import PROFILES
from tests.contract.table import ROWS

OPTED_IN = all(os.environ.get(name) for name in PROFILES)
NOT_OPTED_IN = pytest.param(None, marks=pytest.mark.skip(reason=f"opt-in: {' and '.join(PROFILES)} name no profiles"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_local_aws_answers_as_aws_does(row: Row, local_play: Play) -> None:
    local_play.sandbox.aws.clock(0)
    assert row.act(local_play) == row.expected, row.source


@pytest.mark.enable_socket
@pytest.mark.parametrize("row", ROWS if OPTED_IN else [NOT_OPTED_IN], ids=lambda row: getattr(row, "name", "real"))
def test_aws_itself_answers_as_recorded(row: Row, real_play: Play) -> None:
    if row.needs:
        pytest.skip(row.needs)
    assert row.act(real_play) == row.expected, row.source


def test_every_row_has_a_name_of_its_own_and_a_source() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.source for row in ROWS)
