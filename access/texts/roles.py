"""Refusals about roles, accounts and their policies."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "account_without_boundary": Sentence(
        N_(
            "This account has no permissions boundary, and Daypass creates no role "
            "without one. Connect the account again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "admitted_by_unmanaged_statement": Sentence(
        N_(
            "Another statement in this role's trust policy admits this identity at any time, or could. "
            "An administrator must change it in IAM."
        ),
        Reader.REQUESTER,
    ),
    "console_page_unknown": Sentence(N_("Choose a console page from the list."), Reader.REQUESTER),
    "hardening_in_progress": Sentence(
        N_("Another hardening change for this role is in progress. Check again in a few seconds."), Reader.INTERNAL
    ),
    "import_daypass_path": Sentence(
        N_("Daypass creates the roles under {path}. Import a role with another path, or create one here."),
        Reader.ADMINISTRATOR,
    ),
    "import_is_user": Sentence(
        N_("This is an IAM user. Only roles can be requested; create a role with the permissions you need."),
        Reader.ADMINISTRATOR,
    ),
    "import_other_account": Sentence(
        N_("This role is in account {account}. Choose that account, or connect it first."), Reader.ADMINISTRATOR
    ),
    "import_own_role": Sentence(
        N_("This role belongs to Daypass or to AWS and cannot be granted to anyone."), Reader.ADMINISTRATOR
    ),
    "invalid_values": Sentence(N_("{problems}"), Reader.ADMINISTRATOR),
    "managed_policy_invalid": Sentence(N_("{problem}"), Reader.ADMINISTRATOR),
    "no_issuer": Sentence(
        N_(
            "Daypass cannot issue credentials for this role because its account has no "
            "issuer. An administrator can set one."
        ),
        Reader.INTERNAL,
    ),
    "overflow_role_not_changeable": Sentence(
        N_("This is an overflow role. Change {role} instead; its overflow roles follow."), Reader.ADMINISTRATOR
    ),
    "permissions_changed_meanwhile": Sentence(
        N_("Someone else has changed the role's permissions. Review them first."), Reader.ADMINISTRATOR
    ),
    "person_gone": Sentence(N_("A person on the list no longer exists. Choose again."), Reader.ADMINISTRATOR),
    "role_being_created": Sentence(
        N_("The role is being created in AWS. Try again in a minute."), Reader.ADMINISTRATOR
    ),
    "role_can_bypass_expiry": Sentence(
        N_(
            "This role's permissions could undo the expiry of a grant ({actions}). An "
            "administrator must fix the role first."
        ),
        Reader.REQUESTER,
    ),
    "role_can_bypass_own_expiry": Sentence(
        N_(
            "Sessions of this role could undo their own expiry ({actions}). Remove those permissions in "
            "AWS, or mark the role's expiry as not enforceable; approvers see a warning."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_change_settled": Sentence(N_("This change has already been decided or has expired."), Reader.INTERNAL),
    "role_changed_since_proposal": Sentence(
        N_("The role has changed since this was proposed. Withdraw the change and propose it again."),
        Reader.ADMINISTRATOR,
    ),
    "role_disabled": Sentence(N_("This role is disabled. An administrator can enable it."), Reader.INTERNAL),
    "role_full": Sentence(
        N_("This role has no capacity left. Try again when another grant has ended."), Reader.REQUESTER
    ),
    "role_imported_permissions": Sentence(
        N_(
            "Daypass did not create this role and does not change its permissions. "
            "The role's owner changes them in AWS."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_name_exists": Sentence(N_("The account already has a role with this name."), Reader.ADMINISTRATOR),
    "role_name_fixed": Sentence(
        N_(
            "The role already exists in AWS or has been requested, so its name cannot "
            "change. Create another role instead."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_name_taken": Sentence(
        N_("The account already has a role with this name; IAM ignores case in role names. Choose another name."),
        Reader.ADMINISTRATOR,
    ),
    "role_not_portal_issued": Sentence(
        N_("This role does not allow portal-issued credentials. Allow them first, or choose another role."),
        Reader.INTERNAL,
    ),
    "role_not_read": Sentence(
        N_("The worker has not read this role in AWS yet. Check the status on its page, and enable it after that."),
        Reader.ADMINISTRATOR,
    ),
    "role_not_requestable": Sentence(
        N_("One of the roles cannot be requested. Choose roles from the list."), Reader.ADMINISTRATOR
    ),
    "role_not_yours": Sentence(N_("You cannot request this role. Choose one from the list."), Reader.REQUESTER),
    "role_share_full": Sentence(
        N_("One contractor can use at most {share} % of a role's capacity. End another grant first."), Reader.REQUESTER
    ),
    "role_tag_reserved": Sentence(
        N_("Daypass sets the tag {tag}, and AWS sets tags that begin with aws:. Remove them."), Reader.ADMINISTRATOR
    ),
    "role_too_many_policies": Sentence(
        N_("A role can have at most {most} policies, its inline policy included. Remove some."), Reader.ADMINISTRATOR
    ),
    "role_too_many_tags": Sentence(
        N_("A role can have at most {most} tags besides the one that Daypass sets. Remove some."), Reader.ADMINISTRATOR
    ),
    "role_without_permissions": Sentence(
        N_("The role would have no permissions. Choose a managed policy, or write an inline policy."),
        Reader.ADMINISTRATOR,
    ),
    "statement_action_invalid": Sentence(
        N_("This action is not available for that statement. Choose one from the page."), Reader.ADMINISTRATOR
    ),
    "statement_gone": Sentence(
        N_("This statement no longer exists. Review the trust policy again."), Reader.ADMINISTRATOR
    ),
    "statement_not_pending": Sentence(
        N_("This statement is no longer awaiting an administrator. Reload the role's page."), Reader.ADMINISTRATOR
    ),
    "trust_policy_not_writable": Sentence(N_("{problem} Until then no access can be granted here."), Reader.REQUESTER),
    "unmanaged_statements_unreadable": Sentence(
        N_(
            "Daypass cannot determine whom other statements of this role's trust policy admit, so it "
            "grants no access here. An administrator must change them in IAM."
        ),
        Reader.REQUESTER,
    ),
}
