"""The pages of the accounts, which only administrators see: connect one, deploy what is shown, test the way in."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access import accounts, tasks
from access.models import Account, AuditEvent, Role
from tests import factories
from tests.factories import HOST_ACCOUNT, Cast
from tests.integration.hub_and_spoke import HUB_HOME, SPOKE
from tests.integration.pages import codes, text, visitor, world

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Reports",
    "account_id": SPOKE,
    "partition": "aws",
    "region": "eu-central-1",
    "hub_account_id": HOST_ACCOUNT,
    "org_id": "o-a1b2c3d4e5",
    "issuer_arn": "",
}
PAGES = ("account", "account_state", "account_template", "account_module")


@pytest.fixture
def ada(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(tasks.test_connection, "apply_async", lambda **_: None)
    return visitor(cast.ada)


@pytest.fixture
def spoke(cast: Cast) -> Account:
    return accounts.connect(by=cast.ada, **FORM, now=factories.NOON)


def path(name: str) -> str:
    return reverse(name, args=[SPOKE])


def test_ada_connects_an_account_and_gets_the_templates_to_deploy(ada: Client) -> None:
    answer = ada.post(reverse("account_new"), FORM, follow=True)
    assert answer.redirect_chain == [(path("account"), 302)]
    account = Account.objects.get(account_id=SPOKE)
    assert account.external_id in text(answer)
    assert "Not tested yet." in text(answer)


@pytest.mark.parametrize(
    ("different", "code"),
    [
        ({"account_id": "12"}, "account_id_invalid"),
        ({"account_id": HOST_ACCOUNT}, "invalid_values"),
        ({"name": "Re\u202eports"}, "characters_invisible"),
        ({"region": "Frankfurt"}, "region_invalid"),
        ({"org_id": "mine"}, "organisation_id_invalid"),
        ({"issuer_arn": "root"}, "arn_not_iam"),
        (
            {"issuer_arn": "arn:aws-cn:iam::111111111111:role/x"},
            "issuer_partition_differs",
        ),
    ],
)
def test_impossible_input_is_reported_in_the_form_and_not_stored(
    ada: Client, different: dict[str, str], code: str
) -> None:
    before = world()
    answer = ada.post(reverse("account_new"), FORM | different)
    assert code in codes(answer)
    assert world() == before


def test_the_template_is_filled_in(ada: Client, spoke: Account) -> None:
    answer = ada.get(path("account_template"))
    assert answer["Content-Disposition"] == f'attachment; filename="daypass-{SPOKE}.json"'
    defaults = {name: facts.get("Default") for name, facts in json.loads(answer.content)["Parameters"].items()}
    assert defaults == {
        "HubWorkerArn": HUB_HOME.hub_worker,
        "HubBuilderArn": HUB_HOME.hub_builder,
        "ExternalId": spoke.external_id,
        "OrgId": "o-a1b2c3d4e5",
        "ImportedRoleArns": "",
    }


def test_the_module_has_an_example_call(ada: Client, spoke: Account) -> None:
    factories.role("imported", account=spoke, path="/legacy/", is_managed=False)
    files = zipfile.ZipFile(io.BytesIO(ada.get(path("account_module")).content))
    assert {"daypass.tf.json", "account/main.tf", "account/policies.tf.json"} <= set(files.namelist())
    call = json.loads(files.read("daypass.tf.json"))["module"]["daypass"]
    assert call["external_id"] == spoke.external_id
    assert call["imported_role_arns"] == [f"arn:aws:iam::{SPOKE}:role/legacy/imported"]


def test_a_single_account_gets_a_template_without_a_hub(ada: Client) -> None:
    page = text(ada.post(reverse("account_new"), FORM | {"hub_account_id": "", "org_id": ""}, follow=True))
    factories.role("imported", account=Account.objects.get(account_id=SPOKE), path="/legacy/", is_managed=False)
    assert "--parameter-overrides WorkerRunsAsArn=ARN WebRunsAsArn=ARN" in page
    assert "Directly, without a hub" in page
    template = json.loads(ada.get(path("account_template")).content)
    imported = f"arn:aws:iam::{SPOKE}:role/legacy/imported"
    assert {name: facts.get("Default") for name, facts in template["Parameters"].items()} == {
        "WorkerRunsAsArn": None,
        "WebRunsAsArn": None,
        "ImportedRoleArns": imported,
    }
    files = zipfile.ZipFile(io.BytesIO(ada.get(path("account_module")).content))
    assert {"daypass.tf.json", "single/main.tf", "single/policies.tf.json"} <= set(files.namelist())
    call = json.loads(files.read("daypass.tf.json"))
    assert set(call["variable"]) == {"worker_runs_as_arn", "web_runs_as_arn"}
    assert call["module"]["daypass"]["imported_role_arns"] == [imported]


def test_the_button_starts_a_test_and_the_page_waits_for_it(ada: Client, spoke: Account) -> None:
    answer = ada.post(path("account_test"), follow=True)
    assert "The worker is testing the connection" in text(answer)
    assert b'hx-trigger="every 2s"' in answer.content
    text_stored = {"code": "boundary_missing", "facts": {"policy": "daypass-boundary"}}
    steps = [{"title": {"code": "step_reading", "facts": {}}, "ok": False, "text": text_stored}]
    Account.objects.update(test_steps=steps, tested_at=Account.objects.get(pk=spoke.pk).test_asked_at)
    state = ada.get(path("account_state"))
    assert "boundary_missing" in codes(state)
    assert b"hx-trigger" not in state.content


def test_the_answer_of_aws_is_shown_as_text(ada: Client, spoke: Account) -> None:
    found = {"code": "boundary_missing", "facts": {"policy": "<script>alert(1)</script>"}}
    step: dict[str, Any] = {"title": {"code": "step_reading", "facts": {}}, "ok": False, "text": found}
    Account.objects.update(test_steps=[step], tested_at=factories.NOON)
    answer = ada.get(path("account"))
    assert b"<script>alert" not in answer.content
    assert "<script>alert(1)</script>" in text(answer)


def test_nobody_else_finds_the_pages(cast: Cast, spoke: Account) -> None:
    visitors = [visitor(person) for person in (cast.alice, cast.richard, cast.mallory)]
    before = world()
    for client in visitors:
        for page in [*map(path, PAGES), reverse("accounts"), reverse("account_new")]:
            assert client.get(page).status_code == 404
        assert client.post(path("account_test")).status_code == 404
        assert client.post(reverse("account_new"), FORM).status_code == 404
        assert "Accounts" not in text(client.get(reverse("home")))
    assert world() == before


def test_a_contractor_marked_as_staff_is_not_an_administrator(cast: Cast, spoke: Account) -> None:
    cast.richard.is_staff = True
    cast.richard.save()
    assert visitor(cast.richard).get(reverse("accounts")).status_code == 404


def test_an_unknown_account_is_not_found(ada: Client) -> None:
    for page in PAGES:
        assert ada.get(path(page)).status_code == 404


CHANGE = {"name": "Reports", "region": "eu-west-1", "hub_account_id": HOST_ACCOUNT, "org_id": "", "issuer_arn": ""}


def test_ada_changes_an_account_and_its_connection_is_tested_again(ada: Client, spoke: Account) -> None:
    assert "eu-central-1" in ada.get(path("account_change")).content.decode()
    assert ada.post(path("account_change"), CHANGE).status_code == 302
    account = Account.objects.get(pk=spoke.pk)
    assert (account.region, account.org_id, account.external_id) == ("eu-west-1", "", spoke.external_id)
    assert account.is_testing
    changes = AuditEvent.objects.get(verb="account.changed").details["changes"]
    assert changes == {"region": ["eu-central-1", "eu-west-1"], "org_id": ["o-a1b2c3d4e5", ""]}


def test_an_account_without_its_hub_has_no_external_id(ada: Client, spoke: Account) -> None:
    ada.post(path("account_change"), CHANGE | {"hub_account_id": ""})
    account = Account.objects.get(pk=spoke.pk)
    assert (account.external_id, account.issuer_arn) == ("", f"arn:aws:iam::{SPOKE}:role/daypass-portal/daypass-issuer")


def test_the_account_number_is_fixed_and_invalid_input_is_kept_in_the_form(ada: Client, spoke: Account) -> None:
    ada.post(
        path("account_change"), CHANGE | {"account_id": "999999999999", "partition": "aws-cn", "boundary_arn": "x"}
    )
    account = Account.objects.get(pk=spoke.pk)
    assert (account.account_id, account.partition, account.boundary_arn) == (SPOKE, "aws", spoke.boundary_arn)
    wrong = ada.post(path("account_change"), CHANGE | {"region": "Frankfurt"})
    assert "region_invalid" in codes(wrong)
    assert 'value="Frankfurt"' in wrong.content.decode()
    other = ada.post(path("account_change"), CHANGE | {"issuer_arn": "arn:aws-cn:iam::111111111111:role/x"})
    assert "issuer_partition_differs" in codes(other)


def test_only_administrators_can_change_accounts(cast: Cast, spoke: Account) -> None:
    before = world()["Account"]
    for person in (cast.alice, cast.richard):
        assert visitor(person).post(path("account_change"), CHANGE).status_code == 404
    assert world()["Account"] == before


def test_the_issuer_of_open_grants_cannot_be_changed(ada: Client, cast: Cast, spoke: Account) -> None:
    Role.objects.filter(pk=cast.role.pk).update(account=spoke)
    cast.role.refresh_from_db()
    now = timezone.now()
    factories.create_grant(cast, now=now, by=cast.rita, principal_arn="")
    answer = ada.post(path("account_change"), CHANGE | {"issuer_arn": f"arn:aws:iam::{SPOKE}:user/mallory"})
    assert "issuer_in_use" in codes(answer)
    assert Account.objects.get(pk=spoke.pk).issuer_arn == spoke.issuer_arn
    assert ada.post(path("account_change"), CHANGE).status_code == 302
