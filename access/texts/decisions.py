"""Refusals about decisions, delegations, auto-approval and reviews."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "already_decided_by_you": Sentence(N_("You have already decided this request."), Reader.APPROVER),
    "auto_approval_end_invalid": Sentence(
        N_("An auto-approval policy must end in the future and within {days} days. Choose another end."),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_ended": Sentence(N_("This auto-approval policy has already been ended."), Reader.APPROVER),
    "auto_approval_hours_used": Sentence(
        N_("This auto-approval policy has reached its limit of hours for the last seven days."), Reader.ADMINISTRATOR
    ),
    "auto_approval_longer_than_role": Sentence(
        N_("The role allows at most {longest}. Choose a shorter length."), Reader.ADMINISTRATOR
    ),
    "auto_approval_not_active": Sentence(N_("This auto-approval policy is not active."), Reader.ADMINISTRATOR),
    "auto_approval_not_pending": Sentence(
        N_("This auto-approval policy is no longer awaiting confirmation."), Reader.APPROVER
    ),
    "auto_approval_other_scope": Sentence(
        N_("This auto-approval policy covers another role or company."), Reader.ADMINISTRATOR
    ),
    "auto_approval_outside_hours": Sentence(N_("This auto-approval policy covers only {hours}."), Reader.ADMINISTRATOR),
    "auto_approval_own": Sentence(
        N_("You created this auto-approval policy. Another administrator must confirm it."), Reader.ADMINISTRATOR
    ),
    "auto_approval_requests_used": Sentence(
        N_("This auto-approval policy has reached its limit of requests for the last seven days."), Reader.ADMINISTRATOR
    ),
    "auto_approval_too_long": Sentence(N_("This auto-approval policy covers at most {longest}."), Reader.ADMINISTRATOR),
    "auto_approval_vouched": Sentence(
        N_(
            "The person who created this auto-approval policy vouched for the AWS "
            "identity, so someone else must decide."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_without_budget": Sentence(
        N_("Set a weekly limit: a number of requests, hours, or both."), Reader.ADMINISTRATOR
    ),
    "decision_missing": Sentence(N_("Choose to approve or deny."), Reader.ANYONE),
    "delegate_decided": Sentence(N_("Your delegate has already decided this request for you."), Reader.APPROVER),
    "delegate_is_yourself": Sentence(N_("You cannot be your own delegate. Choose someone else."), Reader.APPROVER),
    "delegate_not_active": Sentence(N_("Choose an active internal user as your delegate."), Reader.APPROVER),
    "delegation_exists": Sentence(N_("You already have a delegate. End that delegation first."), Reader.APPROVER),
    "delegation_internal_only": Sentence(
        N_("Only internal users approve requests, so only they can name a delegate."), Reader.ANYONE
    ),
    "delegation_too_long": Sentence(
        N_("A delegation can last at most {days} days and start at most {days} days from now. Choose earlier dates."),
        Reader.APPROVER,
    ),
    "delegation_window_invalid": Sentence(
        N_("The end of a delegation must be after its start and in the future. Choose another end."), Reader.APPROVER
    ),
    "delegator_decided": Sentence(
        N_("The approver you are covering for has already decided this request."), Reader.APPROVER
    ),
    "needed_at_another_stage": Sentence(
        N_("Each person can approve only once, and another stage needs {names}. Let someone else approve this stage."),
        Reader.APPROVER,
    ),
    "not_an_approver": Sentence(N_("You are not an approver of this role."), Reader.REQUESTER),
    "not_an_approver_at_stage": Sentence(
        N_("You are not an approver at the request's current stage."), Reader.APPROVER
    ),
    "not_an_approver_of_any_role": Sentence(
        N_("You are not an approver of any role, so there is nothing to delegate."), Reader.APPROVER
    ),
    "not_at_your_stage": Sentence(
        N_("This request is at another stage, which other approvers decide."), Reader.APPROVER
    ),
    "nothing_to_review": Sentence(
        N_("You are not responsible for any role or contractor, so there is nothing to review."), Reader.APPROVER
    ),
    "own_access_review": Sentence(N_("You cannot review your own access."), Reader.APPROVER),
    "own_identity_grant": Sentence(
        N_("This grant is used with your own AWS identity; Daypass issues no credentials for it."), Reader.REQUESTER
    ),
    "own_proposal": Sentence(
        N_("You proposed this yourself. Another administrator must confirm it."), Reader.ADMINISTRATOR
    ),
    "own_request": Sentence(
        N_("You cannot decide your own request, and contractors cannot decide any."), Reader.REQUESTER
    ),
    "own_vouch": Sentence(
        N_("You vouched for the AWS identity in this request, so someone else must decide it."), Reader.REQUESTER
    ),
    "page_outdated_change": Sentence(
        N_("The change is not the one that this page showed. Review it again."), Reader.ADMINISTRATOR
    ),
    "page_outdated_policy": Sentence(
        N_("The policy has changed since this page was loaded. Review it again before you confirm it."), Reader.INTERNAL
    ),
    "page_outdated_request": Sentence(
        N_("The request has changed since this page was loaded. Review it again before you decide."), Reader.APPROVER
    ),
    "page_outdated_trust_policy": Sentence(
        N_("The trust policy has changed since this page was loaded. Review it again."), Reader.ADMINISTRATOR
    ),
    "reviews_internal_only": Sentence(N_("Only internal users can see reviews."), Reader.APPROVER),
    "role_reviews_internal_only": Sentence(N_("Only internal users can review roles."), Reader.APPROVER),
    "stage_too_few_approvers": Sentence(
        N_(
            "Stage {stage} needs {needed} approvals and has {named} approvers. Add "
            "approvers, or require fewer approvals."
        ),
        Reader.APPROVER,
    ),
    "stages_too_few_approvers": Sentence(
        N_(
            "Stages {stages} together need {needed} approvals from different people and have {named} "
            "approvers. Add approvers to one of them, or require fewer approvals."
        ),
        Reader.APPROVER,
    ),
}
