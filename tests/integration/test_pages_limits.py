"""How a role may be used, changed at its page; and its switch, which ends nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Role, RoleState
from tests import factories
from tests.factories import HOST_ACCOUNT, NOON, Cast, update_roles
from tests.integration.conftest import Enqueued
from tests.integration.pages import codes, text, visitor

FORM = {
    "description": "Uploads.",
    "max_session_seconds": "7200",
    "allows_own_identity": "on",
    "allows_vouched": "on",
    "requires_mfa": "on",
    "asks_external_id": "on",
    "source_rule": "always",
    "source_networks": "203.0.113.0/24, 2001:db8::/48",
    "ticket_pattern": "OPS-\\d{1,6}",
    "ticket_example": "OPS-17",
    "issues_per_hour": "3",
    "live_sessions": "2",
    "largest_share": "40",
    "allows_overflow": "on",
}


@pytest.fixture
def ada(cast: Cast, enqueued: list[Enqueued], time_machine: Any) -> Client:
    time_machine.move_to(NOON, tick=False)
    return visitor(cast.ada)


def path(cast: Cast, name: str = "role_limits") -> str:
    return reverse(name, args=[HOST_ACCOUNT, cast.role.name])


def now_of(cast: Cast) -> Role:
    return Role.objects.get(pk=cast.role.pk)


def test_all_limits_and_access_methods_are_changed_on_one_page(ada: Client, cast: Cast) -> None:
    assert "Limits and access methods" in text(ada.get(path(cast)))
    assert ada.post(path(cast), FORM).status_code == 302
    role = now_of(cast)
    assert (role.description, role.max_session_seconds) == ("Uploads.", 7200)
    assert (role.allows_vouched, role.allows_portal_issued, role.requires_mfa, role.allows_overflow) == (
        True,
        False,
        True,
        True,
    )
    assert (role.issues_per_hour, role.live_sessions, role.largest_share) == (3, 2, 40)
    assert (role.source_rule, role.source_networks) == ("always", ["2001:db8::/48", "203.0.113.0/24"])
    assert (role.ticket_pattern, role.ticket_example) == (r"OPS-\d{1,6}", "OPS-17")
    assert len(role.external_id) == 32
    ada.post(path(cast), FORM)
    assert now_of(cast).external_id == role.external_id
    ada.post(path(cast), {name: value for name, value in FORM.items() if name != "asks_external_id"})
    assert now_of(cast).external_id == ""


WRONG = {
    "no way in": ({"allows_own_identity": ""}, "access_method_missing"),
    "a session of no length": ({"max_session_seconds": "60"}, "invalid_choice"),
    "no network": ({"source_networks": "10.0.0.0/8"}, "source_not_public"),
    "no such rule": ({"source_rule": "sometimes"}, "invalid_choice"),
    "an example of something else": ({"ticket_example": "DEV-1"}, "ticket_example_mismatch"),
    "no pattern": ({"ticket_pattern": "(a+)+"}, "ticket_pattern_unreadable"),
    "no example": ({"ticket_example": ""}, "ticket_pattern_and_example"),
    "nobody's share": ({"largest_share": "0"}, "min_value"),
    "more than all": ({"largest_share": "101"}, "max_value"),
}


@pytest.mark.parametrize("what", WRONG)
def test_impossible_input_is_refused_and_nothing_is_changed(ada: Client, cast: Cast, what: str) -> None:
    different, code = WRONG[what]
    assert code in codes(ada.post(path(cast), FORM | different))
    assert now_of(cast).description == ""


def test_a_name_too_long_for_overflow_roles_does_not_overflow(ada: Client, cast: Cast) -> None:
    Role.objects.filter(pk=cast.role.pk).update(name="x" * 61)
    cast.role.refresh_from_db()
    assert "invalid_values" in codes(ada.post(path(cast), FORM))


def test_fields_of_other_forms_are_ignored(ada: Client, cast: Cast) -> None:
    more = {"quorum": "9", "unique_id": "AROA", "expiry_not_enforceable": "on", "permissions": "{}", "is_active": ""}
    ada.post(path(cast), FORM | more)
    role = now_of(cast)
    assert (role.quorum, role.unique_id, role.expiry_not_enforceable) == (1, "AROAROLEROLEROLEROLE1", False)
    assert (role.permissions, role.is_active) == (factories.PERMISSIONS, True)


def test_with_live_grants_changes_wait_for_another_administrator(ada: Client, cast: Cast) -> None:
    factories.create_grant(cast)
    assert "/roles/changes/" in ada.post(path(cast), FORM)["Location"]
    assert not now_of(cast).requires_mfa


def test_an_expiry_that_cannot_be_enforced_is_flagged(ada: Client, cast: Cast) -> None:
    assert "Expiry" not in text(ada.get(path(cast)))
    RoleState.objects.update(can_bypass_expiry=["iam:PutRolePolicy"])
    assert "could bypass their own expiry" in text(ada.get(path(cast)))
    ada.post(path(cast), FORM | {"expiry_not_enforceable": "on"})
    assert now_of(cast).expiry_not_enforceable


def test_disabling_lists_live_grants_and_ends_none(ada: Client, cast: Cast) -> None:
    grant, waiting = factories.create_grant(cast), factories.ask(cast)
    shown = text(ada.get(path(cast, "role_disable")))
    assert "1 pending request can only be denied" in shown
    assert "1 grant continues until it expires" in shown
    assert ada.post(path(cast, "role_disable")).status_code == 302
    grant.refresh_from_db()
    assert (now_of(cast).is_active, grant.revoked_at) == (False, None)
    waiting.refresh_from_db()
    assert waiting.state == "pending"
    assert "/roles/changes/" in ada.post(path(cast, "role_enable"))["Location"]


def test_a_refusal_to_enable_is_shown_on_the_page(ada: Client, cast: Cast) -> None:
    update_roles(is_managed=False, is_active=False, observed_at=None)
    answer = ada.post(path(cast, "role_enable"), follow=True)
    assert "role_not_read" in codes(answer)
    assert not now_of(cast).is_active
