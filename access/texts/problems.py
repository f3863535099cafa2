"""What keeps a role or a grant from being in AWS as it is here, and why something was not done. All of it is stored."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "approval_needed_again": Sentence(N_("A new approval is needed. Request access again."), Reader.REQUESTER),
    "audit_log_unavailable": Sentence(
        N_("The audit log accepts no entries, so nobody gets new or longer access. Daypass tries again automatically."),
        Reader.ANYONE,
    ),
    "clocks_apart": Sentence(
        N_("Clocks differ by {seconds} seconds. Ahead: {ahead}. Behind: {behind}. An administrator must correct them."),
        Reader.ADMINISTRATOR,
    ),
    "clocks_unknown": Sentence(
        N_("AWS's answers do not say what time it is there, so the clocks cannot be compared."), Reader.ADMINISTRATOR
    ),
    "clock_of_aws": Sentence(N_("AWS as seen by {process}"), Reader.ADMINISTRATOR),
    "deny_blocks_access": Sentence(
        N_(
            "A Deny that Daypass does not manage refuses this access in the role's trust policy. "
            "An administrator must change or remove that Deny in IAM."
        ),
        Reader.ANYONE,
    ),
    "deny_blocks_access_named": Sentence(
        N_(
            "A Deny that Daypass does not manage ({sid}) refuses this access in the role's trust policy. "
            "An administrator must change or remove that Deny in IAM."
        ),
        Reader.ANYONE,
    ),
    "deny_ends_access": Sentence(
        N_(
            "A Deny that Daypass does not manage refuses everything to this access, in the role's inline policy "
            "daypass-closing. An administrator must remove that Deny in IAM."
        ),
        Reader.ANYONE,
    ),
    "deny_has_grant_name": Sentence(
        N_(
            "A Deny that Daypass does not manage has the name of this access in the role's trust policy. "
            "An administrator must remove or rename it in IAM."
        ),
        Reader.ANYONE,
    ),
    "external_id_not_accepted": Sentence(
        N_("The external id of this grant has characters that IAM does not accept."), Reader.ANYONE
    ),
    "failed_unexpectedly": Sentence(
        N_("Daypass failed with an unexpected error ({kind}). The log has the details."), Reader.ANYONE
    ),
    "hardening_changed_meanwhile": Sentence(
        N_(
            "Somebody changed the trust policy in AWS meanwhile, so nothing was written. Review the trust policy again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "hardening_condition_exists": Sentence(
        N_("The statement already has a condition on {key}. Choose another change."), Reader.ADMINISTRATOR
    ),
    "hardening_condition_unreadable": Sentence(
        N_("The Condition of the statement cannot be read. Correct it in IAM first."), Reader.ADMINISTRATOR
    ),
    "hardening_needs_allow": Sentence(
        N_("Only an Allow can be hardened: with less of a Deny, more is allowed."), Reader.ADMINISTRATOR
    ),
    "hardening_not_as_proposed": Sentence(
        N_("Daypass's check found that the change would do something else: {findings}"), Reader.ADMINISTRATOR
    ),
    "hardening_statement_gone": Sentence(
        N_("The statement is no longer in the trust policy. Review the trust policy again."), Reader.ADMINISTRATOR
    ),
    "hardening_too_late": Sentence(
        N_("AWS did not answer for an hour, so nothing was written. Request the change again."), Reader.ADMINISTRATOR
    ),
    "internal_error": Sentence(
        N_(
            "Daypass met an error of its own at this role ({kind}). Revoked and ended grants are still denied in AWS "
            "where AWS accepts it. Everything else is retried automatically. The worker's log has the details."
        ),
        Reader.ANYONE,
    ),
    "issuance_interrupted": Sentence(
        N_("Daypass was interrupted. If a session was opened, nobody was given it."), Reader.REQUESTER
    ),
    "issuer_is_another": Sentence(N_("A portal-issued grant can name only the portal's own issuer."), Reader.ANYONE),
    "not_extended_clocks_apart": Sentence(
        N_("The clocks differ too much to extend access. Daypass tries again automatically."), Reader.ANYONE
    ),
    "plan_not_possible": Sentence(
        N_(
            "Daypass could not work out what it would write to this role ({kind}). "
            "An administrator must check the role's trust policy in IAM."
        ),
        Reader.ANYONE,
    ),
    "principal_deleted": Sentence(
        N_("The principal was deleted in the contractor's account. A new approval is needed."), Reader.ANYONE
    ),
    "principal_in_other_partition": Sentence(
        N_("The principal is in partition {partition}, the role in {ours}. Choose a principal in {ours}."),
        Reader.ANYONE,
    ),
    "principal_in_own_account": Sentence(
        N_("The principal is in the role's own account. Name the user or role in the contractor's account."),
        Reader.ANYONE,
    ),
    "principal_invalid": Sentence(N_("The principal's ARN is not valid: {problem}"), Reader.ANYONE),
    "principal_not_in_iam": Sentence(
        N_("IAM has no such user or role. Check the ARN with the contractor; Daypass tries again automatically."),
        Reader.ANYONE,
    ),
    "principal_recreated": Sentence(
        N_(
            "The identity was proven again with another unique id: it was deleted and recreated. "
            "A new approval is needed."
        ),
        Reader.ANYONE,
    ),
    "role_trusts_itself": Sentence(N_("A role cannot be trusted to assume itself."), Reader.ANYONE),
    "session_name_not_ours": Sentence(
        N_("The session name of this grant is not one that Daypass makes."), Reader.ANYONE
    ),
    "source_not_accepted": Sentence(N_("A source address of this grant is not one that IAM accepts."), Reader.ANYONE),
    "stored_by_another_version": Sentence(
        N_("Another version of Daypass stored the code {stored} here. Its log explains it."), Reader.ANYONE
    ),
    "trust_policy_full": Sentence(
        N_(
            "The role's trust policy has no capacity left for this grant. Daypass tries again automatically; "
            "an administrator can end other grants."
        ),
        Reader.ANYONE,
    ),
    "unique_id_not_accepted": Sentence(N_("The unique id of the principal is not one that IAM makes."), Reader.ANYONE),
    "unmanaged_admits_principal": Sentence(
        N_(
            "Other statements of the role's trust policy admit this principal by themselves, or could, whatever the "
            "window. An administrator must change them in IAM."
        ),
        Reader.ANYONE,
    ),
    "unmanaged_beside_default_deny": Sentence(
        N_(
            "An unmanaged statement is beside the default-deny statement in the role's trust policy. Daypass writes no "
            "access there until an administrator accepts it on the role's page or removes it in IAM."
        ),
        Reader.ANYONE,
    ),
    "unmanaged_excepts_deleted_principal": Sentence(
        N_("An unmanaged statement excepts a deleted principal (NotPrincipal). Its owner must fix it in IAM."),
        Reader.ANYONE,
    ),
    "unmanaged_undecided": Sentence(
        N_(
            "Daypass could not decide whether other statements of the role's trust policy admit this principal "
            "({kind}). They count as admitting it. An administrator must change those statements in IAM."
        ),
        Reader.ANYONE,
    ),
    "window_empty": Sentence(N_("The window of this grant ends before it starts."), Reader.ANYONE),
    "window_not_whole_seconds": Sentence(
        N_("The window of this grant is not in whole seconds, as IAM reads it."), Reader.ANYONE
    ),
}
