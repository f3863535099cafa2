"""Compute and verify what a role should contain, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from access import aws, trust, verify
from access.guarding import guarded
from access.lifecycle import GrantFacts, Problem, RoleFacts, is_over
from access.models import Grant, Role
from access.reconcile import unmanaged
from access.texts.text import CodedError, Text
from access.trust import CompiledTrust, Document, Unmanaged

log = structlog.get_logger(__name__)

LeftOut = dict[str, tuple[Problem, Text]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The content that a role should have at the time `at`; `left_out` says which grants are not written, and why.

    `new` names the grants that were never in AWS, so they have no sessions yet. `blocked` names the grants that are
    written although an unmanaged Deny blocks them, with the text. `not_extended` says why some grants keep the end that
    they have in AWS. If `is_partial` is true, the plan only ends access; the next plan decides whether anybody is
    admitted.
    """

    role: RoleFacts
    grants: tuple[GrantFacts, ...]
    trust: Document
    expiry_policy: Document | None
    left_out: LeftOut
    new: frozenset[str]
    compiled: CompiledTrust
    unmanaged: tuple[Unmanaged, ...]
    blocked: Mapping[str, Text]
    at: datetime
    not_extended: LeftOut = field(default_factory=dict)
    is_partial: bool = False

    @property
    def never_written(self) -> frozenset[str]:
        """The new grants that are left out. They have no session that could need a Deny."""
        return self.new & frozenset(self.left_out)


class Undecided(CodedError):
    """The verifier failed for a grant, which is therefore left out. Everything else was written."""


class VerifierRefused(CodedError):
    """The compiled documents do not match the grants, so nothing is written. The facts contain the findings."""


def facts_of(rows: Sequence[Grant]) -> tuple[GrantFacts, ...]:
    return tuple(row.facts() for row in rows)


def make_plan(
    role: RoleFacts,
    grants: tuple[GrantFacts, ...],
    observed: aws.RoleSnapshot,
    left_out: LeftOut,
    *,
    at: datetime,
    accepted: frozenset[str] = frozenset(),
    former: frozenset[str] = frozenset(),
) -> Plan:
    """Compile both documents and let the verifier check them; raises VerifierRefused or trust.NotWritable.

    `former` names the sessions in the expiry policy whose grants the role had earlier.
    """
    compiled = trust.compile_trust_policy(
        role, grants, present=observed.trust, now=at, leave_out=left_out, accepted=accepted
    )
    new = never_in_aws(role, grants, observed)
    left_out = dict(compiled.left_out)
    expiry_policy = trust.compile_expiry_policy(
        role, grants, now=at, never_written=new & frozenset(left_out), present=observed.expiry_policy, former=former
    )
    findings = verify.check(
        role,
        grants,
        trust=compiled.document,
        expiry_policy=expiry_policy,
        left_out=frozenset(left_out),
        before=observed.trust,
        expiry_policy_before=observed.expiry_policy,
        now=at,
        accepted=accepted,
        former=former,
    )
    if findings:
        raise VerifierRefused("verifier_refused", findings=findings)
    by_hand = _unmanaged_in_expiry(role, grants, observed, former=former)
    blocked = _ended_by_hand(role, grants, by_hand, at=at) | _blocked(grants, compiled, at=at)
    found = (*compiled.unmanaged, *by_hand)
    return Plan(role, grants, compiled.document, expiry_policy, left_out, new, compiled, found, blocked, at)


def _unmanaged_in_expiry(
    role: RoleFacts, grants: Sequence[GrantFacts], observed: aws.RoleSnapshot, *, former: frozenset[str]
) -> tuple[Unmanaged, ...]:
    known = former | {grant.session_name for grant in grants}
    return tuple(trust.unmanaged_in_expiry(role, observed.expiry_policy, known=known))


def _blocked(grants: Sequence[GrantFacts], compiled: CompiledTrust, *, at: datetime) -> dict[str, Text]:
    """Return the written grants that an unmanaged Deny in the trust policy blocks, each with the text for people."""
    if not any(one.fate is trust.Fate.DENY for one in compiled.unmanaged):
        return {}
    known, blocked = frozenset(grant.session_name for grant in grants), {}
    for grant in grants:
        if is_over(grant, now=at) or grant.session_name in compiled.left_out:
            continue
        moment = max(at, grant.starts_at)
        sid = guarded(partial(verify.blocking_deny, compiled.document, grant, known=known, at=moment))
        if isinstance(sid, Exception):
            log.error("verifier.failed", grant=grant.session_name, exc_info=sid)
        elif sid is not None:
            blocked[grant.session_name] = (
                Text("deny_blocks_access_named", {"sid": sid}) if sid else Text("deny_blocks_access")
            )
    return blocked


def _ended_by_hand(
    role: RoleFacts, grants: Sequence[GrantFacts], by_hand: Sequence[Unmanaged], *, at: datetime
) -> dict[str, Text]:
    """Return the grants whose sessions an unmanaged Deny in the expiry policy denies everything, each with the text."""
    denies = {"Statement": [one.statement for one in by_hand if one.fate is trust.Fate.DENY]}
    if not denies["Statement"]:
        return {}
    return {
        grant.session_name: Text("deny_ends_access")
        for grant in grants
        if not is_over(grant, now=at)
        and verify.denies(denies, user_id=f"{role.unique_id}:{grant.session_name}", at=max(at, grant.starts_at))
    }


def never_in_aws(role: RoleFacts, grants: Sequence[GrantFacts], observed: aws.RoleSnapshot) -> frozenset[str]:
    """Return the names of the grants whose statement was never sent to AWS and of which AWS shows nothing."""
    present = {str(statement.get("Sid")) for statement in verify.statement_list(observed.trust)}
    return frozenset(
        grant.session_name
        for grant in grants
        if grant.written_at is None
        and grant.applied_at is None
        and grant.session_name not in present
        and not verify.denies(
            observed.expiry_policy, user_id=f"{role.unique_id}:{grant.session_name}", at=grant.ends_at
        )
    )


def foresee(role: Role, given: Sequence[GrantFacts], *, now: datetime) -> Plan:
    """Return the plan that the worker would make if the grants `given` were added or changed now.

    It assumes that AWS is still as it was last read. Raises VerifierRefused or trust.NotWritable if nothing could be
    written.
    """
    plan = guarded(partial(_foresee, role, given, now=now))
    if not isinstance(plan, Exception):
        return plan
    if isinstance(plan, VerifierRefused | trust.NotWritable):
        raise plan
    log.error("plan.failed", role=role.arn, exc_info=plan)
    raise VerifierRefused("plan_not_possible", kind=type(plan).__name__) from plan


def _foresee(role: Role, given: Sequence[GrantFacts], *, now: datetime) -> Plan:
    rows = role.grants.in_documents(now=now) if role.pk else ()
    known = {row.session_name: row.facts() for row in rows}
    grants = tuple((known | {one.session_name: one for one in given}).values())
    observed = aws.RoleSnapshot(
        role.arn, role.unique_id, role.state.observed_trust or {}, role.state.observed_expiry_policy
    )
    left_out, facts = kept_out(grants, observed, managed=role.is_managed, at=now), role.facts()
    former = role.grants.former(observed.expiry_policy, role=facts, beside=grants) if role.pk else frozenset()
    return make_plan(facts, grants, observed, left_out, at=now, accepted=unmanaged.accepted(role), former=former)


def kept_out(grants: Sequence[GrantFacts], observed: aws.RoleSnapshot, *, managed: bool, at: datetime) -> LeftOut:
    """Return the grants that must not be written, according to what AWS contains now.

    On a managed role, an unmanaged Allow blocks no grant, because the plan removes the Allow. If the verifier fails for
    a grant, only this grant is kept out. All others are written and ended as usual.
    """
    known = frozenset(grant.session_name for grant in grants)
    out: LeftOut = {}
    for grant in grants:
        if is_over(grant, now=at):
            continue
        reason = guarded(partial(_why_kept_out, grant, observed, known=known, managed=managed, at=at))
        if isinstance(reason, Exception):
            log.error("verifier.failed", role=observed.arn, grant=grant.session_name, exc_info=reason)
            reason = (Problem.INTERNAL_ERROR, Text("unmanaged_undecided", {"kind": type(reason).__name__}))
        if reason:
            out[grant.session_name] = reason
    return out


def _why_kept_out(
    grant: GrantFacts, observed: aws.RoleSnapshot, *, known: frozenset[str], managed: bool, at: datetime
) -> tuple[Problem, Text] | None:
    if grant.session_name in verify.with_deleted_principal(observed.trust):
        return Problem.PRINCIPAL_DELETED, Text("principal_deleted")
    if not managed and verify.unmanaged_admits(observed.trust, grant, known=known, at=at):
        return Problem.ADMITTED_BY_UNMANAGED, Text("unmanaged_admits_principal")
    return None


def check_decided(plan: Plan) -> None:
    """Raise Undecided if the verifier failed for a grant, so that the failure is counted and shown."""
    undecided = [text for problem, text in plan.left_out.values() if problem is Problem.INTERNAL_ERROR]
    if undecided:
        raise Undecided(undecided[0].code, **undecided[0].facts)


def to_leave_out(plan: Plan, observed: aws.RoleSnapshot, error: aws.PrincipalMissing | aws.PolicyFull) -> LeftOut:
    """Return the grants to leave out so that IAM accepts the others. One grant must not delay the end of another.

    If IAM did not find a principal, these are its grants, or every new grant if the principal belongs to no grant. If
    the policy is full, this is the last new grant. If there is none, the Denies of ended grants that were never in AWS
    are left out. If no grant can be the reason, raise the error again.
    """
    written = [g for g in plan.grants if g.session_name not in plan.left_out and not is_over(g, now=plan.at)]
    present = {str(statement.get("Sid")) for statement in verify.statement_list(observed.trust)}
    new = sorted((g for g in written if g.session_name not in present), key=lambda grant: grant.starts_at)
    if isinstance(error, aws.PolicyFull):
        over = [g for g in plan.grants if g.session_name in plan.new - plan.never_written and is_over(g, now=plan.at)]
        guilty, reason = new[-1:] or over, (Problem.POLICY_FULL, Text("trust_policy_full"))
    else:
        named = [grant for grant in written if grant.principal_arn in error.principals]
        guilty, reason = named or new, (Problem.PRINCIPAL_MISSING, Text("principal_not_in_iam"))
    if not guilty:
        raise error
    return {grant.session_name: reason for grant in guilty}


def lacks_deny(plan: Plan, observed: aws.RoleSnapshot) -> bool:
    """Return whether the verifier finds a Deny in the plan that it does not find in AWS. The texts are not compared."""
    for grant in plan.grants:
        user_id = f"{plan.role.unique_id}:{grant.session_name}"
        at = plan.at if is_over(grant, now=plan.at) else grant.ends_at
        if verify.denies(plan.expiry_policy, user_id=user_id, at=at) and not verify.denies(
            observed.expiry_policy, user_id=user_id, at=at
        ):
            return True
    return False


def restricts(plan: Plan, observed: aws.RoleSnapshot) -> bool:
    """Return whether the plan denies a session that none of Daypass's own Denies in AWS denies as early.

    A Deny that somebody else added does not count, because they could remove it before the session ends.
    """
    known = frozenset(grant.session_name for grant in plan.grants)
    ours = verify.own_denies(plan.role, observed.expiry_policy, known=known)
    return any(
        not verify.denies(
            ours,
            user_id=f"{plan.role.unique_id}:{grant.session_name}",
            at=plan.at if is_over(grant, now=plan.at) else grant.ends_at,
        )
        for grant in plan.grants
        if grant.session_name not in plan.never_written
    )
