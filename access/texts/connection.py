"""What a test of the connection to an AWS account finds; administrators see it on the account's page.

The codes that begin with step_ are titles of its steps.
"""

from access.texts.template import N_, Reader, Sentence

_ADMINISTRATOR = Reader.ADMINISTRATOR

TEMPLATES = {
    "boundary_differs": Sentence(
        N_(
            "The policy {policy} differs from the template. Deploy the account's template again, with the "
            "values on this page."
        ),
        _ADMINISTRATOR,
    ),
    "boundary_missing": Sentence(
        N_("The account has no policy {policy}. Deploy the account's template again, with the values on this page."),
        _ADMINISTRATOR,
    ),
    "boundary_ok": Sentence(N_("The policy {policy} matches the template."), _ADMINISTRATOR),
    "boundary_outdated": Sentence(
        N_(
            "The policy {policy} is from an older version of the template and does not deny {actions}, so "
            "sessions can get longer-lived tokens. Deploy the account's template again, with the values on "
            "this page."
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
    "external_id_required": Sentence(
        N_("The roles require the external ID: AWS rejected a wrong external ID."), _ADMINISTRATOR
    ),
    "identity_elsewhere": Sentence(
        N_(
            "This identity is in account {found}, not in account {account}. Configure the identity's profile "
            "with credentials for {account}, or connect the account through a hub."
        ),
        _ADMINISTRATOR,
    ),
    "identity_keys_refused": Sentence(
        N_(
            "AWS does not accept the credentials of this identity. Ask an operator to renew the credentials. "
            "AWS reported: {answer}"
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
    "identity_ok": Sentence(N_("This identity is {arn}."), _ADMINISTRATOR),
    "imported_roles_listed": Sentence(N_("The worker can read all imported roles ({count})."), _ADMINISTRATOR),
    "imported_roles_not_listed": Sentence(
        N_(
            "The worker has no permission to read {roles}. Ask the account's owner to add these roles to the "
            "template's parameter ImportedRoleArns."
        ),
        _ADMINISTRATOR,
    ),
    "issuer_missing": Sentence(
        N_(
            "No issuer is set, so Daypass issues no sessions in this account. Enter IssuerArn from "
            "the outputs of the hub's template."
        ),
        _ADMINISTRATOR,
    ),
    "issuer_named": Sentence(
        N_(
            "Trust policies name the issuer {issuer}. Only the web process can use the issuer's credentials, "
            "so the worker does not test them."
        ),
        _ADMINISTRATOR,
    ),
    "no_imported_roles": Sentence(N_("There are no imported roles."), _ADMINISTRATOR),
    "not_checked": Sentence(N_("Daypass has not checked this step. Fix “{step}” first."), _ADMINISTRATOR),
    "own_role_excess": Sentence(N_("The role {role} has more permissions than it needs: {policies}."), _ADMINISTRATOR),
    "own_role_missing": Sentence(N_("The account has no role {role}."), _ADMINISTRATOR),
    "own_role_policy_differs": Sentence(N_("The policy of {role} differs from the template."), _ADMINISTRATOR),
    "own_roles_differ": Sentence(
        N_("{differences} Deploy the account's template again, with the values on this page."), _ADMINISTRATOR
    ),
    "own_roles_ok": Sentence(N_("The policies of both roles match the template."), _ADMINISTRATOR),
    "reading_denied": Sentence(
        N_(
            "The worker has no permission to read IAM. Deploy the account's template again, with the "
            "values on this page. AWS reported: {answer}"
        ),
        _ADMINISTRATOR,
    ),
    "reading_ok": Sentence(
        N_("The account has {roles} roles, {ours} of them under {path}. A trust policy can have {quota} characters."),
        _ADMINISTRATOR,
    ),
    "step_boundary": Sentence(N_("The permissions boundary exists"), _ADMINISTRATOR),
    "step_builder": Sentence(N_("The builder can access the account"), _ADMINISTRATOR),
    "step_documents": Sentence(N_("Daypass's roles have the permissions in the template"), _ADMINISTRATOR),
    "step_external_id": Sentence(N_("The roles cannot be assumed without the external ID"), _ADMINISTRATOR),
    "step_imported": Sentence(N_("The worker can read imported roles"), _ADMINISTRATOR),
    "step_issuer": Sentence(N_("The account has an issuer"), _ADMINISTRATOR),
    "step_reading": Sentence(N_("The worker can read IAM"), _ADMINISTRATOR),
    "step_worker": Sentence(N_("The worker can access the account"), _ADMINISTRATOR),
}
