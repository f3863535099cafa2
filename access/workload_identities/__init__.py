"""The permissions and trust policies of Daypass's own AWS identities; `deploy/`, the demo and the tests use them.

*worker* reads IAM and writes trust and expiry policies, *builder* makes and deletes roles, *issuer* assumes them.
"""

from access.workload_identities.documents import (
    BOUNDARY_NAME,
    BUILDER,
    IDENTITY_PATH,
    MANAGED_TAG,
    ROLE_PATH,
    WORKER,
    Document,
    Home,
    boundary,
    builder,
    hub_assumes,
    issuer,
    issuer_imported,
    issuer_of,
    older_boundaries,
    organisation,
    spoke_trust,
    trust,
    worker,
    worker_imported,
)
from access.workload_identities.target import AwsTarget

__all__ = [
    "BOUNDARY_NAME",
    "BUILDER",
    "IDENTITY_PATH",
    "MANAGED_TAG",
    "ROLE_PATH",
    "WORKER",
    "AwsTarget",
    "Document",
    "Home",
    "boundary",
    "builder",
    "hub_assumes",
    "issuer",
    "issuer_imported",
    "issuer_of",
    "older_boundaries",
    "organisation",
    "spoke_trust",
    "trust",
    "worker",
    "worker_imported",
]
