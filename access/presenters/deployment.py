"""What an account's owner deploys, with all values: the CloudFormation template, or a call of the Terraform module."""

import io
import json
import shlex
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings

from access.models import Account
from access.workload_identities import Home, cloudformation

SUFFIXES = {".tf", ".json"}


RUNS_AS = {"worker_runs_as_arn": "WorkerRunsAsArn", "web_runs_as_arn": "WebRunsAsArn"}


def values(account: Account) -> dict[str, str]:
    """Return the template's parameters that are known: for a single account only its imported roles, otherwise also
    who can assume the account's roles, and with which external ID.
    """
    imported = account.roles.filter(is_managed=False).select_related("account")
    return _hub_values(account) | {"ImportedRoleArns": ",".join(row.arn for row in imported)}


def _hub_values(account: Account) -> dict[str, str]:
    if not account.external_id:
        return {}
    hub = Home(account.partition, account.hub_account_id)
    return {
        "HubWorkerArn": hub.hub_worker,
        "HubBuilderArn": hub.hub_builder,
        "ExternalId": account.external_id,
        "OrgId": account.org_id,
    }


def cloudformation_text(account: Account) -> str:
    """Return the template with the parameters' values as defaults."""
    template = cloudformation.account if account.external_id else cloudformation.single
    return json.dumps(template(values(account)), indent=2)


def command(account: Account) -> str:
    """Return the command that deploys the template with the AWS command line."""
    words = ["aws", "cloudformation", "deploy", "--stack-name", "daypass", "--capabilities", "CAPABILITY_NAMED_IAM"]
    words += ["--region", account.region, "--template-file", f"daypass-{account.account_id}.json"]
    if not account.external_id:
        words += ["--parameter-overrides", *(f"{name}=ARN" for name in RUNS_AS.values())]
    return shlex.join(words)


def terraform_text(account: Account) -> str:
    """Return the call of the module, in Terraform's JSON; of a single account, with variables for the two ARNs."""
    given = values(account)
    imported = [arn for arn in given["ImportedRoleArns"].split(",") if arn]
    call: dict[str, Any] = {"source": f"./{_module(account)}"}
    if account.external_id:
        call |= {
            "hub_worker_arn": given["HubWorkerArn"],
            "hub_builder_arn": given["HubBuilderArn"],
            "external_id": given["ExternalId"],
            "org_id": given["OrgId"],
        }
        return json.dumps({"module": {"daypass": call | {"imported_role_arns": imported}}}, indent=2)
    call |= {name: f"${{var.{name}}}" for name in RUNS_AS} | {"imported_role_arns": imported}
    variables = {name: {"type": "string"} for name in RUNS_AS}
    return json.dumps({"variable": variables, "module": {"daypass": call}}, indent=2)


def terraform_files(account: Account) -> bytes:
    """Return a zip file with the module and the call of it."""
    name, packed = _module(account), io.BytesIO()
    folder = Path(settings.BASE_DIR) / "deploy" / "terraform" / name
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("daypass.tf.json", terraform_text(account) + "\n")
        for file in sorted(folder.iterdir()):
            if file.suffix in SUFFIXES:
                files.writestr(f"{name}/{file.name}", file.read_text())
    return packed.getvalue()


def _module(account: Account) -> str:
    return "account" if account.external_id else "single"
