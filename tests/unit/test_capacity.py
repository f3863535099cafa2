"""How many grants fit: numbers that are promised, with every statement fully pinned."""

from datetime import timedelta
from typing import Any

from access.lifecycle import GrantFacts
from access.trust import capacity, compile_expiry_policy, compile_trust_policy, size
from tests.unit.facts import HOUR, IMPORTED, NOON, ROLE, SECOND, grant, numbered

PINNED: dict[str, Any] = {"unique_id": "AIDAQ3EGRICHARDRICHA1"}
OVER: dict[str, Any] = {"starts_at": NOON - HOUR, "ends_at": NOON, "applied_at": NOON - HOUR, "removed_at": NOON}


TAIL = timedelta(hours=13, minutes=10)


def trust_size(count: int) -> int:
    grants = [numbered(number, **PINNED) for number in range(count)]
    return size(compile_trust_policy(ROLE, grants, present=None, now=NOON).document)


def expiry_policy_size(count: int, **facts: Any) -> int:
    return size(compile_expiry_policy(ROLE, [numbered(number, **facts) for number in range(count)], now=NOON))


def test_five_pinned_grants_fit_into_the_usual_trust_policy() -> None:
    assert trust_size(5) <= 2048


def test_eleven_fit_into_a_trust_policy_with_a_raised_quota() -> None:
    assert trust_size(11) <= 4096


def test_fifty_live_expiry_entries_fit() -> None:
    assert expiry_policy_size(50) <= 10_240


def test_a_hundred_and_fifty_past_expiry_entries_fit() -> None:
    assert expiry_policy_size(150, **OVER) <= 10_240


def test_as_many_fit_into_the_expiry_policy_of_an_imported_role() -> None:
    live, past = [numbered(number) for number in range(50)], [numbered(number, **OVER) for number in range(150)]
    assert size(compile_expiry_policy(IMPORTED, live, now=NOON)) <= 10_240
    assert size(compile_expiry_policy(IMPORTED, past, now=NOON)) <= 10_240


def test_a_deny_uses_capacity_until_its_longest_session_is_over() -> None:
    over = [numbered(number, **OVER) for number in range(400)]
    for at, fits in ((NOON + TAIL - SECOND, False), (NOON + TAIL, True)):
        later = grant(starts_at=at, ends_at=at + HOUR)
        assert capacity(ROLE, over, later, present=None, now=at, quota=2048).fits is fits


def free(grants: list[GrantFacts], one_more: GrantFacts, quota: int = 2048) -> Any:
    return capacity(ROLE, grants, one_more, present=None, now=NOON, quota=quota)


def test_one_more_fits_while_there_is_capacity() -> None:
    found = free([numbered(1, **PINNED)], numbered(2, **PINNED))
    assert found.fits
    assert found.used == trust_size(1)
    assert found.free == 2048 - trust_size(1)
    assert found.one_more == trust_size(2) - trust_size(1)


def test_the_last_character_counts() -> None:
    grants = [numbered(1, **PINNED)]
    exactly = trust_size(2)
    assert free(grants, numbered(0, **PINNED), quota=exactly).fits
    assert not free(grants, numbered(0, **PINNED), quota=exactly - 1).fits


def test_a_full_expiry_policy_refuses_one_more_even_with_an_empty_trust_policy() -> None:
    many = [numbered(number, **OVER) for number in range(400)]
    found = free(many, grant())
    assert found.free > found.one_more
    assert found.inline_free < 0
    assert not found.fits


def test_other_inline_policies_use_capacity_of_the_expiry_policy() -> None:
    taken = 10_240 - expiry_policy_size(1)
    assert capacity(ROLE, [], numbered(0), present=None, now=NOON, quota=2048, other_inline=taken).fits
    assert not capacity(ROLE, [], numbered(0), present=None, now=NOON, quota=2048, other_inline=taken + 1).fits


def test_unmanaged_statements_use_capacity_too() -> None:
    unmanaged = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Sid": "x" * 1900}
    present = {"Version": "2012-10-17", "Statement": [unmanaged]}
    assert not capacity(ROLE, [], grant(), present=present, now=NOON, quota=2048).fits
