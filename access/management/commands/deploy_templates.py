"""Write the generated files of `deploy/` from the documents in `access/workload_identities/`, or check that they are
so.
"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from access.management.refusing import RefusedCommand
from access.workload_identities import cloudformation, terraform

FILES = {
    "cloudformation/account.json": cloudformation.account,
    "cloudformation/hub.json": cloudformation.hub,
    "cloudformation/organisation.json": cloudformation.organisation,
    "cloudformation/single.json": cloudformation.single,
    "terraform/account/policies.tf.json": terraform.account,
    "terraform/hub/policies.tf.json": terraform.hub,
    "terraform/organisation/policies.tf.json": terraform.organisation,
    "terraform/single/policies.tf.json": terraform.single,
}


class Command(BaseCommand):
    help = (
        "Write the CloudFormation templates and Terraform policies; with --check only check whether they "
        "are up to date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when a file differs")

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR) / "deploy"
        for name, make in FILES.items():
            file, text = root / name, json.dumps(make(), indent=2) + "\n"
            if not options["check"]:
                file.write_text(text)
            elif not file.exists() or file.read_text() != text:
                raise RefusedCommand(
                    "command_file_outdated", file=f"deploy/{name}", command="manage.py deploy_templates"
                )
