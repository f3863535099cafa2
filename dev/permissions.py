"""Write docs/reference/permissions.md, who can do what in which state, from the rules; with `--check` compare only."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from access import rules
from access.lifecycle import GrantFacts
from access.rules import PersonFacts, RequestFacts
from dev.generated import update
from dev.options import ROOT
from tests.personas import (
    APPROVED,
    AUTO_APPROVAL_POLICY,
    BREAK_GLASS_POLICY,
    BREAK_GLASS_REQUEST,
    GRANT,
    GRANTS,
    HOUR,
    NOON,
    PEOPLE,
    PROPOSER,
    REQUESTS,
    ROLE,
    WAITING,
)

HEAD = """# Who may do what

Made by `python -m dev.permissions` from `access/rules/`; do not edit. The tests try every cell at the real pages.

Nobody decides his own request, nor one he vouched for, superusers included. Whoever may not see something is told that
it does not exist. Everybody needs a second factor before anything else.

"""


May = Callable[[PersonFacts], bool]


def table() -> Iterator[tuple[str, str, list[bool]]]:
    """Yield the rows: what, in which state, and for each of PEOPLE whether he may."""
    for (what, state), may in _everything().items():
        yield what, state, [may(person) for person in PEOPLE.values()]


def _everything() -> dict[tuple[str, str], May]:
    found: dict[tuple[str, str], May] = {("ask for the role", ""): lambda person: rules.can_ask(person, ROLE)}
    for state, request in REQUESTS.items():
        found |= _of_request(state, request)
    for state, grant in GRANTS.items():
        found |= _of_grant(state, grant)
    found |= _of_break_glass()
    return found | {
        ("prove an AWS identity", ""): lambda person: rules.passes(lambda: rules.check_can_prove(person, lately=0)),
        ("vouch for his AWS identity", ""): lambda p: rules.passes(lambda: rules.check_can_vouch(p, sponsor_id=4)),
        ("invite a contractor", ""): rules.can_sponsor,
        ("change his terms, disable them", ""): lambda person: rules.can_manage(person, 4),
        ("disable companies and colleagues", ""): rules.can_administer,
        ("connect, change and test accounts", ""): rules.can_administer,
        ("change the rules of a role", ""): rules.can_administer,
        ("confirm an auto-approval policy", ""): lambda person: rules.can_confirm_auto_approval_policy(
            person, AUTO_APPROVAL_POLICY, proposer=PROPOSER, now=NOON
        ),
        ("name a delegate", ""): _may_delegate,
        ("make a role", ""): rules.can_administer,
        ("change what a role permits", ""): rules.can_administer,
        ("change its limits, disable it", ""): rules.can_administer,
        ("import a role, harden its trust policy", ""): rules.can_administer,
        ("accept an unmanaged statement", ""): rules.can_administer,
        ("withdraw a change of a role", ""): rules.can_administer,
        ("confirm what another one proposed", ""): lambda p: rules.can_confirm(p, proposer=PROPOSER),
        ("confirm what he proposed himself", ""): lambda p: rules.can_confirm(p, proposer=p),
        ("look through the reviews", ""): _may_review,
        ("say that the role may stay", ""): lambda person: rules.can_certify_role(person, ROLE),
        ("say that his terms may stay", ""): lambda person: rules.can_manage(person, 4),
        ("see mutual approvals", ""): rules.can_administer,
    }


def _may_delegate(person: PersonFacts) -> bool:
    colleague, until = PersonFacts(99, is_active=True), NOON + HOUR
    return person.user_id in ROLE.approver_ids and rules.passes(
        lambda: rules.check_can_delegate(person, colleague, from_at=NOON, until_at=until, now=NOON)
    )


def _may_review(person: PersonFacts) -> bool:
    decides = rules.decides_about(person.user_id, ROLE, now=NOON)
    return rules.can_review(person, decides=decides, is_sponsoring=person.user_id == WAITING.sponsor_id)


def _of_break_glass() -> dict[tuple[str, str], May]:
    """Return what a rule of the administrator's lets the colleague do, which another administrator confirmed."""
    over = replace(GRANT, ends_at=NOON)
    waiting = replace(BREAK_GLASS_POLICY, is_confirmed=False)

    def may_use(person: PersonFacts) -> bool:
        own = person.user_id == BREAK_GLASS_REQUEST.requester_id
        facts = {"is_own": own, "is_offered": True, "is_break_glass": True}
        return rules.passes(lambda: rules.check_can_use(person, GRANT, **facts, now=NOON))

    return {
        ("make a break-glass policy for the colleague", ""): rules.can_administer,
        ("confirm it, who made it", ""): lambda p: rules.can_confirm_break_glass_policy(
            p, waiting, proposer=PROPOSER, now=NOON
        ),
        ("confirm it, who did not make it", ""): lambda p: rules.can_confirm_break_glass_policy(
            p, replace(waiting, made_by_id=99), proposer=PROPOSER, now=NOON
        ),
        ("withdraw it, which is in force", "in force"): lambda p: rules.can_withdraw_break_glass_policy(
            p, BREAK_GLASS_POLICY
        ),
        ("use break-glass", "in force"): lambda p: rules.can_use_break_glass(
            p, BREAK_GLASS_POLICY, unreviewed=False, now=NOON
        ),
        ("use break-glass", "unreviewed"): lambda p: rules.can_use_break_glass(
            p, BREAK_GLASS_POLICY, unreviewed=True, now=NOON
        ),
        ("see the use", "open"): lambda p: rules.can_see(p, BREAK_GLASS_REQUEST, now=NOON),
        ("use break-glass access", "open"): may_use,
        ("stop it", "open"): lambda p: rules.can_revoke(p, BREAK_GLASS_REQUEST, GRANT, now=NOON),
        ("review it", "open"): lambda p: rules.can_review_break_glass(p, BREAK_GLASS_REQUEST, GRANT, now=NOON),
        ("review it", "over"): lambda p: rules.can_review_break_glass(p, BREAK_GLASS_REQUEST, over, now=NOON),
    }


def _of_request(state: str, request: RequestFacts) -> dict[tuple[str, str], May]:
    return {
        ("see the request", state): lambda person: rules.can_see(person, request, now=NOON),
        ("withdraw it", state): lambda person: rules.can_withdraw(person, request),
        ("approve it", state): lambda person: rules.can_approve(person, request, now=NOON),
        ("approve with changes", state): lambda person: rules.can_approve(person, request, now=NOON),
        ("deny it", state): lambda person: rules.can_decide(person, request, now=NOON),
        ("ask for information about it", state): lambda person: rules.can_ask_for_information(
            person, request, now=NOON
        ),
        ("answer what was asked", state): lambda person: rules.can_answer(person, request, was_asked=True),
    }


def _of_grant(state: str, grant: GrantFacts) -> dict[tuple[str, str], May]:
    def may_use(person: PersonFacts) -> bool:
        own = person.user_id == APPROVED.requester_id
        return rules.passes(lambda: rules.check_can_use(person, grant, is_own=own, is_offered=True, now=NOON))

    return {
        ("see the access", state): lambda person: rules.can_see(person, APPROVED, now=NOON),
        ("use it through the portal", state): may_use,
        ("ask for an extension", state): lambda person: rules.can_extend(person, APPROVED, grant, now=NOON),
        ("revoke it, return it", state): lambda person: rules.can_revoke(person, APPROVED, grant, now=NOON),
        ("take its evidence", state): lambda person: rules.can_take_evidence(person, APPROVED, now=NOON),
        ("say that it may stay", state): lambda person: rules.can_certify_grant(person, APPROVED, grant, now=NOON),
    }


def page() -> str:
    """Return the text of docs/reference/permissions.md."""
    lines = [["what", "state", *PEOPLE], ["---"] * (len(PEOPLE) + 2)]
    lines += [[what, state, *("yes" if may else "-" for may in cells)] for what, state, cells in table()]
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(update(ROOT / "docs" / "reference" / "permissions.md", page(), command="python -m dev.permissions"))
