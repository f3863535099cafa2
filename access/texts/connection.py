"""What a test of the connection to an AWS account finds; administrators see it on the account's page."""

from access.texts.template import N_, N_many, Phrase, Reader, Sentence

_ADMINISTRATOR = Reader.ADMINISTRATOR

TEMPLATES = {
    "boundary_differs": Sentence(
        N_(
            "The permissions boundary {policy} differs from the account's template. Deploy the account's template "
            "again, with the values on this page."
        ),
        _ADMINISTRATOR,
    ),
    "boundary_missing": Sentence(
        N_(
            "The permissions boundary {policy} does not exist in the account. Deploy the account's template again, "
            "with the values on this page."
        ),
        _ADMINISTRATOR,
    ),
    "boundary_outdated": Sentence(
        N_(
            "The permissions boundary {policy} is from an older version of the template and does not deny {actions}, "
            "so sessions can get longer-lived tokens. Deploy the account's template again, with the values on this "
            "page."
        ),
        _ADMINISTRATOR,
    ),
    "external_id_not_required": Sentence(
        N_(
            "AWS lets the worker assume its role with any external ID. Deploy the account's template "
            "again, with the values on this page."
        ),
        _ADMINISTRATOR,
    ),
    "identity_elsewhere": Sentence(
        N_(
            "This workload identity is in account {found}, not in account {account}. Configure the identity's "
            "profile with credentials for {account}, or connect the account through a hub."
        ),
        _ADMINISTRATOR,
    ),
    "identity_keys_refused": Sentence(
        N_(
            "AWS does not accept the credentials of this workload identity. Check that the account's template is "
            "deployed, and ask an operator to check the credentials. AWS reported: {answer}"
        ),
        _ADMINISTRATOR,
    ),
    "identity_not_admitted": Sentence(
        N_(
            "AWS does not let the {identity} assume its role. Deploy the account's template again, "
            "with the values on this page. AWS reported: {answer}"
        ),
        _ADMINISTRATOR,
    ),
    "imported_roles_not_listed": Sentence(
        N_(
            "The worker has no permission to read {roles}. Ask the account's owner to add these roles to the "
            "template's parameter ImportedRoleArns."
        ),
        _ADMINISTRATOR,
    ),
    "issuer_missing": Sentence(
        N_(
            "No issuer is set, so Daypass issues no sessions in this account. Set the account's issuer to the value "
            "of IssuerArn in the outputs of the hub's template or of the template for a single account."
        ),
        _ADMINISTRATOR,
    ),
    "not_checked": Sentence(
        N_(
            "Daypass has not checked this step of the connection test. Fix the error in the step “{step}”, "
            "then test the connection again."
        ),
        _ADMINISTRATOR,
    ),
    "own_role_excess": Sentence(
        N_("The role {role} has more permissions than the account's template gives it: {policies}."), _ADMINISTRATOR
    ),
    "own_role_missing": Sentence(N_("The role {role} does not exist in the account."), _ADMINISTRATOR),
    "own_role_policy_differs": Sentence(
        N_("The policy of the role {role} differs from the account's template."), _ADMINISTRATOR
    ),
    "own_roles_differ": Sentence(
        N_("{differences} Deploy the account's template again, with the values on this page."), _ADMINISTRATOR
    ),
    "reading_denied": Sentence(
        N_(
            "The worker has no permission to read IAM. Deploy the account's template again, with the "
            "values on this page. AWS reported: {answer}"
        ),
        _ADMINISTRATOR,
    ),
}
# The titles of the steps, and what a step says that found nothing wrong.
RESULTS = {
    "boundary_ok": Phrase(N_("The policy {policy} matches the template.")),
    "external_id_required": Phrase(N_("The roles require the external ID: AWS rejected a wrong external ID.")),
    "identity_ok": Phrase(N_("This identity is {arn}.")),
    "imported_roles_listed": Phrase(N_("The worker can read all imported roles ({count}).")),
    "issuer_named": Phrase(
        N_(
            "Trust policies name the issuer {issuer}. Only the web process can use the issuer's credentials, "
            "so the worker does not test them."
        )
    ),
    "no_imported_roles": Phrase(N_("There are no imported roles.")),
    "own_roles_ok": Phrase(N_("The policies of both roles match the template.")),
    "reading_ok": Phrase(
        N_many(
            "The account has {roles} role, {ours} of them under {path}. A trust policy can have {quota} characters.",
            "The account has {roles} roles, {ours} of them under {path}. A trust policy can have {quota} characters.",
        ),
        count="roles",
    ),
    "step_boundary": Phrase(N_("The permissions boundary exists")),
    "step_builder": Phrase(N_("The builder can access the account")),
    "step_documents": Phrase(N_("Daypass's roles have the permissions in the template")),
    "step_external_id": Phrase(N_("The roles cannot be assumed without the external ID")),
    "step_imported": Phrase(N_("The worker can read imported roles")),
    "step_issuer": Phrase(N_("The account has an issuer")),
    "step_reading": Phrase(N_("The worker can read IAM")),
    "step_worker": Phrase(N_("The worker can access the account")),
}
