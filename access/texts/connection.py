"""What a test of the connection to an AWS account finds; administrators see it on the account's page.

The codes that begin with step_ are titles of its steps.
"""

from access.texts.template import N_, Reader, Sentence

_ADMINISTRATOR = Reader.ADMINISTRATOR

TEMPLATES = {
    "boundary_differs": Sentence(
        N_("{policy} differs from the template. Deploy the account's template again, with the values on this page."),
        _ADMINISTRATOR,
    ),
    "boundary_missing": Sentence(
        N_("There is no policy {policy}. Deploy the account's template again, with the values on this page."),
        _ADMINISTRATOR,
    ),
    "boundary_ok": Sentence(N_("{policy} matches the template."), _ADMINISTRATOR),
    "boundary_outdated": Sentence(
        N_(
            "{policy} is an older version of the template: sessions of its roles can become longer or other ones (it "
            "does not deny {actions}). Deploy the account's template again, with the values on this page."
        ),
        _ADMINISTRATOR,
    ),
    "external_id_not_required": Sentence(
        N_(
            "AWS admits the worker with any external id. Deploy the account's template again, with the values on this "
            "page."
        ),
        _ADMINISTRATOR,
    ),
    "external_id_required": Sentence(N_("AWS refuses another external id."), _ADMINISTRATOR),
    "identity_elsewhere": Sentence(
        N_("It is in account {found}. Give its profile keys of {account}, or connect the account by a hub."),
        _ADMINISTRATOR,
    ),
    "identity_keys_refused": Sentence(
        N_("AWS does not accept its keys. An operator must renew them. AWS says: {answer}"), _ADMINISTRATOR
    ),
    "identity_not_admitted": Sentence(
        N_(
            "AWS does not let the {identity} assume its role. Deploy the account's template again, with the values on "
            "this page. AWS says: {answer}"
        ),
        _ADMINISTRATOR,
    ),
    "identity_ok": Sentence(N_("It is {arn}."), _ADMINISTRATOR),
    "imported_roles_listed": Sentence(N_("All imported roles are listed: {count}."), _ADMINISTRATOR),
    "imported_roles_not_listed": Sentence(
        N_("The worker has no permission for {roles}. The account's owner must list them in ImportedRoleArns."),
        _ADMINISTRATOR,
    ),
    "issuer_missing": Sentence(
        N_(
            "No issuer is set, so Daypass issues no sessions here. Enter IssuerArn from the outputs of the hub's "
            "template."
        ),
        _ADMINISTRATOR,
    ),
    "issuer_named": Sentence(
        N_("Trust policies name {issuer}. Only the web process can use it, so it is not tested here."), _ADMINISTRATOR
    ),
    "no_imported_roles": Sentence(N_("There are no imported roles."), _ADMINISTRATOR),
    "not_checked": Sentence(N_("Not checked. Fix “{step}” first."), _ADMINISTRATOR),
    "own_role_excess": Sentence(N_("{role} has more permissions than it needs: {policies}."), _ADMINISTRATOR),
    "own_role_missing": Sentence(N_("There is no role {role}."), _ADMINISTRATOR),
    "own_role_policy_differs": Sentence(N_("The policy of {role} differs from the template."), _ADMINISTRATOR),
    "own_roles_differ": Sentence(
        N_("{differences} Deploy the account's template again, with the values on this page."), _ADMINISTRATOR
    ),
    "own_roles_ok": Sentence(N_("The policies of both roles match the template."), _ADMINISTRATOR),
    "reading_denied": Sentence(
        N_(
            "The worker has no permission to read IAM. Deploy the account's template again, with the values on this "
            "page. AWS says: {answer}"
        ),
        _ADMINISTRATOR,
    ),
    "reading_ok": Sentence(
        N_("The account has {roles} roles, {ours} of them under {path}. A trust policy can have {quota} characters."),
        _ADMINISTRATOR,
    ),
    "step_boundary": Sentence(N_("The permissions boundary exists"), _ADMINISTRATOR),
    "step_builder": Sentence(N_("The builder reaches the account"), _ADMINISTRATOR),
    "step_documents": Sentence(N_("Daypass's roles have the permissions of the template"), _ADMINISTRATOR),
    "step_external_id": Sentence(N_("Nobody can assume the roles without the external id"), _ADMINISTRATOR),
    "step_imported": Sentence(N_("Imported roles are listed"), _ADMINISTRATOR),
    "step_issuer": Sentence(N_("The issuer is set"), _ADMINISTRATOR),
    "step_reading": Sentence(N_("The worker reads IAM"), _ADMINISTRATOR),
    "step_worker": Sentence(N_("The worker reaches the account"), _ADMINISTRATOR),
}
