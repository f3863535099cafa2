"""Ada makes roles from recipes: typed values become the policy, and an error loses nothing that was typed."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from time_machine import TimeMachineFixture

from access.models import Account, Role
from access.recipes import Recipe
from tests import factories
from tests.factories import BOUNDARY_ARN, HOST_ACCOUNT, NOON, PERMISSIONS, Cast
from tests.integration.conftest import Enqueued
from tests.integration.pages import text, visitor
from tests.integration.test_making_roles import NAME, made, refused, typed

READING = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example-reports/a/*"}
UPLOADING = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::example-reports/a/*"}


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def ada(cast: Cast, enqueued: list[Enqueued]) -> Client:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    return visitor(cast.ada)


def recipe(chosen: Recipe = Recipe.UPLOAD_ONLY, **different: Any) -> dict[str, Any]:
    """Return what Ada types for a role from a recipe, and what is left in fields that the recipe does not use."""
    values = {"recipe": chosen.value, "bucket": "example-reports", "folder": "a", "region": "eu-central-1"}
    nothing = {"s0-service": "", "s0-actions": [], "s0-resources": ""}
    return typed(own="recipe", **nothing) | values | different


def preview(page: Client, fields: dict[str, Any]) -> Any:
    return page.post(reverse("role_new"), fields | {"step": "preview"})


def test_a_role_is_made_from_the_values_of_a_recipe(ada: Client) -> None:
    shown = text(preview(ada, recipe()))
    assert "Can upload objects (s3:PutObject) to a/* in bucket example-reports." in shown
    assert "Cannot read or list objects." in shown
    assert "If another account later owns a bucket with the same name" in shown
    assert made() is None
    assert ada.post(reverse("role_make"), recipe()).status_code == 302
    assert Role.objects.get(name=NAME).permissions == {"Version": "2012-10-17", "Statement": [UPLOADING]}


def test_the_account_of_the_role_is_in_the_policy_and_never_typed(ada: Client) -> None:
    values = {"tag_key": "team", "tag_value": "data", "describes_instances": "on"}
    ada.post(reverse("role_make"), recipe(Recipe.START_AND_STOP, **values))
    started, listed = Role.objects.get(name=NAME).permissions["Statement"]
    assert started["Resource"] == f"arn:aws:ec2:eu-central-1:{HOST_ACCOUNT}:instance/*"
    assert listed["Action"] == "ec2:DescribeInstances"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"bucket": "*"}, "bucket", "recipe_bucket_invalid"),
        ({"folder": "a/../b"}, "folder", "recipe_folder_invalid"),
        ({"bucket": ""}, "bucket", "recipe_value_missing"),
        ({"recipe": ""}, "recipe", "recipe_not_chosen"),
        ({"recipe": "everything"}, "recipe", "invalid_choice"),
        ({"recipe": "read-logs", "log_group": "x:*"}, "log_group", "recipe_log_group_invalid"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field_and_kept(
    ada: Client, fields: dict[str, Any], field: str, code: str
) -> None:
    for url in ("role_new", "role_make"):
        answer = ada.post(reverse(url), recipe(**fields) | {"step": "preview"})
        page = answer.content.decode()
        found = {
            (name, one.code)
            for name, listed in answer.context["draft"].recipe.errors.as_data().items()
            for one in listed
        }
        assert found == {(field, code)}
        assert f'data-code="{code}"' in page
        assert ("__all__", "recipe_incomplete") in refused(answer)
        assert f'value="{NAME}"' in page
        for name in ("bucket", "folder", "region"):
            assert f'value="{escape(recipe(**fields)[name])}"' in page or not recipe(**fields)[name]
    assert made() is None


def test_values_of_an_unused_recipe_are_kept_and_not_judged(ada: Client) -> None:
    fields = recipe(bucket="*", own="paste", policy_json=json.dumps(PERMISSIONS))
    assert "Review the new role" in text(preview(ada, fields))
    page = preview(ada, fields | {"name": "up loads"}).content.decode()
    assert 'name="bucket" value="*"' in page
    assert "recipe_bucket_invalid" not in page


def test_without_a_recipe_and_values_only_managed_policies_count(ada: Client) -> None:
    ada.post(reverse("role_make"), recipe(recipe="", bucket="", folder="", managed="ReadOnlyAccess"))
    assert Role.objects.get(name=NAME).permissions == {}


def test_an_error_elsewhere_leaves_the_words_beside_the_form(ada: Client) -> None:
    said = "Can upload objects (s3:PutObject) to"
    for fields in (recipe(), typed()):
        for url in ("role_new", "role_make"):
            answer = ada.post(reverse(url), fields | {"name": "uploads-2", "step": "preview"})
            assert ("name", "role_name_reserved") in refused(answer)
            assert said in text(answer)
            assert "Policy findings" in text(answer)
    assert said in text(ada.post(reverse("role_new"), typed(step="add")))


def test_the_complete_part_of_a_policy_is_explained_and_the_rest_is_reported(ada: Client) -> None:
    second = {
        "statements": "2",
        "s1-service": "dynamdb",
        "s1-actions": ["s3:GetObject"],
        "s1-resources": "x",
        "s1-ours": "on",
    }
    for url in ("role_new", "role_explain"):
        answer = ada.post(reverse(url), typed(**second) | {"step": "preview"})
        assert "This summary describes only its complete parts." in text(answer)
        assert "Can upload objects (s3:PutObject) to" in text(answer)
    page = ada.post(reverse("role_new"), typed(**second) | {"step": "preview"}).content.decode()
    for kept in (
        'name="s1-actions" value="s3:GetObject"',
        'name="s1-resources" value="x"',
        'name="s1-ours" value="on"',
    ):
        assert kept in page


def test_the_values_of_a_recipe_can_be_in_the_address(ada: Client) -> None:
    page = ada.get(reverse("role_new"), {"recipe": "read-only", "bucket": "example-reports", "folder": "a"})
    assert "Can read objects (s3:GetObject) from a/* in bucket example-reports." in text(page)
    assert 'value="read-only" aria-describedby="recipe-read-only" checked' in page.content.decode()
    assert 'value="example-reports"' in page.content.decode()
    hostile = ada.get(reverse("role_new"), {"recipe": '"><script>', "bucket": "\x00", "region": "*"})
    assert hostile.status_code == 200
    assert "<script>" not in hostile.content.decode().partition("<main")[2]


def test_a_recipe_becomes_json_that_can_be_edited(ada: Client) -> None:
    answer = ada.post(reverse("role_new"), recipe(Recipe.ONE_FOLDER, step="json"))
    document = json.loads(answer.context["draft"].permissions["policy_json"].value())
    assert document["Statement"][:2] == [UPLOADING, READING]
    assert answer.context["draft"].permissions["own"].value() == "paste"
    assert ("bucket", "recipe_bucket_invalid") in {
        (field, one.code)
        for field, listed in ada.post(reverse("role_new"), recipe(bucket="*", step="json"))
        .context["draft"].recipe.errors.as_data().items()
        for one in listed
    }  # fmt: skip


def test_a_role_gets_new_permissions_from_a_recipe(ada: Client, cast: Cast) -> None:
    Role.objects.filter(pk=cast.role.pk).update(is_managed=True)
    address = [HOST_ACCOUNT, cast.role.name]
    page = ada.get(reverse("role_permissions", args=address), {"recipe": "read-only", "bucket": "b" * 3})
    assert "Can read objects (s3:GetObject) from bucket bbb." in text(page)
    fields = {"own": "recipe", "recipe": "read-only", "bucket": "example-reports", "folder": "a", "statements": "1"}
    assert "Can read objects" in text(ada.post(reverse("role_explain"), fields | {"account": cast.role.account_id}))
    shown = ada.post(reverse("role_permissions", args=address), fields | {"step": "preview"})
    assert "Can read objects (s3:GetObject) from a/* in bucket example-reports." in text(shown)


def test_actions_are_found_by_words_and_chosen_ones_stay(ada: Client) -> None:
    page = ada.post(reverse("role_new"), typed(step="actions", **{"s0-find": "OBJECT  acl"})).content.decode()
    assert 'value="s3:PutObjectAcl"' in page
    assert 'value="s3:PutObject" checked' in page
    assert 'value="s3:GetObject"' not in page
    assert 'value="s3:ListBucket"' not in page
    nothing = text(ada.post(reverse("role_new"), typed(step="actions", **{"s0-find": "zq9", "s0-actions": []})))
    assert "No action of this service matches." in nothing


def account(name: str, number: int, **facts: Any) -> Account:
    return Account.objects.create(name=name, account_id=f"{number:012}", boundary_arn=BOUNDARY_ARN, **facts)


def test_accounts_whose_test_passed_come_first(ada: Client) -> None:
    yes, no = [{"ok": True}, {"ok": True}], [{"ok": True}, {"ok": False}]
    Account.objects.update(name="b-untested")
    account("a-failed", 1, tested_at=NOON, test_steps=no)
    account("z-works", 2, tested_at=NOON, test_steps=yes)
    account("c-in-progress", 3, tested_at=NOON, test_steps=yes, test_asked_at=NOON + timedelta(seconds=1))
    for url in ("role_new", "role_import"):
        (field,) = [one for one in ada.get(reverse(url)).context["form"] if one.name == "account"]
        found = [(str(state), [str(label) for _, label in listed]) for state, listed in field.field.choices]
        assert [state for state, _ in found] == [
            "Connection test passed", "Connection test in progress", "Connection not tested", "Connection test failed",
        ]  # fmt: skip
        assert [names[0].split(" ")[0] for _, names in found] == ["z-works", "c-in-progress", "b-untested", "a-failed"]
        assert found[0][1] == ["z-works (000000000002), tested on 24 Nov 2026"]


def test_the_rules_for_names_are_beside_the_field_before_anything_is_sent(ada: Client) -> None:
    shown = text(ada.get(reverse("role_new")))
    for rule in ("1 to 64 characters", "_+=,.@-", "unique in the account", "hyphen and a number", "at most 60"):
        assert rule in shown
    taken = preview(ada, recipe(name=factories.role("taken-name").name.upper(), bucket="*"))
    assert {("name", "role_name_taken"), ("__all__", "recipe_incomplete")} <= refused(taken)
