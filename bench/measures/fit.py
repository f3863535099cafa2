"""How many grants fit into a role's two documents. Pure: nothing runs but the compiler."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from access import trust
from access.lifecycle import GrantFacts, RoleFacts
from access.trust.capacity import INLINE_QUOTA
from bench.rows import Bound, Row

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROLE = RoleFacts(
    arn="arn:aws:iam::111111111111:role/daypass/importantproject-contractorA-bucket-put",
    unique_id="AROAIMPORTANTPROJECT1",
    managed=True,
)
IMPORTED = replace(ROLE, managed=False)  # its expiry policy denies longer tokens too, so fewer entries fit
PRINCIPAL = "arn:aws:iam::222222222222:user/Richard"
UNIQUE_ID = "AIDARICHARDRICHARD123"
NAIVE_TRUST = "raw: principal, external id and dates, without unique id and session name"
NAIVE_DENY = "raw: one Deny for each session, dated as the console revokes sessions"
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def measure() -> list[Row]:
    """Return what fits, against statements without Daypass's locks and against the figures that are wanted."""
    return [
        _row("fit-2048", _most(_trust_size, 2048), _most(_naive_size, 2048), 5, NAIVE_TRUST),
        _row("fit-4096", _most(_trust_size, 4096), _most(_naive_size, 4096), 11, NAIVE_TRUST),
        _row("expiry-policy-live", _most(_live_size, INLINE_QUOTA), _most(_naive_deny, INLINE_QUOTA), 50, NAIVE_DENY),
        _row("expiry-policy-past", _most(_past_size, INLINE_QUOTA), _most(_naive_deny, INLINE_QUOTA), 150, NAIVE_DENY),
    ]


def _row(name: str, ours: int, naive: int, target: int, note: str) -> Row:
    return Row(name, ours, naive, "grants", ours, Bound.AT_LEAST, target, note)


def _most(size: Callable[[int], int], quota: int) -> int:
    """Return the largest number whose document is within the quota."""
    return next(count for count in itertools.count() if size(count + 1) > quota)


def _grant(number: int) -> GrantFacts:
    name = "dp" + "".join(LETTERS[(number >> (5 * place)) % 32] for place in range(14))
    return GrantFacts(name, PRINCIPAL, NOW, NOW + timedelta(hours=8), unique_id=UNIQUE_ID)


def _grants(count: int) -> list[GrantFacts]:
    return [_grant(number) for number in range(count)]


def _trust_size(count: int) -> int:
    return trust.size(trust.compile_trust_policy(ROLE, _grants(count), present=None, now=NOW).document)


def _live_size(count: int) -> int:
    return trust.size(trust.compile_expiry_policy(IMPORTED, _grants(count), now=NOW))


def _past_size(count: int) -> int:
    return trust.size(trust.compile_expiry_policy(IMPORTED, _grants(count), now=NOW + timedelta(hours=9)))


def _naive_size(count: int) -> int:
    """Return the size of a trust policy as AWS advises for third parties: with an external id, here also dated."""
    between = {
        "StringEquals": {"sts:ExternalId": "8d8c3a8e-6a0b-4c62-9c1a-0f6f5a1f2b7c"},
        "DateGreaterThan": {"aws:CurrentTime": "2026-11-24T12:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2026-11-24T20:00:00Z"},
    }
    return _size(
        {"Effect": "Allow", "Principal": {"AWS": PRINCIPAL}, "Action": "sts:AssumeRole", "Condition": between}, count
    )


def _naive_deny(count: int) -> int:
    condition = {
        "DateLessThan": {"aws:TokenIssueTime": "2026-11-24T20:00:00Z"},
        "StringLike": {"aws:userid": f"*:{_grant(0).session_name}"},
    }
    return _size({"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}, count)


def _size(statement: dict[str, Any], count: int) -> int:
    return len(json.dumps({"Version": "2012-10-17", "Statement": [statement] * count}, separators=(",", ":")))
