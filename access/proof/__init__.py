"""Parse a signed GetCallerIdentity request that a person pasted, and build it again from its parts.

Nothing is passed on as it was pasted: every part is parsed, compared with what it must be, and written again, so that
only this one call can be sent to STS. Pure: the sending is `access.aws`'s. [CVE-2020-16250]
"""

from access.proof.calls import PROOF_HEADER, ProofError, SignedCall
from access.proof.hosts import STS_HOSTS, Host
from access.proof.identities import Caller, CallerIdentity, identify
from access.proof.pasted import OLDEST, read

__all__ = [
    "OLDEST",
    "PROOF_HEADER",
    "STS_HOSTS",
    "Caller",
    "CallerIdentity",
    "Host",
    "ProofError",
    "SignedCall",
    "identify",
    "read",
]
