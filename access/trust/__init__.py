"""Compile a role's trust policy and expiry policy from its grants and from the existing policies.

Pure: same input, same document. The verifier (`access.verify`) judges the result and shares no code with this package.
"""

from access.policy_text import VERSION, statement_hash
from access.trust.capacity import INLINE_QUOTA, USUAL_STATEMENT, Capacity, capacity
from access.trust.compiler import CompiledTrust, NotWritable, compile_trust_policy
from access.trust.documents import Document, same, size, statements, storable
from access.trust.expiry import sessions_named, unmanaged_in_expiry
from access.trust.expiry_policy import EXPIRY_POLICY_NAME, KEEP_AFTER_END, compile_expiry_policy
from access.trust.fallback import compile_fallback_policy, compile_no_room_policy, is_denied, joined
from access.trust.hardening import Hardening, fingerprint, harden, tested_keys
from access.trust.removal import only_takes_away, without
from access.trust.session import compile_session_policy
from access.trust.unmanaged import DEFAULT_DENY_SID, TEXT_LIMIT, Fate, Unmanaged, hashes, unmanaged

__all__ = [
    "DEFAULT_DENY_SID",
    "EXPIRY_POLICY_NAME",
    "INLINE_QUOTA",
    "KEEP_AFTER_END",
    "TEXT_LIMIT",
    "USUAL_STATEMENT",
    "VERSION",
    "Capacity",
    "CompiledTrust",
    "Document",
    "Fate",
    "Hardening",
    "NotWritable",
    "Unmanaged",
    "capacity",
    "compile_expiry_policy",
    "compile_fallback_policy",
    "compile_no_room_policy",
    "compile_session_policy",
    "compile_trust_policy",
    "fingerprint",
    "harden",
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
    "unmanaged",
    "unmanaged_in_expiry",
    "without",
]
