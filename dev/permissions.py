"""Write docs/reference/permissions.md, who can do what in which state, from the rules; with `--check` compare only."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from access.lifecycle import GrantFacts
from access.rules.auto_approvals import can_confirm_auto_approval_policy
from access.rules.break_glass import (
    can_confirm_break_glass_policy,
    can_review_break_glass,
    can_use_break_glass,
    can_withdraw_break_glass_policy,
)
from access.rules.checks import (
    can_approve,
    can_ask,
    can_decide,
    can_extend,
    can_revoke,
    can_see,
    can_take_evidence,
    can_withdraw,
)
from access.rules.comments import can_answer, can_ask_for_information
from access.rules.deciding import decides_about
from access.rules.delegations import check_can_delegate
from access.rules.factor_resets import ResetFacts, can_confirm_reset, can_propose_reset
from access.rules.facts import PersonFacts, RequestFacts, passes
from access.rules.identities import check_can_prove, check_can_vouch
from access.rules.people import can_administer, can_confirm, can_manage, can_sponsor
from access.rules.reviews import can_certify_grant, can_certify_role, can_review, can_search
from access.rules.using import check_can_use
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

HEAD = """# Permissions: who can do what

This page is for administrators and reviewers. `python -m dev.permissions` generates it from `access/rules/`. Do not
edit it here. The tests try each cell of the table on the real pages.

* Nobody can decide on their own request, or on a request for an identity that they vouched for. This includes
  superusers.
* A person who is not allowed to see an object is told that it does not exist.
* Everybody needs a second factor first.

"The contractor" is the person who made the request. "-" means that the person cannot do it.

"""


OTHER_PERSON = PersonFacts(98, is_active=True)
WAITING_RESET = ResetFacts(98, PROPOSER, NOON, is_settled=False)
May = Callable[[PersonFacts], bool]


def table() -> Iterator[tuple[str, str, list[bool]]]:
    """Yield the rows: what, in which state, and for each of PEOPLE whether they can."""
    for (what, state), may in _everything().items():
        yield what, state, [may(person) for person in PEOPLE.values()]


def _everything() -> dict[tuple[str, str], May]:
    found: dict[tuple[str, str], May] = {("request the role", ""): lambda person: can_ask(person, ROLE)}
    for state, request in REQUESTS.items():
        found |= _of_request(state, request)
    for state, grant in GRANTS.items():
        found |= _of_grant(state, grant)
    found |= _of_break_glass()
    return found | {
        ("prove an AWS identity", ""): lambda person: passes(lambda: check_can_prove(person, lately=0)),
        ("vouch for the contractor's AWS identity", ""): lambda p: passes(lambda: check_can_vouch(p, sponsor_id=4)),
        ("invite a contractor", ""): can_sponsor,
        ("choose another sponsor for an invited contractor", ""): can_administer,
        ("change the contractor's contract, disable the contractor", ""): lambda person: can_manage(person, 4),
        ("disable companies and internal users", ""): can_administer,
        ("propose the reset of a lost second factor", ""): lambda p: can_propose_reset(p, OTHER_PERSON, now=NOON),
        ("confirm the reset of a lost second factor", ""): lambda p: can_confirm_reset(p, WAITING_RESET, now=NOON),
        ("connect, change and test accounts", ""): can_administer,
        ("change the approval settings of the role", ""): can_administer,
        ("confirm an auto-approval policy", ""): lambda person: can_confirm_auto_approval_policy(
            person, AUTO_APPROVAL_POLICY, proposer=PROPOSER, now=NOON
        ),
        ("choose a delegate", ""): _may_delegate,
        ("create a role", ""): can_administer,
        ("change the permissions of the role", ""): can_administer,
        ("change the limits of the role, disable it", ""): can_administer,
        ("import a role, harden its trust policy", ""): can_administer,
        ("accept an unmanaged statement", ""): can_administer,
        ("withdraw a change of a role", ""): can_administer,
        ("confirm a change of a role that another administrator proposed", ""): lambda p: can_confirm(
            p, proposer=PROPOSER, now=NOON
        ),
        ("confirm a change of a role that they proposed themselves", ""): lambda p: can_confirm(
            p, proposer=p, now=NOON
        ),
        ("open the reviews", ""): _may_review,
        ("use the search", ""): _may_search,
        ("certify the role", ""): lambda person: can_certify_role(person, ROLE),
        ("certify the contractor's contract", ""): lambda person: can_manage(person, 4),
        ("see mutual approvals", ""): can_administer,
    }


def _may_delegate(person: PersonFacts) -> bool:
    colleague, until = PersonFacts(99, is_active=True), NOON + HOUR
    return person.user_id in ROLE.approver_ids and passes(
        lambda: check_can_delegate(person, colleague, from_at=NOON, until_at=until, now=NOON)
    )


def _may_review(person: PersonFacts) -> bool:
    decides = decides_about(person.user_id, ROLE, now=NOON)
    return can_review(person, decides=decides, is_sponsoring=person.user_id == WAITING.sponsor_id)


def _may_search(person: PersonFacts) -> bool:
    return can_search(person, decides=decides_about(person.user_id, ROLE, now=NOON))


def _of_break_glass() -> dict[tuple[str, str], May]:
    """Return what a rule of the administrator's lets the colleague do, which another administrator confirmed."""
    over = replace(GRANT, ends_at=NOON)
    waiting = replace(BREAK_GLASS_POLICY, is_confirmed=False)

    def may_use(person: PersonFacts) -> bool:
        own = person.user_id == BREAK_GLASS_REQUEST.requester_id
        facts = {"is_own": own, "is_offered": True, "is_break_glass": True}
        return passes(lambda: check_can_use(person, GRANT, **facts, now=NOON))

    return {
        ("create a break-glass policy that names the other internal user", ""): can_administer,
        ("confirm a break-glass policy that they created themselves", ""): lambda p: can_confirm_break_glass_policy(
            p, waiting, proposer=PROPOSER, now=NOON
        ),
        ("confirm a break-glass policy that another administrator created", ""): lambda p: (
            can_confirm_break_glass_policy(p, replace(waiting, made_by_id=99), proposer=PROPOSER, now=NOON)
        ),
        ("withdraw a break-glass policy", "in force"): lambda p: can_withdraw_break_glass_policy(p, BREAK_GLASS_POLICY),
        ("use break-glass", "in force"): lambda p: can_use_break_glass(
            p, BREAK_GLASS_POLICY, unreviewed=False, now=NOON
        ),
        ("use break-glass", "earlier grant not reviewed"): lambda p: can_use_break_glass(
            p, BREAK_GLASS_POLICY, unreviewed=True, now=NOON
        ),
        ("see the break-glass grant", "open"): lambda p: can_see(p, BREAK_GLASS_REQUEST, now=NOON),
        ("start a session of the break-glass grant", "open"): may_use,
        ("stop the break-glass grant", "open"): lambda p: can_revoke(p, BREAK_GLASS_REQUEST, GRANT, now=NOON),
        ("review the break-glass grant", "open"): lambda p: can_review_break_glass(
            p, BREAK_GLASS_REQUEST, GRANT, now=NOON
        ),
        ("review the break-glass grant", "over"): lambda p: can_review_break_glass(
            p, BREAK_GLASS_REQUEST, over, now=NOON
        ),
    }


def _of_request(state: str, request: RequestFacts) -> dict[tuple[str, str], May]:
    return {
        ("see the request", state): lambda person: can_see(person, request, now=NOON),
        ("withdraw the request", state): lambda person: can_withdraw(person, request),
        ("approve the request", state): lambda person: can_approve(person, request, now=NOON),
        ("approve the request with changes", state): lambda person: can_approve(person, request, now=NOON),
        ("deny the request", state): lambda person: can_decide(person, request, now=NOON),
        ("ask for information about the request", state): lambda person: can_ask_for_information(
            person, request, now=NOON
        ),
        ("answer a question about the request", state): lambda person: can_answer(person, request, was_asked=True),
    }


def _of_grant(state: str, grant: GrantFacts) -> dict[tuple[str, str], May]:
    def may_use(person: PersonFacts) -> bool:
        own = person.user_id == APPROVED.requester_id
        return passes(lambda: check_can_use(person, grant, is_own=own, is_offered=True, now=NOON))

    return {
        ("see the grant", state): lambda person: can_see(person, APPROVED, now=NOON),
        ("start a session through the portal", state): may_use,
        ("request an extension of the grant", state): lambda person: can_extend(person, APPROVED, grant, now=NOON),
        ("revoke or return the grant", state): lambda person: can_revoke(person, APPROVED, grant, now=NOON),
        ("download the evidence pack of the grant", state): lambda person: can_take_evidence(
            person, APPROVED, now=NOON
        ),
        ("certify the grant", state): lambda person: can_certify_grant(person, APPROVED, grant, now=NOON),
    }


def page() -> str:
    """Return the text of docs/reference/permissions.md."""
    lines = [["what", "state", *PEOPLE], ["---"] * (len(PEOPLE) + 2)]
    lines += [[what, state, *("yes" if may else "-" for may in cells)] for what, state, cells in table()]
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(update(ROOT / "docs" / "reference" / "permissions.md", page(), command="python -m dev.permissions"))
