"""What keeps a role or a grant from being in AWS as it is here, and why something was not done. All of it is stored."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "approval_needed_again": Sentence(N_("This access needs a new approval. Request access again."), Reader.REQUESTER),
    "audit_log_unavailable": Sentence(
        N_(
            "The audit log cannot store new entries, so Daypass neither grants nor extends access. Daypass tries "
            "again automatically."
        ),
        Reader.ANYONE,
    ),
    "clocks_apart": Sentence(
        N_many(
            "Clocks differ by {seconds} second: the clock of {ahead} is ahead of the clock of "
            "{behind}. Ask an operator to synchronise the clocks with NTP.",
            "Clocks differ by {seconds} seconds: the clock of {ahead} is ahead of the clock of "
            "{behind}. Ask an operator to synchronise the clocks with NTP.",
        ),
        Reader.ADMINISTRATOR,
        count="seconds",
    ),
    "clocks_unknown": Sentence(
        N_(
            "AWS's responses do not contain the time, so the clocks cannot be compared. Ask an "
            "operator to check the connection to AWS."
        ),
        Reader.ADMINISTRATOR,
    ),
    "deny_blocks_access": Sentence(
        N_(
            "The role's trust policy contains a Deny statement that Daypass does not manage, and this "
            "statement blocks the access. Ask an administrator to change or remove the statement in IAM."
        ),
        Reader.ANYONE,
    ),
    "deny_blocks_access_named": Sentence(
        N_(
            "The role's trust policy contains a Deny statement ({sid}) that Daypass does not manage, and "
            "this statement blocks the access. Ask an administrator to change or remove the statement in IAM."
        ),
        Reader.ANYONE,
    ),
    "deny_ends_access": Sentence(
        N_(
            "The role's inline policy daypass-closing contains a Deny statement that Daypass did not write, "
            "and this statement denies everything to this grant's sessions. Ask an administrator to remove "
            "the statement in IAM."
        ),
        Reader.ANYONE,
    ),
    "deny_has_grant_name": Sentence(
        N_(
            "The role's trust policy contains a Deny statement that has the Sid of this grant but is not "
            "managed by Daypass. Ask an administrator to remove the statement or change its Sid in IAM."
        ),
        Reader.ANYONE,
    ),
    "external_id_not_accepted": Sentence(
        N_(
            "The external ID of this grant contains characters that IAM does not accept. Ask an "
            "administrator to change the role's external ID, then request access again."
        ),
        Reader.ANYONE,
    ),
    "failed_unexpectedly": Sentence(
        N_("Daypass encountered an unexpected error ({kind}). Ask an operator to check the log."), Reader.ANYONE
    ),
    "hardening_changed_meanwhile": Sentence(
        N_(
            "The trust policy has been changed in AWS since you opened the page, so Daypass did not apply the"
            " hardening change. Open the trust policy again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "hardening_condition_exists": Sentence(
        N_("The statement that you want to harden already has a condition on {key}. Choose another hardening change."),
        Reader.ADMINISTRATOR,
    ),
    "hardening_condition_unreadable": Sentence(
        N_(
            "Daypass cannot read the Condition of the statement that you want to harden. Correct that Condition in "
            "IAM, then choose the hardening change again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "hardening_needs_allow": Sentence(
        N_(
            "The statement that you want to harden is a Deny statement. Daypass hardens only Allow statements, "
            "because a restricted Deny would deny less. If necessary, change the Deny statement in IAM."
        ),
        Reader.ADMINISTRATOR,
    ),
    "hardening_not_as_proposed": Sentence(
        N_(
            "Daypass did not apply the hardening change, because it would not do what the page says: "
            "{findings} In IAM, change the statement that you chose on the page: add the condition, or remove"
            " the statement, as the page proposed."
        ),
        Reader.ADMINISTRATOR,
    ),
    "hardening_statement_gone": Sentence(
        N_("The statement that you want to harden is no longer in the trust policy. Open the trust policy again."),
        Reader.ADMINISTRATOR,
    ),
    "hardening_too_late": Sentence(
        N_(
            "AWS did not respond for an hour, so Daypass did not apply the hardening change. Choose the "
            "hardening change again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "internal_error": Sentence(
        N_(
            "Daypass encountered an internal error while updating this role ({kind}). Daypass still tries to "
            "deny revoked and ended grants in AWS, and retries everything else automatically. For details, "
            "ask an operator to check the worker's log."
        ),
        Reader.ANYONE,
    ),
    "issuance_interrupted": Sentence(
        N_("Daypass was interrupted while it started a session, and issued no credentials. Start the session again."),
        Reader.REQUESTER,
    ),
    "issuer_is_another": Sentence(
        N_("The account's issuer has changed since this access was granted. Request access again."), Reader.ANYONE
    ),
    "not_extended_clocks_apart": Sentence(
        N_(
            "The clocks of Daypass, its database and AWS differ too much to extend access. Daypass tries again "
            "automatically."
        ),
        Reader.ANYONE,
    ),
    "plan_not_possible": Sentence(
        N_(
            "Daypass could not determine which policies to write to this role ({kind}). Ask an administrator "
            "to check the role's trust policy in IAM."
        ),
        Reader.ANYONE,
    ),
    "principal_deleted": Sentence(
        N_(
            "The user or role was deleted in the contractor's account. Prove the AWS identity again, "
            "then request access again."
        ),
        Reader.ANYONE,
    ),
    "principal_in_other_partition": Sentence(
        N_(
            "The AWS identity is in partition {partition} and the role is in {ours}. Request access "
            "with an identity in partition {ours}."
        ),
        Reader.ANYONE,
    ),
    "principal_in_own_account": Sentence(
        N_(
            "The AWS identity is in the role's own account. Request access with a user or role in the"
            " contractor's account."
        ),
        Reader.ANYONE,
    ),
    "principal_invalid": Sentence(N_("The ARN of the AWS identity is invalid: {problem}"), Reader.ANYONE),
    "principal_not_in_iam": Sentence(
        N_(
            "The user or role with the ARN of this AWS identity does not exist in IAM. Check the ARN with the "
            "contractor. Daypass tries again automatically."
        ),
        Reader.ANYONE,
    ),
    "principal_recreated": Sentence(
        N_(
            "The AWS identity was proven again and has a different unique ID, because the user or role was deleted "
            "and created again. Request access again."
        ),
        Reader.ANYONE,
    ),
    "role_trusts_itself": Sentence(
        N_(
            "The AWS identity is the role itself, and a role cannot be granted to itself. Request "
            "access with another identity."
        ),
        Reader.ANYONE,
    ),
    "session_name_not_ours": Sentence(
        N_("The session name of this grant is not in the format that Daypass uses. Request access again."),
        Reader.ANYONE,
    ),
    "source_not_accepted": Sentence(
        N_(
            "A source address of this grant is in a format that IAM does not accept. Request access again "
            "with other source addresses."
        ),
        Reader.ANYONE,
    ),
    "stored_by_another_version": Sentence(
        N_(
            "Another version of Daypass stored this message with the code {stored}. Find the code in that "
            "version's list of error codes."
        ),
        Reader.ANYONE,
    ),
    "trust_policy_full": Sentence(
        N_(
            "The role's trust policy has no space for this grant. Daypass tries again automatically. To make "
            "space, an administrator can revoke other grants."
        ),
        Reader.ANYONE,
    ),
    "unique_id_not_accepted": Sentence(
        N_(
            "The unique ID of the AWS identity is not in the format that IAM uses. Prove the identity again, "
            "then request access again."
        ),
        Reader.ANYONE,
    ),
    "unmanaged_admits_principal": Sentence(
        N_(
            "A statement in the role's trust policy that Daypass does not manage allows, or might allow, the AWS "
            "identity to assume the role outside the grant's window. Ask an administrator to remove or restrict the "
            "unmanaged statement in IAM."
        ),
        Reader.ANYONE,
    ),
    "unmanaged_beside_default_deny": Sentence(
        N_(
            "The role's trust policy contains an unexpected statement in addition to the default-deny statement, so "
            "Daypass grants no access. Ask an administrator to accept the unexpected statement on the role's page, "
            "or to remove it in IAM."
        ),
        Reader.ANYONE,
    ),
    "unmanaged_excepts_deleted_principal": Sentence(
        N_(
            "In the role's trust policy, the NotPrincipal of a statement names a deleted user or role. IAM "
            "does not accept such a policy, so Daypass cannot write it. Ask the role's owner to remove the "
            "deleted user or role from NotPrincipal in IAM."
        ),
        Reader.ANYONE,
    ),
    "unmanaged_undecided": Sentence(
        N_(
            "The role's trust policy contains statements that Daypass does not manage, and Daypass could not "
            "determine whether they admit the AWS identity ({kind}), so it assumes that they do. Ask an "
            "administrator to remove or restrict the unmanaged statements in IAM."
        ),
        Reader.ANYONE,
    ),
    "window_empty": Sentence(
        N_("The window of this grant ends before it starts. Request access again."), Reader.ANYONE
    ),
    "window_not_whole_seconds": Sentence(
        N_("The window of this grant contains fractions of a second, which IAM does not accept. Request access again."),
        Reader.ANYONE,
    ),
}
