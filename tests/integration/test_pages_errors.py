"""What people see when the database is away or something broke."""

from unittest import mock

import pytest
from django.db import OperationalError

from access.views import roles
from tests import factories
from tests.integration.pages import visitor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("broken", "status"), [(OperationalError("detail-of-ours"), 503), (ValueError("detail-of-ours"), 500)]
)
def test_a_lost_database_is_a_temporary_error_and_everything_else_is_a_bug(broken: Exception, status: int) -> None:
    client = visitor(factories.cast().alice)
    with mock.patch.object(roles, "render", side_effect=broken):
        answer = client.get("/roles/")
    assert answer.status_code == status
    assert b"Daypass" in answer.content
    assert str(broken).encode() not in answer.content
