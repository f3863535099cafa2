"""Only what a test broke is an excuse for a person's call that failed; every other error of the database is told."""

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connections

from tests.faults.refused_audit import accepted, is_refusal, refused
from tests.faults.tenant import Tenant

OTHERS = {
    "a full disk": "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'",
    "a lock": "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'lock_not_available'",
    "a constraint": "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'check_violation'",
}


@pytest.mark.parametrize("way", ["a trigger raises", "a trigger raises at the commit"])
def test_a_refusal_by_the_broken_table_is_accepted(tenant: Tenant, way: str) -> None:
    role = tenant.role()
    with refused(way):
        with accepted():
            tenant.create_grant(role)
        assert not tenant.approvals
    tenant.create_grant(role)


@pytest.mark.parametrize("statement", OTHERS.values(), ids=list(OTHERS))
def test_every_other_error_is_raised(tenant: Tenant, statement: str) -> None:
    with pytest.raises(DatabaseError), accepted():
        run(f"DO $$ BEGIN {statement}; END $$")


def test_an_error_that_only_looks_like_it_is_no_refusal() -> None:
    error = OperationalError("could not extend file")
    assert not is_refusal(error)
    error.__cause__ = psycopg.errors.DiskFull("PL/pgSQL function refuse_events()")
    assert not is_refusal(error)
    with pytest.raises(OSError, match="refuse_events"), accepted():
        raise OSError("refuse_events()")


def run(statement: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement)
