"""What is wide or wrong in a policy, and what to do about it."""

from access.texts.template import N_many, Phrase


def _held(code: str, english: str) -> dict[str, Phrase]:
    """Return a finding in two forms: with and without condition keys that hold it."""
    return {
        code: Phrase(f"{english}."),
        f"{code}_held": Phrase(f"{english}, limited only by the condition on {{keys}}."),
    }


_ESCALATION = {
    "access": "give itself or other people access that continues after the grant ends",
    "code": "run code that has another role's permissions and continues after the grant ends",
    "identity": "act as another identity, which keeps its access after the grant ends",
    "rights": "change permissions (including its own) or remove a Deny",
}
_OF_PERMISSIONS = {
    **_held("all_actions", "The statement allows every AWS action"),
    **_held("all_actions_everywhere", "The statement allows every AWS action on all resources"),
    "whole_service": Phrase(
        "The statement allows every action of a service ({names}), including actions that AWS adds later."
    ),
    "pattern_changes": Phrase("A wildcard includes actions that change something: {names}."),
    "pattern_grows": Phrase("A wildcard also includes actions that AWS adds later ({names})."),
    "all_resources": Phrase("The statement allows {names} on all resources in the account."),
    "all_but_actions": Phrase("The statement allows every action except the actions in NotAction."),
    "all_but_actions_named": Phrase(
        "On the resources in Resource, the statement allows every action except the actions in NotAction."
    ),
    "all_but_both": Phrase(
        "The statement allows every action on every resource, except the actions in NotAction and "
        "the resources in NotResource."
    ),
    "all_but_resources": Phrase("The statement allows {names} on all resources except the resources in NotResource."),
    **{
        code: phrase
        for kind, english in _ESCALATION.items()
        for code, phrase in _held(f"escalation_{kind}", f"With {{names}}, a session can {english}").items()
    },
    "passing": Phrase("With {names}, a session can pass {role} to {service}."),
    "passing_acts": Phrase(
        "With {names}, a session can pass {role} to {service}, and use that role's permissions through the service."
    ),
    "passing_held": Phrase(
        "With {names}, a session can pass {role} to {service}, limited only by the condition on {keys}."
    ),
    "passing_acts_held": Phrase(
        "With {names}, a session can pass {role} to {service}, and use that role's permissions through "
        "the service. Only the condition on {keys} limits this."
    ),
    "passed_any_role": Phrase("any role"),
    "passed_named_role": Phrase("a role in Resource"),
    "passed_to_a_service": Phrase("a service"),
    **_held(
        "detour",
        "With {names}, a session can set up something that keeps running after the grant ends, or that runs with "
        "another role's permissions",
    ),
    "all_data": Phrase(
        "With {names} on all resources, a session can exfiltrate all the data that these actions can read."
    ),
    "all_data_held": Phrase("The statement allows {names} on all resources. Only the condition on {keys} limits this."),
    **_held(
        "carries_out", "With {names}, a session can copy data to other accounts or give other accounts access to data"
    ),
    "credentials": Phrase(
        N_many(
            "{names} returns a password, key or token that can be used outside the session.",
            "{names} return a password, key or token that can be used outside the session.",
        ),
        count="count",
    ),
    "tokens": Phrase(
        N_many(
            "{names} returns a password, key or token for a registry.",
            "{names} return a password, key or token for a registry.",
        ),
        count="count",
    ),
    "opens": Phrase("With {names}, a session can change who else has access to a resource."),
    "bucket_owner": Phrase(
        "If another account later owns a bucket with the same name ({names}), uploads go to that account."
    ),
}
_OF_TRUST = {
    "anybody_but": Phrase(
        "An Allow with NotPrincipal admits everybody in the world except the principals that it names."
    ),
    "anybody": Phrase("The statement admits anybody in the world."),
    "anybody_held": Phrase("The statement admits anybody in the world who meets its conditions."),
    "whole_account": Phrase("The statement admits {who}."),
    "whole_account_own": Phrase("The statement admits {who}, so a session of this role could assume the role again."),
    "no_window": Phrase("The statement admits {name} without an end date."),
    "no_external_id": Phrase("The statement requires no external ID from {name}, which is in another account."),
    "no_mfa": Phrase("The statement requires no MFA from {name}."),
    "deleted_principal": Phrase("{name} is the unique ID of a user or role that was deleted."),
    "open_provider": Phrase(
        "The statement admits everybody whom {name} signs in, whatever the audience of the token is."
    ),
    **{
        f"open_provider_{whose}": Phrase(
            f"The statement admits {everybody}: no condition limits the tokens of {{name}} to your own tokens."
        )
        for whose, everybody in {
            "customers": "every customer of this provider",
            "github": "any repository on GitHub",
            "gitlab": "any project on gitlab.com",
            "pods": "every pod of the cluster",
        }.items()
    },
}
_OF_NAMES = {
    "version_unknown": Phrase("IAM has no policy version {version}, so IAM rejects the policy."),
    "version_without_variables": Phrase("Without version {version}, IAM treats {names} as plain text."),
    "version_old": Phrase("The policy uses the old version {version}."),
    "version_missing": Phrase("The policy has no version."),
    "unknown_action_allows": Phrase(
        "AWS's list has no action {names}. Unless the action is newer than the list, this part of the "
        "statement allows nothing."
    ),
    "unknown_action_forbids": Phrase(
        "AWS's list has no action {names}. Unless the action is newer than the list, this denies nothing."
    ),
    "unknown_service_allows": Phrase(
        "AWS's list has no service {service} ({names}). Unless the service is newer than the list, this part "
        "of the statement allows nothing."
    ),
    "unknown_service_forbids": Phrase(
        "AWS's list has no service {service} ({names}). Unless the service is newer than the list, this denies nothing."
    ),
    "unknown_operator": Phrase("IAM has no condition operator {operator}, so IAM rejects the policy."),
    "unknown_key": Phrase("AWS has no condition key {key}, so the condition does not have the intended effect."),
    "key_not_sent": Phrase("No action of this statement ({names}) supports the condition key {key}."),
    "wrong_resource_allows": Phrase(
        "{name} does not support {resources} as a resource, so this part of the statement allows nothing."
    ),
    "wrong_resource_forbids": Phrase("{name} does not support {resources} as a resource, so this denies nothing."),
    "no_resource_allows": Phrase(
        "{names} cannot be limited to {resources}, so this part of the statement allows nothing."
    ),
    "no_resource_forbids": Phrase("{names} cannot be limited to {resources}, so this denies nothing."),
    "no_set_operator": Phrase(
        "{key} can have several values, and {operator} does not specify whether one or all of them must match."
    ),
    **{
        f"operator_type_{kind}": Phrase(f"{{operator}} cannot be used with {{key}}, whose type is {english}.")
        for kind, english in {
            "ARN": "ARN",
            "Bool": "Boolean",
            "Date": "date",
            "IPAddress": "IP address",
            "Numeric": "number",
            "String": "string",
        }.items()
    },
    **{
        f"bad_{kind}": Phrase(f"The value “{{value}}” of {{key}} is not a valid {english}.")
        for kind, english in {
            "arn": "ARN",
            "bool": "Boolean",
            "date": "date",
            "ipaddress": "IP address or network",
            "null": "Boolean",
            "numeric": "number",
        }.items()
    },
    "open_network": Phrase("The network for {key} contains every IP address."),
}
_FIXES = {
    "fix_access": Phrase("Remove the actions. A temporary role does not need to manage who has access."),
    "fix_add_both": Phrase("Add conditions on the provider's aud and sub."),
    "fix_arn": Phrase("Enter all six parts: arn:aws:service:region:account:resource."),
    "fix_code": Phrase("Limit the actions to the intended resources, and check which roles these resources have."),
    "fix_customers": Phrase(
        "Add a StringLike condition on the provider's sub. Its value must begin with your organization."
    ),
    "fix_date": Phrase("Enter the date in a form such as 2026-11-24T18:00:00Z."),
    "fix_did_you_mean": Phrase("Did you mean {guess}?"),
    "fix_external_id": Phrase("Add a StringEquals condition on sts:ExternalId."),
    "fix_github": Phrase(
        "Add a StringLike condition on the provider's sub, such as repo:OWNER/REPOSITORY:ref:refs/heads/main."
    ),
    "fix_gitlab": Phrase(
        "Add a StringLike condition on the provider's sub, such as project_path:GROUP/PROJECT:ref_type:branch:ref:main."
    ),
    "fix_identity": Phrase("Remove the actions. A temporary role does not need another identity."),
    "fix_key_unknown": Phrase("Search for the key in the Service Authorization Reference."),
    "fix_look_up": Phrase("Search for the name in the Service Authorization Reference."),
    "fix_mfa": Phrase("Add the condition Bool aws:MultiFactorAuthPresent true."),
    "fix_move_condition": Phrase("Move the condition to a statement whose actions support the key."),
    "fix_name_actions": Phrase("Name only the actions that the role needs."),
    "fix_name_few_actions": Phrase("If there are only a few actions, name them."),
    "fix_name_networks": Phrase("Name only the intended networks."),
    "fix_name_one": Phrase("Name only the intended user or role."),
    "fix_name_principal": Phrase("Use Principal to name only the intended principals."),
    "fix_name_resources": Phrase("Enter the ARNs of the intended resources in Resource."),
    "fix_name_resources_too": Phrase("Also enter the ARNs of the intended resources in Resource."),
    "fix_network": Phrase("Enter an IP address, or a network whose host bits are zero, such as 192.0.2.0/24."),
    "fix_no_resource": Phrase(
        'Put actions that cannot be limited to a resource into a separate statement with "Resource": "*".'
    ),
    "fix_number": Phrase("Use only digits."),
    "fix_operator": Phrase("Use one of IAM's operators, such as StringEquals."),
    "fix_operator_type": Phrase("Use an operator for this type, such as {operator}."),
    "fix_owner": Phrase(
        "Add the condition StringEquals aws:ResourceAccount with the ID of the account that owns the bucket."
    ),
    "fix_owner_and_acl": Phrase(
        "Add the condition StringEquals aws:ResourceAccount with the ID of the account that owns the bucket. "
        "If the bucket has ACLs enabled, also add {key} with {value}."
    ),
    "fix_passing": Phrase("Name the roles in Resource and the service in iam:PassedToService, or remove the action."),
    "fix_pods": Phrase("Add a StringEquals condition on the provider's sub: system:serviceaccount:NAMESPACE:NAME."),
    "fix_rights": Phrase("Remove the actions. A temporary role does not need to change IAM."),
    "fix_say_actions": Phrase("List the allowed actions in Action and the resources in Resource."),
    "fix_say_resources": Phrase("Use Resource to name the resources."),
    "fix_seconds": Phrase("Enter the seconds since 1970 (ten digits), or use aws:CurrentTime."),
    "fix_set_operator": Phrase(
        "Use ForAnyValue:{operator}, or use ForAllValues:{operator} together with Null {key} false."
    ),
    "fix_take_out": Phrase("Remove the principal from the policy."),
    "fix_take_out_actions": Phrase("Remove the actions."),
    "fix_take_out_unneeded": Phrase("Remove the actions if the role does not need them."),
    "fix_takes": Phrase("Use a resource of one of these types: {kinds}."),
    "fix_true_or_false": Phrase("Enter true or false."),
    "fix_version": Phrase('Set "Version": "{version}".'),
    "fix_window": Phrase("Add the condition DateLessThan aws:CurrentTime."),
}
_PLACES = {
    "in_policy": Phrase("{policy}, {where}"),
    "statement": Phrase("statement {number}"),
    "statement_named": Phrase("statement {number} ({sid})"),
    "analyzer": Phrase("Access Analyzer: {said}"),
    "analyzer_fix": Phrase("See {code} in the policy check reference of IAM Access Analyzer."),
}
TEMPLATES: dict[str, Phrase] = {
    f"finding_{code}": phrase
    for code, phrase in {**_OF_PERMISSIONS, **_OF_TRUST, **_OF_NAMES, **_FIXES, **_PLACES}.items()
}
