"""What an account's owner deploys, with all values: the CloudFormation template, or a call of the Terraform module."""

import io
import json
import shlex
import zipfile
from pathlib import Path

from django.conf import settings

from access.models import Account
from access.workload_identities import Home, cloudformation

SUFFIXES = {".tf", ".json"}


def values(account: Account) -> dict[str, str]:
    """Return the template's parameters: who can assume the account's roles, and with which external ID."""
    hub = Home(account.partition, account.hub_account_id)
    given = {
        "HubWorkerArn": hub.hub_worker,
        "HubBuilderArn": hub.hub_builder,
        "ExternalId": account.external_id,
        "OrgId": account.org_id,
    }
    imported = account.roles.filter(is_managed=False).select_related("account")
    return given | {"ImportedRoleArns": ",".join(row.arn for row in imported)}


def cloudformation_text(account: Account) -> str:
    """Return the template with the parameters' values as defaults."""
    return json.dumps(cloudformation.account(values(account)), indent=2)


def command(account: Account) -> str:
    """Return the command that deploys the template with the AWS command line."""
    words = ["aws", "cloudformation", "deploy", "--stack-name", "daypass", "--capabilities", "CAPABILITY_NAMED_IAM"]
    return shlex.join([*words, "--region", account.region, "--template-file", f"daypass-{account.account_id}.json"])


def terraform_text(account: Account) -> str:
    """Return the call of the module, in Terraform's JSON."""
    given = values(account)
    call = {
        "source": "./account",
        "hub_worker_arn": given["HubWorkerArn"],
        "hub_builder_arn": given["HubBuilderArn"],
        "external_id": given["ExternalId"],
        "org_id": given["OrgId"],
        "imported_role_arns": [arn for arn in given["ImportedRoleArns"].split(",") if arn],
    }
    return json.dumps({"module": {"daypass": call}}, indent=2)


def terraform_files(account: Account) -> bytes:
    """Return a zip file with the module and the call of it."""
    folder, packed = Path(settings.BASE_DIR) / "deploy" / "terraform" / "account", io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("daypass.tf.json", terraform_text(account) + "\n")
        for file in sorted(folder.iterdir()):
            if file.suffix in SUFFIXES:
                files.writestr(f"account/{file.name}", file.read_text())
    return packed.getvalue()
