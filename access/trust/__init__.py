"""Compile what IAM is told: one role's trust policy and closing policy, from its grants and from what was there.

Pure: same input, same document. The verifier (`access.verify`) judges the result and shares no code with this package.
"""

from access.trust.capacity import CLOSING_QUOTA, USUAL_STATEMENT, Capacity, capacity
from access.trust.closing import CLOSING_POLICY_NAME, KEEP_AFTER_END, compile_closing_policy
from access.trust.compiler import CompiledTrust, NotWritable, compile_trust_policy
from access.trust.documents import VERSION, Document, same, size, statements, storable
from access.trust.expiry import sessions_named, unmanaged_in_expiry
from access.trust.fallback import compile_deny_all_policy, compile_fallback_policy, is_denied, joined
from access.trust.removal import only_takes_away, without
from access.trust.session import compile_session_policy
from access.trust.tightening import Tightening, fingerprint, tested_keys, tighten
from access.trust.unmanaged import CLOSED_SID, TEXT_LIMIT, Fate, Unmanaged, hashes, statement_hash, unmanaged

__all__ = [
    "CLOSED_SID",
    "CLOSING_POLICY_NAME",
    "CLOSING_QUOTA",
    "KEEP_AFTER_END",
    "TEXT_LIMIT",
    "USUAL_STATEMENT",
    "VERSION",
    "Capacity",
    "CompiledTrust",
    "Document",
    "Fate",
    "NotWritable",
    "Tightening",
    "Unmanaged",
    "capacity",
    "compile_closing_policy",
    "compile_deny_all_policy",
    "compile_fallback_policy",
    "compile_session_policy",
    "compile_trust_policy",
    "fingerprint",
    "hashes",
    "is_denied",
    "joined",
    "only_takes_away",
    "same",
    "sessions_named",
    "size",
    "statement_hash",
    "statements",
    "storable",
    "tested_keys",
    "tighten",
    "unmanaged",
    "unmanaged_in_expiry",
    "without",
]
