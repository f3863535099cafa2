"""Refusals about roles, accounts and their policies."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "choice_action_unknown": Sentence(
        N_("AWS has no action {typed}. Choose an action from the list."), Reader.ADMINISTRATOR
    ),
    "choice_resource_invalid": Sentence(
        N_("{typed} is not a valid resource. Enter an ARN, such as arn:{partition}:…, or enter * for all resources."),
        Reader.ADMINISTRATOR,
    ),
    "choice_service_guessed": Sentence(
        N_("AWS has no service {typed}. Did you mean {guess} ({name})? Choose a service from the list."),
        Reader.ADMINISTRATOR,
    ),
    "choice_service_unknown": Sentence(
        N_("AWS has no service {typed}. Choose a service from the list."), Reader.ADMINISTRATOR
    ),
    "choice_without_resource": Sentence(
        N_("The statement has no resource. Enter an ARN, the name of an S3 bucket, or * for all resources."),
        Reader.ADMINISTRATOR,
    ),
    "choice_without_upload": Sentence(
        N_(
            "The option “Require bucket owner to own uploads” applies only to uploads, and the statement does not "
            "allow uploads. Choose s3:PutObject too, or clear the option."
        ),
        Reader.ADMINISTRATOR,
    ),
    "account_without_boundary": Sentence(
        N_(
            "Daypass creates roles only with a permissions boundary, and this account has no permissions "
            "boundary. Connect the account again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "admitted_by_unmanaged_statement": Sentence(
        N_(
            "A statement in this role's trust policy that Daypass does not manage allows, or might allow, your AWS "
            "identity to assume the role at any time. Ask an administrator to remove or restrict the unmanaged "
            "statement in IAM."
        ),
        Reader.REQUESTER,
    ),
    "console_page_unknown": Sentence(
        N_("This console page is not available. Choose a console page from the list."), Reader.REQUESTER
    ),
    "hardening_in_progress": Sentence(
        N_("Another hardening change for this role is in progress. Try again in a few seconds."), Reader.ADMINISTRATOR
    ),
    "import_daypass_path": Sentence(
        N_(
            "Roles under {path} are created by Daypass and cannot be imported. Import a role with "
            "another path, or create the role in Daypass."
        ),
        Reader.ADMINISTRATOR,
    ),
    "import_is_user": Sentence(
        N_(
            "This is the ARN of an IAM user, and only roles can be requested. Enter the ARN of a role"
            " that has the permissions you need."
        ),
        Reader.ADMINISTRATOR,
    ),
    "import_other_account": Sentence(
        N_(
            "This role is in account {account}, not in the account that you chose. Choose account {account}, "
            "or connect that account first."
        ),
        Reader.ADMINISTRATOR,
    ),
    "import_own_role": Sentence(
        N_("This role belongs to Daypass or to AWS, so no one can request it. Import another role."),
        Reader.ADMINISTRATOR,
    ),
    "invalid_values": Sentence(N_("{problems}"), Reader.ADMINISTRATOR),
    "no_issuer": Sentence(
        N_(
            "Daypass cannot issue credentials for this role because its account has no issuer. Set an"
            " issuer in the account's settings first."
        ),
        Reader.ADMINISTRATOR,
    ),
    "overflow_role_not_changeable": Sentence(
        N_(
            "This is an overflow role, so you cannot change it or create policies for it here. Use the "
            "original role {role} instead."
        ),
        Reader.ADMINISTRATOR,
    ),
    "permissions_changed_meanwhile": Sentence(
        N_(
            "Someone else has changed the role's permissions since you opened this page. Review the new "
            "permissions, then make your change again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "person_gone": Sentence(
        N_(
            "Someone you selected no longer has an account, or a group you selected no longer exists. Reload the "
            "page, then select people and groups again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_being_created": Sentence(
        N_(
            "The role is being created in AWS, so you cannot rename it now. Reload the page in a minute. A "
            "role that exists in AWS cannot be renamed."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_can_bypass_expiry": Sentence(
        N_(
            "Sessions of this role could undo their own expiry ({actions}), so no access can be granted. Ask "
            "an administrator to remove those permissions in AWS, or to select “Allow requests even if expiry"
            " cannot be enforced”."
        ),
        Reader.REQUESTER,
    ),
    "role_can_bypass_own_expiry": Sentence(
        N_(
            "Sessions of this role could undo their own expiry ({actions}). Remove those permissions in AWS, "
            "or select “Allow requests even if expiry cannot be enforced”. Approvers then see a warning."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_change_settled": Sentence(
        N_(
            "This change has already been confirmed, rejected or withdrawn, or has expired. Reload the page to see "
            "its state."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_changed_since_proposal": Sentence(
        N_("The role has changed since this change was proposed. Withdraw the change, then propose it again."),
        Reader.ADMINISTRATOR,
    ),
    "role_disabled": Sentence(N_("This role is disabled. Ask an administrator to enable it."), Reader.INTERNAL),
    "role_full": Sentence(
        N_(
            "This role has no capacity for another grant. Try again after another grant has ended, or"
            " ask an administrator for a similar role."
        ),
        Reader.REQUESTER,
    ),
    "role_imported_permissions": Sentence(
        N_(
            "Daypass did not create this role, so Daypass does not change the role's permissions. Ask the "
            "role's owner to change them in AWS."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_name_exists": Sentence(
        N_(
            "This role has already been imported, or the account has a role with the same name (IAM ignores "
            "case in role names). Use the existing role, or import another role."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_name_fixed": Sentence(
        N_(
            "This role's name cannot be changed, because the role already exists in AWS, has already been "
            "requested, or is an overflow role. Create another role with the new name."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_name_taken": Sentence(
        N_("The account already has a role with this name (IAM ignores case in role names). Choose another name."),
        Reader.ADMINISTRATOR,
    ),
    "role_not_portal_issued": Sentence(
        N_(
            "This role allows neither portal-issued credentials nor console sign-in. Ask an administrator to "
            "allow one of these methods, or use another role."
        ),
        Reader.INTERNAL,
    ),
    "role_not_read": Sentence(
        N_(
            "The worker has not read this role from AWS yet. Wait until the role's page shows that the "
            "worker has read the role, then enable the role."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_not_requestable": Sentence(
        N_("A role that you selected is disabled or no longer exists. Reload the page, then select the roles again."),
        Reader.SPONSOR,
    ),
    "role_not_yours": Sentence(
        N_(
            "You cannot request this role: it is disabled, or your contract does not include it. "
            "Choose a role from the list, or ask your sponsor."
        ),
        Reader.REQUESTER,
    ),
    "role_share_full": Sentence(
        N_(
            "One contractor can use at most {share}% of this role's capacity. Try again when another of this "
            "contractor's grants for the role has ended."
        ),
        Reader.REQUESTER,
    ),
    "role_tag_reserved": Sentence(
        N_(
            "You cannot use the tag {tag}, which Daypass sets, or tags that begin with aws:, which AWS "
            "reserves. Remove these tags."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_too_many_policies": Sentence(
        N_many(
            "A role can have at most {most} policy, including its inline policy. Remove some policies.",
            "A role can have at most {most} policies, including its inline policy. Remove some policies.",
        ),
        Reader.ADMINISTRATOR,
        count="most",
    ),
    "role_too_many_tags": Sentence(
        N_many(
            "A role can have at most {most} tag in addition to the tag that Daypass sets. Remove some tags.",
            "A role can have at most {most} tags in addition to the tag that Daypass sets. Remove some tags.",
        ),
        Reader.ADMINISTRATOR,
        count="most",
    ),
    "role_without_permissions": Sentence(
        N_("The role would have no permissions. Choose a managed policy, or enter an inline policy."),
        Reader.ADMINISTRATOR,
    ),
    "statement_action_invalid": Sentence(
        N_("The change that you chose is not available for this statement. Choose a change that the page offers."),
        Reader.ADMINISTRATOR,
    ),
    "statement_gone": Sentence(
        N_("The statement that you chose is no longer in the trust policy. Open the trust policy again."),
        Reader.ADMINISTRATOR,
    ),
    "statement_not_pending": Sentence(
        N_(
            "This statement no longer needs to be accepted: someone has accepted it, or it is no longer in "
            "AWS. Reload the role's page."
        ),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_not_writable": Sentence(
        N_("{problem} Until this problem is solved, no access to this role can be granted."), Reader.REQUESTER
    ),
    "unmanaged_statements_unreadable": Sentence(
        N_(
            "No access to this role can be granted, because the role's policies contain statements that Daypass does "
            "not manage and cannot evaluate. Ask an administrator to remove or restrict the unmanaged statements in "
            "IAM."
        ),
        Reader.REQUESTER,
    ),
}
