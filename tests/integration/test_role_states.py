"""A role and the worker's state of it: stored together, read together, locked together."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from access.ledger.role_states import store_write_intent
from access.ledger.roles import mark_dirty, mark_updated
from access.models import Grant, Role, RoleState
from tests import factories
from tests.factories import NOON, Cast


def test_a_new_role_has_a_state(cast: Cast) -> None:
    assert RoleState.objects.get(role=cast.role).generation == 0


def test_a_role_that_is_stored_again_keeps_its_state(cast: Cast) -> None:
    mark_dirty(cast.role, now=NOON)
    cast.role.save()
    assert Role.objects.get().state.generation == 1


def test_a_role_that_cannot_be_stored_leaves_no_state(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.new(account=cast.role.account, name=cast.role.name).save()
    assert RoleState.objects.count() == 1


@pytest.mark.parametrize(
    "read",
    [
        Role.objects.get,
        lambda: Role.objects.lock().get(),
        lambda: Grant.objects.get().role,
        lambda: Grant.objects.select_related("role__state").get().role,
    ],
    ids=["a role", "a locked role", "the role of a grant", "a grant with its role"],
)
def test_the_state_costs_no_query(
    cast: Cast, read: Callable[[], Role], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.create_grant(cast)
    with transaction.atomic():
        role = read()
        with django_assert_num_queries(0):
            assert role.state.generation == 1


def test_a_role_is_locked_with_its_state(cast: Cast) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite locks the whole database")
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        Role.objects.lock().get()
    assert 'FOR NO KEY UPDATE OF "access_role", "access_rolestate"' in queries[0]["sql"]


def test_a_role_that_was_changed_meanwhile_stays_to_be_updated(cast: Cast) -> None:
    Role.objects.update(to_update=True)
    read = Role.objects.get()
    mark_dirty(cast.role, now=NOON)
    mark_updated(read, by="builder", now=NOON)
    assert Role.objects.get().to_update
    mark_updated(Role.objects.get(), by="builder", now=NOON)
    assert not Role.objects.get().to_update


@pytest.mark.parametrize(("holder", "stored"), [("mine", "AROAFOUND"), ("another", "AROABEFORE")])
@pytest.mark.parametrize("intent", [None, {"trust": {}}])
def test_only_the_holder_of_the_lease_stores_what_it_found(
    cast: Cast, holder: str, stored: str, intent: object
) -> None:
    Role.objects.update(unique_id="AROABEFORE")
    RoleState.objects.update(lease_holder=holder, leased_until=NOON, write_intent=intent)
    is_new = store_write_intent(cast.role, {"trust": {"Id": "mine"}}, unique_id="AROAFOUND", holder="mine")
    role = Role.objects.get()
    assert role.unique_id == stored
    assert is_new is (holder == "mine" and intent is None)
    assert role.state.write_intent == ({"trust": {"Id": "mine"}} if is_new else intent)
