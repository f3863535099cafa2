"""Ada makes roles and gives them new permissions at the pages: what is typed is kept, judged and told before."""

import json
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from time_machine import TimeMachineFixture

from access.catalogue import changes
from access.models import Account, AuditEvent, PermissionsVersion, Role
from tests import factories
from tests.factories import BOUNDARY_ARN, HOST_ACCOUNT, NOON, PERMISSIONS, Cast
from tests.integration.conftest import Enqueued
from tests.integration.pages import codes, text, visitor

NAME = "importantproject-contractorA-bucket-put"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def ada(cast: Cast, enqueued: list[Enqueued]) -> Client:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    return visitor(cast.ada)


def typed(**different: Any) -> dict[str, Any]:
    """Return what Ada types for the role of the walkthrough, chosen service by service."""
    fields = {
        "account": str(factories.account().pk),
        "name": NAME,
        "description": "Contractor A uploads.",
        "max_session_seconds": "3600",
        "tags": "project=important",
        "managed": "",
        "own": "build",
        "statements": "1",
        "s0-service": "s3",
        "s0-actions": ["s3:PutObject"],
        "s0-resources": "importantprojectbucket",
    }
    return fields | different


def pasted(policy: Any, **different: Any) -> dict[str, Any]:
    return typed(
        own="paste", policy_json=policy if isinstance(policy, str) else json.dumps(policy, indent=2), **different
    )


def made() -> Role | None:
    return Role.objects.filter(name=NAME).first()


def make(page: Client, fields: dict[str, Any]) -> Any:
    return page.post(reverse("role_make"), fields)


def look(page: Client, fields: dict[str, Any]) -> Any:
    return page.post(reverse("role_new"), fields | {"step": "preview"})


def test_a_role_is_made_from_the_choices(ada: Client, enqueued: list[Enqueued]) -> None:
    assert make(ada, typed()).status_code == 302
    role = Role.objects.get(name=NAME)
    assert role.permissions == PERMISSIONS
    assert (role.to_build, role.is_managed, role.permissions_name, role.path) == (True, True, f"{NAME}.v1", "/daypass/")
    assert role.tags == {"project": "important"}
    assert [version.number for version in role.versions.all()] == [1]
    assert AuditEvent.objects.get(verb="role.made").details["permissions"] == PERMISSIONS


def test_the_preview_is_in_plain_words_and_stores_nothing(ada: Client) -> None:
    shown = text(look(ada, typed(**{"s0-resources": "*"})))
    assert "Can upload objects (s3:PutObject) to" in shown
    assert "Policy findings" in shown
    assert made() is None


def test_going_back_keeps_the_input(ada: Client) -> None:
    page = ada.post(reverse("role_new"), typed(step="edit")).content.decode()
    assert f'value="{NAME}"' in page
    assert "importantprojectbucket</textarea>" in page.replace("\n", "")
    assert 'value="s3:PutObject" checked' in page
    assert "Please fix the errors below" not in page


def test_the_actions_of_a_service_are_shown_and_more_services_can_be_chosen(ada: Client) -> None:
    fields = typed(**{"s0-service": "Amazon S3", "s0-actions": []})
    shown = ada.post(reverse("role_new"), fields | {"step": "add"}).content.decode()
    assert 'value="s3:PutObject"' in shown
    assert 'name="s1-service"' in shown


def test_uploads_can_be_restricted_to_objects_that_belong_to_us(ada: Client) -> None:
    make(ada, typed(**{"s0-ours": "on"}))
    (statement,) = Role.objects.get(name=NAME).permissions["Statement"]
    assert statement["Action"] == ["s3:PutObject", "s3:PutObjectAcl"]
    assert statement["Condition"] == {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}


def test_managed_policies_are_accepted_by_name_and_by_arn(ada: Client) -> None:
    own = f"arn:aws:iam::{HOST_ACCOUNT}:policy/ours"
    make(ada, typed(own="none", managed=f"ReadOnlyAccess\n\n{own}\nReadOnlyAccess"))
    role = Role.objects.get(name=NAME)
    assert (role.policy_arns, role.permissions, role.permissions_name) == ([READ_ONLY, own], {}, "")


def refused(answer: Any) -> set[tuple[str, str]]:
    """The fields and codes of what the page says is wrong, in all of its forms."""
    draft = answer.context["draft"]
    forms = [draft.role, draft.permissions, *draft.statements]
    found = [(field, error) for form in forms for field, errors in form.errors.as_data().items() for error in errors]
    page = answer.content.decode()
    return {(field, str(error.code)) for field, error in found if all(escape(said) in page for said in error.messages)}


WRONG_POLICIES = {
    "broken JSON": ('{\n  "Version": "2012-10-17"\n  "Statement": []\n}', "policy_json_delimiter"),
    "no policy": ("[1]", "policy_not_object"),
    "too long": (
        {"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/" + "x" * 6100}]},
        "policy_too_large",
    ),
    "an unknown service": (
        {"Statement": [{"Effect": "Allow", "Action": "s4:PutObject", "Resource": "*"}]},
        "policy_service_unknown",
    ),
    "an unknown action": (
        {"Statement": [{"Effect": "Allow", "Action": "s3:PutObjekt", "Resource": "*"}]},
        "policy_action_guessed",
    ),
    "a number without end": (
        '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"x": 1e999}}}]}',
        "policy_key_number_too_large",
    ),
    "a principal": (
        {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": {"AWS": "*"}}]},
        "policy_principal_in_permissions",
    ),
}


@pytest.mark.parametrize("what", WRONG_POLICIES)
def test_an_invalid_policy_is_refused_at_its_field_and_stays_in_the_form(ada: Client, what: str) -> None:
    policy, code = WRONG_POLICIES[what]
    for answer in (look(ada, pasted(policy)), make(ada, pasted(policy))):
        assert refused(answer) == {("policy_json", code)}
        assert NAME in answer.content.decode()
    assert made() is None


WRONG_FIELDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "another account's policy": ({"managed": "ReadOnlyAccess\narn:aws:iam::222222222222:policy/x"},
                                 "managed", "managed_policy_other_account"),
    "a number at the end": ({"name": "uploads-2"}, "name", "role_name_reserved"),
    "too long": ({"name": "x" * 65}, "name", "max_length"),
    "strange characters": ({"name": "up loads"}, "name", "role_name_invalid"),
    "taken, but for capitals": ({"name": "IMPORTANTPROJECT-PUT"}, "name", "role_name_taken"),
    "no permissions": ({"own": "none"}, "__all__", "role_without_permissions"),
    "no action": ({"s0-actions": []}, "actions", "actions_missing"),
    "no such action": ({"s0-actions": ["s3:Nothing"]}, "actions", "invalid_choice"),
    "no such service": ({"s0-service": "dynamdb"}, "service", "choice_service_guessed"),
    "no bucket": ({"s0-resources": "Not A Bucket"}, "resources", "choice_resource_invalid"),
    "nothing to act on": ({"s0-resources": ""}, "resources", "choice_without_resource"),
    "no tag": ({"tags": "project"}, "tags", "tag_invalid"),
    "a tag of ours": ({"tags": "managed-by=me"}, "tags", "role_tag_reserved"),
    "no upload to own": ({"s0-actions": ["s3:GetObject"], "s0-ours": "on"}, "ours", "choice_without_upload"),
    "eleven policies": ({"managed": "\n".join(f"Policy{number}" for number in range(10))},
                        "managed", "role_too_many_policies"),
    "a long dash": ({"description": "Bilder \u2013 Upload"}, "description", "role_description_invalid"),
    "no account": ({"account": "99999"}, "account", "invalid_choice"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG_FIELDS)
def test_impossible_input_is_refused_at_its_field_and_not_stored(ada: Client, what: str) -> None:
    fields, field, code = WRONG_FIELDS[what]
    before = Role.objects.count()
    for answer in (look(ada, typed(**fields)), make(ada, typed(**fields))):
        assert answer.status_code == 200
        assert (field, code) in refused(answer)
    assert Role.objects.count() == before


def sent_on(page: Client, answer: Any, fields: dict[str, Any]) -> Any:
    """Send the form of an answer again, to its own address or where it was shown, and return the answer."""
    found = re.search(r'<form class="split" method="post"(?: action="([^"]*)")?', answer.content.decode())
    assert found is not None
    return page.post(found[1] or answer.request["PATH_INFO"], fields)


def test_after_a_refusal_the_role_is_previewed_again_before_it_is_made(ada: Client) -> None:
    refused = make(ada, typed(name="uploads-2"))
    assert refused.status_code == 200
    assert f'hx-post="{reverse("role_new")}"' in refused.content.decode()
    seen = sent_on(ada, refused, typed(step="preview"))
    assert "Review the new role" in text(seen)
    assert 'name="s1-service"' in sent_on(ada, refused, typed(step="add")).content.decode()
    assert made() is None


def test_after_a_refusal_new_permissions_are_previewed_again_before_they_are_stored(ada: Client, cast: Cast) -> None:
    refused = change(ada, cast, "[1]")
    assert f'hx-post="{path(cast, "role_permissions")}"' in refused.content.decode()
    seen = sent_on(ada, refused, pasted(WIDER, step="preview", shown="0"))
    assert "Review the change" in text(seen)
    assert Role.objects.get(pk=cast.role.pk).permissions == PERMISSIONS


def test_invalid_permissions_are_refused_before_the_preview(ada: Client, cast: Cast) -> None:
    many = "\n".join(f"Policy{number}" for number in range(10))
    fields = pasted(WIDER, managed=many, shown="0")
    for answer in (
        ada.post(path(cast, "role_permissions"), fields | {"step": "preview"}),
        ada.post(path(cast, "role_permissions_save"), fields),
    ):
        assert "@" in text(answer)
        assert "Review the change" not in text(answer)


def test_an_account_without_a_boundary_gets_no_role(ada: Client) -> None:
    Account.objects.update(boundary_arn="")
    assert "account_without_boundary" in codes(make(ada, typed()))
    assert made() is None


def test_choices_are_explained_while_they_are_typed(ada: Client) -> None:
    shown = text(ada.post(reverse("role_explain"), typed()))
    assert "Can upload objects (s3:PutObject) to bucket importantprojectbucket" in shown
    assert "The policy is not complete yet" in text(ada.post(reverse("role_explain"), typed(own="none")))


def test_only_administrators_can_make_roles(cast: Cast, enqueued: list[Enqueued]) -> None:
    for person in (cast.alice, cast.richard, cast.mallory):
        page = visitor(person)
        assert page.get(reverse("role_new")).status_code == 404
        assert make(page, typed()).status_code == look(page, typed()).status_code == 404
        assert page.post(reverse("role_explain"), typed()).status_code == 404
        assert page.get(path(cast, "role_permissions")).status_code == 404
        assert page.post(path(cast, "role_permissions_save"), pasted(PERMISSIONS, shown="0")).status_code == 404
    assert made() is None


# --- New permissions of a role that is there --------------------------------------------------------------------------

WIDER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def path(cast: Cast, name: str, *more: int) -> str:
    return reverse(name, args=[HOST_ACCOUNT, cast.role.name, *more])


def change(page: Client, cast: Cast, policy: Any, shown: int = 0) -> Any:
    return page.post(path(cast, "role_permissions_save"), pasted(policy, shown=str(shown)))


def test_new_permissions_are_a_new_version_and_the_older_ones_stay_readable(ada: Client, cast: Cast) -> None:
    assert change(ada, cast, WIDER).status_code == 302
    role = Role.objects.get(pk=cast.role.pk)
    assert (role.permissions, role.to_update, role.permissions_name) == (WIDER, True, f"{role.name}.v2")
    first, second = role.versions.order_by("number")
    assert (first.permissions, first.made_by, second.permissions, second.made_by) == (
        PERMISSIONS,
        None,
        WIDER,
        cast.ada,
    )
    assert "Can upload objects (s3:PutObject) to bucket importantprojectbucket" in text(
        ada.get(path(cast, "role_version", 1))
    )
    assert "EVERYTHING" in text(ada.get(path(cast, "role_version", 2)))
    assert ada.get(path(cast, "role_version", 3)).status_code == 404
    assert "Version 1" in text(ada.get(path(cast, "role")))


def test_a_version_never_changes(ada: Client, cast: Cast) -> None:
    change(ada, cast, WIDER)
    with pytest.raises(IntegrityError), transaction.atomic():
        PermissionsVersion.objects.filter(number=1).update(permissions={})


def test_the_form_begins_with_the_current_permissions(ada: Client, cast: Cast) -> None:
    page = ada.get(path(cast, "role_permissions")).content.decode()
    assert "s3:PutObject" in page
    assert "importantprojectbucket" in page


def test_new_permissions_are_compared_with_the_current_ones_first(ada: Client, cast: Cast) -> None:
    factories.create_grant(cast)
    answer = ada.post(path(cast, "role_permissions"), pasted(WIDER, step="preview", shown="0"))
    shown = text(answer)
    assert "EVERYTHING" in shown
    assert '- "Action": "s3:PutObject"' in shown
    assert "This role has live grants" in shown
    assert Role.objects.get(pk=cast.role.pk).permissions == PERMISSIONS


def test_an_edit_of_an_older_version_is_a_conflict(ada: Client, cast: Cast) -> None:
    change(ada, cast, WIDER)
    assert change(ada, cast, PERMISSIONS, shown=0).status_code == 409
    assert change(ada, cast, PERMISSIONS, shown=2).status_code == 302


def test_with_live_access_the_new_permissions_wait_for_another_administrator(ada: Client, cast: Cast) -> None:
    factories.create_grant(cast)
    answer = change(ada, cast, WIDER)
    assert "/roles/changes/" in answer["Location"]
    assert Role.objects.get(pk=cast.role.pk).permissions == PERMISSIONS
    waiting = cast.role.changes.get()
    adam = factories.user("adam", is_staff=True)
    changes.confirm(by=adam, change=waiting, content_hash=waiting.content_hash, now=waiting.proposed_at)
    role = Role.objects.get(pk=cast.role.pk)
    assert (role.permissions, role.versions.get(number=2).made_by) == (WIDER, adam)


def test_a_request_made_for_other_permissions_is_not_approved(ada: Client, cast: Cast) -> None:
    for fields in (pasted(WIDER), typed(own="none", managed="ReadOnlyAccess")):
        request = factories.ask(cast)
        ada.post(path(cast, "role_permissions_save"), fields | {"shown": str(cast.role.versions.count())})
        alice = visitor(cast.alice)
        url = reverse("approval", args=[request.public_id])
        answer = alice.post(url, {"content_hash": request.content_hash, "verdict": "approve"})
        assert answer.status_code == 409
        assert "request_content_changed" in codes(answer)


def test_permissions_of_an_imported_role_cannot_be_changed(ada: Client, cast: Cast) -> None:
    Role.objects.filter(pk=cast.role.pk).update(is_managed=False)
    assert ada.get(path(cast, "role_permissions")).status_code == 404
    assert change(ada, cast, WIDER).status_code == 404
