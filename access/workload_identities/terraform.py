"""The generated half of the Terraform modules in `deploy/`: the documents as locals, which their `main.tf` uses."""

from typing import Any

from access.workload_identities import documents
from access.workload_identities.documents import BUILDER, WORKER, Home

# Terraform reads strings in JSON as templates, so each can contain a reference.
HERE = Home("${local.partition}", "${local.account_id}")


def account() -> dict[str, Any]:
    """Return the locals of the module for an account whose roles are given to people."""
    trusts = {}
    for name in ("worker", "builder"):
        hub_role = f"${{var.hub_{name}_arn}}"
        trusts[f"{name}_trust"] = documents.spoke_trust(hub_role=hub_role, external_id="${var.external_id}")
        trusts[f"{name}_trust_in_organisation"] = documents.spoke_trust(
            hub_role=hub_role, external_id="${var.external_id}", org_id="${var.org_id}"
        )
    return _locals(
        boundary=documents.boundary(),
        worker=documents.worker(HERE),
        worker_imported=documents.worker_imported("${var.imported_role_arns}"),
        builder=documents.builder(HERE),
        **trusts,
    )


def hub() -> dict[str, Any]:
    """Return the locals of the module for the account that Daypass itself runs in."""
    return _locals(
        worker=documents.hub_assumes(HERE.partition, WORKER),
        builder=documents.hub_assumes(HERE.partition, BUILDER),
        issuer=documents.issuer(HERE.partition),
        issuer_imported=documents.issuer_imported("${var.imported_role_arns}"),
        worker_trust=documents.trust("${var.worker_runs_as_arn}"),
        issuer_trust=documents.trust("${var.web_runs_as_arn}"),
    )


def single() -> dict[str, Any]:
    """Return the locals of the module for a single account without a hub."""
    return _locals(
        boundary=documents.boundary(),
        worker=documents.worker(HERE),
        worker_imported=documents.worker_imported("${var.imported_role_arns}"),
        builder=documents.builder(HERE),
        issuer=documents.issuer_of(HERE),
        issuer_imported=documents.issuer_imported("${var.imported_role_arns}"),
        worker_trust=documents.trust("${var.worker_runs_as_arn}"),
        issuer_trust=documents.trust("${var.web_runs_as_arn}"),
    )


def organisation() -> dict[str, Any]:
    """Return the locals of the module for the organisation's management account."""
    accounts, hub_roles = "${var.allowed_account_ids}", "${var.hub_role_arns}"
    return _locals(policy=documents.organisation(HERE.partition, accounts=accounts, hub_roles=hub_roles))


def _locals(**named: documents.Document) -> dict[str, Any]:
    return {"locals": named}
