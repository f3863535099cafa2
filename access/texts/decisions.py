"""Refusals about decisions, delegations, auto-approval and reviews."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "already_decided_by_you": Sentence(
        N_(
            "You have already approved or denied this request, and each person can do so only once. If the request "
            "needs more approvals, ask other approvers."
        ),
        Reader.APPROVER,
    ),
    "auto_approval_end_invalid": Sentence(
        N_many(
            "The end of an auto-approval policy must be in the future and at most {days} day from "
            "now. Choose another end.",
            "The end of an auto-approval policy must be in the future and at most {days} days from "
            "now. Choose another end.",
        ),
        Reader.ADMINISTRATOR,
        count="days",
    ),
    "auto_approval_ended": Sentence(
        N_(
            "This auto-approval policy has already ended. To approve such requests automatically again, create a new "
            "policy."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_hours_used": Sentence(
        N_(
            "This auto-approval policy has already approved as many hours as it can within seven days. An "
            "approver must approve or deny the request."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_longer_than_role": Sentence(
        N_("The role can be granted for at most {longest}. Choose a shorter duration."), Reader.ADMINISTRATOR
    ),
    "auto_approval_not_active": Sentence(
        N_("This auto-approval policy is not active. An approver must approve or deny the request."),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_not_pending": Sentence(
        N_(
            "This auto-approval policy is not awaiting confirmation: it has been confirmed or ended, "
            "or it has expired. Reload the page to see its state."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_other_scope": Sentence(
        N_(
            "This auto-approval policy is for a different role or company. An approver must approve or deny the "
            "request."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_outside_hours": Sentence(
        N_(
            "This auto-approval policy covers only access within these hours: {hours}. An approver must approve or "
            "deny the request."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_own": Sentence(
        N_("You created this auto-approval policy, so you cannot confirm it. Ask another administrator to confirm it."),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_requests_used": Sentence(
        N_(
            "This auto-approval policy has reached its limit of approved requests in seven days. An approver must "
            "approve or deny the request."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_too_long": Sentence(
        N_(
            "This auto-approval policy covers access of at most {longest}. An approver must approve or deny the "
            "request."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_vouched": Sentence(
        N_(
            "An administrator who created or confirmed this auto-approval policy also vouched for the AWS identity, "
            "so the policy does not apply. An approver must approve or deny the request."
        ),
        Reader.ADMINISTRATOR,
    ),
    "auto_approval_without_budget": Sentence(
        N_("The auto-approval policy has no weekly limit. Set a number of requests, a number of hours, or both."),
        Reader.ADMINISTRATOR,
    ),
    "decision_missing": Sentence(
        N_("You have not made a decision. Choose whether to approve or deny the request."), Reader.APPROVER
    ),
    "delegate_decided": Sentence(
        N_(
            "Your delegate has already approved or denied this request, and you share one vote with your delegate. "
            "If the request needs more approvals, ask other approvers."
        ),
        Reader.APPROVER,
    ),
    "delegate_is_yourself": Sentence(N_("You cannot be your own delegate. Choose someone else."), Reader.APPROVER),
    "delegate_not_active": Sentence(
        N_("A delegate must be an internal user with an active account. Choose such a user as your delegate."),
        Reader.APPROVER,
    ),
    "delegation_exists": Sentence(
        N_("You already have a current or planned delegation. End that delegation before you create another one."),
        Reader.APPROVER,
    ),
    "delegation_internal_only": Sentence(
        N_("Only internal users can approve requests and name a delegate. Sign in with an internal account."),
        Reader.REQUESTER,
    ),
    "delegation_too_long": Sentence(
        N_many(
            "A delegation can last at most {days} day and must start within {days} day from now. "
            "Choose a shorter period or an earlier start.",
            "A delegation can last at most {days} days and must start within {days} days from now. "
            "Choose a shorter period or an earlier start.",
        ),
        Reader.APPROVER,
        count="days",
    ),
    "delegation_window_invalid": Sentence(
        N_("The end of a delegation must be in the future and after its start. Choose another end."), Reader.APPROVER
    ),
    "delegator_decided": Sentence(
        N_(
            "You are the delegate of an approver, and the two of you share one vote. This vote has already "
            "been cast. If the request needs more approvals, ask other approvers."
        ),
        Reader.APPROVER,
    ),
    "needed_at_another_stage": Sentence(
        N_(
            "You cannot approve this stage, because another stage of this request needs approval from you. Each "
            "person can approve only one stage, so ask another approver to approve this stage."
        ),
        Reader.APPROVER,
    ),
    "needed_at_another_stage_as_delegate": Sentence(
        N_(
            "You cannot approve this stage, because another stage of this request needs approval from you, or from "
            "the approver you are a delegate for. Each person can approve only one stage, so ask another approver to "
            "approve this stage."
        ),
        Reader.APPROVER,
    ),
    "not_an_approver": Sentence(
        N_(
            "You are not an approver of this role. Ask an approver of the role for help, or ask an administrator to "
            "make you an approver."
        ),
        Reader.INTERNAL,
    ),
    "not_an_approver_at_stage": Sentence(
        N_(
            "You cannot approve or deny this request, because at its current stage you are neither an approver nor a "
            "delegate with a vote. Ask an approver of this stage."
        ),
        Reader.APPROVER,
    ),
    "not_an_approver_of_any_role": Sentence(
        N_(
            "You are not an approver of any role, so you do not need a delegate. If you should approve "
            "requests, ask an administrator to add you to a role."
        ),
        Reader.INTERNAL,
    ),
    "not_at_your_stage": Sentence(
        N_(
            "You are an approver at a different stage of this request. If the request has not reached your stage "
            "yet, wait for the email that says so."
        ),
        Reader.APPROVER,
    ),
    "nothing_to_review": Sentence(
        N_(
            "You are not responsible for any role or contractor, so you have nothing to review. If you should review "
            "access, ask an administrator to make you an approver or a sponsor."
        ),
        Reader.INTERNAL,
    ),
    "own_access_review": Sentence(
        N_("You cannot review your own access. Ask an approver of the role or an administrator to review your access."),
        Reader.INTERNAL,
    ),
    "own_identity_grant": Sentence(
        N_(
            "This grant is for your own AWS identity, so Daypass issues no credentials for it. Assume the role with "
            "your AWS identity. The request's page shows how."
        ),
        Reader.REQUESTER,
    ),
    "own_proposal": Sentence(
        N_("You proposed this change, so you cannot confirm it. Ask another administrator to confirm it."),
        Reader.ADMINISTRATOR,
    ),
    "own_request": Sentence(
        N_(
            "You cannot approve or deny your own request, and contractors cannot approve or deny any request. Wait "
            "until an approver of the role approves or denies the request."
        ),
        Reader.REQUESTER,
    ),
    "own_vouch": Sentence(
        N_(
            "You vouched for the AWS identity in this request, so you cannot approve or deny the request. Ask "
            "another approver of the role to approve or deny it."
        ),
        Reader.APPROVER,
    ),
    "page_outdated_change": Sentence(
        N_(
            "The proposed change has been replaced since this page was loaded. Open the proposed change again and "
            "review it before you confirm it."
        ),
        Reader.ADMINISTRATOR,
    ),
    "page_outdated_policy": Sentence(
        N_(
            "The break-glass policy has changed since this page was loaded. Open the policy again and review "
            "it before you confirm it."
        ),
        Reader.ADMINISTRATOR,
    ),
    "page_outdated_request": Sentence(
        N_(
            "The request has changed since this page was loaded. Open the request again and review it before you "
            "approve or deny it."
        ),
        Reader.APPROVER,
    ),
    "page_outdated_trust_policy": Sentence(
        N_(
            "The trust policy has changed since this page was loaded. Open the trust policy again and review "
            "it before you change it."
        ),
        Reader.ADMINISTRATOR,
    ),
    "reviews_internal_only": Sentence(
        N_("Only internal users can see access reviews. Sign in with an internal account."), Reader.ANYONE
    ),
    "role_reviews_internal_only": Sentence(
        N_("Only internal users can review roles. Sign in with an internal account."), Reader.ANYONE
    ),
    "stage_too_few_approvers": Sentence(
        N_(
            "Stage {stage} requires more approvals ({needed}) than it has approvers ({named}). Add "
            "approvers, or require fewer approvals."
        ),
        Reader.ADMINISTRATOR,
    ),
    "stages_too_few_approvers": Sentence(
        N_(
            "Stages {stages} together require more approvals from different people ({needed}) than "
            "they have approvers ({named}). Add approvers to one of these stages, or require fewer "
            "approvals."
        ),
        Reader.ADMINISTRATOR,
    ),
}
