"""Compute how many more grants fit into a role's policies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.lifecycle import GrantFacts, RoleFacts
from access.trust.compiler import compile_trust_policy
from access.trust.documents import size
from access.trust.expiry_policy import compile_expiry_policy
from access.trust.unmanaged import hashes

USUAL_STATEMENT = 364  # characters of a statement with a user's ARN, unique id, session name and both dates
INLINE_QUOTA = 10_240  # characters of all inline policies of a role together [IAM quotas]


@dataclass(frozen=True, slots=True)
class Capacity:
    """Characters of a role's trust policy: used, free, and what one more grant takes.

    `share` is the part of the quota, 0 to 1, that all grants of the contractor would fill, including the new one.
    """

    used: int
    free: int
    one_more: int
    inline_free: int
    share: float

    @property
    def fits(self) -> bool:
        return self.one_more <= self.free and self.inline_free >= 0


def capacity(
    role: RoleFacts,
    grants: Sequence[GrantFacts],
    one_more: GrantFacts,
    *,
    present: Mapping[str, Any] | None,
    now: datetime,
    quota: int,
    other_inline: int = 0,
    expiry_policy: Mapping[str, Any] | None = None,
    former: Collection[str] = (),
) -> Capacity:
    """Return what is left of `quota` characters, and of the inline quota, for `one_more` beside the role's grants.

    `other_inline` characters of the latter are taken by other inline policies. `expiry_policy` is the expiry policy in
    AWS: what somebody added to it by hand stays. `former` names sessions of grants that the role had before `grants`.
    """

    def used_by(some: Sequence[GrantFacts], *, beside: Mapping[str, Any] | None) -> int:
        # A statement that waits for an administrator's decision uses space in any case.
        compiled = compile_trust_policy(role, some, present=beside, now=now, accepted=hashes(beside))
        return size(compiled.document)

    used = used_by(grants, beside=present)
    planned = compile_expiry_policy(role, [*grants, one_more], now=now, present=expiry_policy, former=former)
    theirs = [grant for grant in grants if grant.contractor == one_more.contractor]
    return Capacity(
        used=used,
        free=quota - used,
        one_more=used_by([*grants, one_more], beside=present) - used,
        inline_free=INLINE_QUOTA - other_inline - size(planned),
        share=used_by([*theirs, one_more], beside=None) / quota,
    )
