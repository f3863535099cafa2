"""What is wide or wrong in a policy, and what to do about it."""

from access.texts.template import N_many, Phrase


def _held(code: str, english: str) -> dict[str, Phrase]:
    """Return a finding in two forms: with and without condition keys that hold it."""
    return {code: Phrase(f"{english}."), f"{code}_held": Phrase(f"{english}, where {{keys}} lets it.")}


_ESCALATION = {
    "access": "let others in, or itself, by a way that outlives its end",
    "code": "run code that has another role's rights and continues after the end",
    "identity": "act as another identity, which its end does not stop",
    "rights": "change permissions, its own included, or take a Deny away",
}
_OF_PERMISSIONS = {
    **_held("all_actions", "It allows every action of AWS"),
    **_held("all_actions_everywhere", "It allows every action of AWS on everything"),
    "whole_service": Phrase("It allows every action of a service ({names}), also those that AWS will add."),
    "pattern_changes": Phrase("A wildcard takes in actions that change something: {names}."),
    "pattern_grows": Phrase("A wildcard takes in actions that AWS will add ({names})."),
    "all_resources": Phrase("It allows {names} on everything in the account."),
    "all_but_actions": Phrase("It allows every action but what NotAction names."),
    "all_but_actions_named": Phrase("It allows every action on what Resource names but what NotAction names."),
    "all_but_both": Phrase("It allows every action but what NotAction and NotResource name."),
    "all_but_resources": Phrase("It allows {names} on everything but what NotResource names."),
    **{
        code: phrase
        for kind, english in _ESCALATION.items()
        for code, phrase in _held(f"escalation_{kind}", f"With {{names}} a session can {english}").items()
    },
    "passing": Phrase("With {names} a session can give {service} {role}."),
    "passing_acts": Phrase("With {names} a session can give {service} {role}, and act through it."),
    "passing_held": Phrase("With {names} a session can give {service} {role}, where {keys} lets it."),
    "passing_acts_held": Phrase(
        "With {names} a session can give {service} {role}, where {keys} lets it, and act through it."
    ),
    "passed_any_role": Phrase("any role"),
    "passed_named_role": Phrase("a role that Resource names"),
    "passed_to_a_service": Phrase("a service"),
    **_held(
        "detour",
        "With {names} a session can prepare what continues after its end, or what another role's rights are used for",
    ),
    "all_data": Phrase(
        "With {names} on everything, a session can carry out all the data that the account holds there."
    ),
    "all_data_held": Phrase("{names} on everything is held only by {keys}."),
    **_held("carries_out", "With {names} data can be copied or opened to other accounts"),
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
    "opens": Phrase("With {names} a session can say who else has access to a resource."),
    "bucket_owner": Phrase("Uploads to {names} continue if another account comes to own a bucket of that name."),
}
_OF_TRUST = {
    "anybody_but": Phrase("NotPrincipal with Allow admits the whole world, except the few that it names."),
    "anybody": Phrase("It admits anybody in the world."),
    "anybody_held": Phrase("It admits anybody in the world who meets the conditions."),
    "whole_account": Phrase("It admits {who}."),
    "whole_account_own": Phrase("It admits {who}, and a session of this role could admit itself again."),
    "no_window": Phrase("It never ends for {name}: there is no last moment."),
    "no_external_id": Phrase("It asks {name}, of another account, for no external id."),
    "no_mfa": Phrase("It asks {name} for no second factor."),
    "deleted_principal": Phrase("{name} is the id of a user or role that was deleted."),
    "open_provider": Phrase("It admits everybody whom {name} signs in, whatever the token is for."),
    **{
        f"open_provider_{whose}": Phrase(
            f"It admits {everybody}: no condition limits the token of {{name}} to your own."
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
    "version_unknown": Phrase("IAM has no policy version {version} and refuses the policy."),
    "version_without_variables": Phrase("Without the version {version}, IAM takes {names} for plain text."),
    "version_old": Phrase("Its version is {version}."),
    "version_missing": Phrase("It has no version."),
    "unknown_action_allows": Phrase(
        "AWS's list has no action {names}: unless it is newer than the list, this allows nothing."
    ),
    "unknown_action_forbids": Phrase(
        "AWS's list has no action {names}: unless it is newer than the list, this forbids nothing."
    ),
    "unknown_service_allows": Phrase(
        "AWS's list has no service {service} ({names}): unless it is newer than the list, this allows nothing."
    ),
    "unknown_service_forbids": Phrase(
        "AWS's list has no service {service} ({names}): unless it is newer than the list, this forbids nothing."
    ),
    "unknown_operator": Phrase("IAM has no condition operator {operator} and refuses the policy."),
    "unknown_key": Phrase("AWS has no condition key {key}, so that its condition does not do what it says."),
    "key_not_sent": Phrase("No action of this statement ({names}) comes with {key}."),
    "wrong_resource_allows": Phrase("{name} does not take {resources}, so that this allows nothing."),
    "wrong_resource_forbids": Phrase("{name} does not take {resources}, so that this forbids nothing."),
    "no_resource_allows": Phrase("{names} cannot be held to {resources}, so that this allows nothing."),
    "no_resource_forbids": Phrase("{names} cannot be held to {resources}, so that this forbids nothing."),
    "no_set_operator": Phrase("{key} can have many values, and {operator} does not say whether one or all must match."),
    **{
        f"operator_type_{kind}": Phrase(f"{{operator}} does not compare with {{key}}, which is a {english}.")
        for kind, english in {
            "ARN": "ARN",
            "Bool": "yes or no",
            "Date": "date",
            "IPAddress": "network address",
            "Numeric": "number",
            "String": "text",
        }.items()
    },
    **{
        f"bad_{kind}": Phrase(f"“{{value}}” for {{key}} is no {english}.")
        for kind, english in {
            "arn": "ARN",
            "bool": "yes or no",
            "date": "date that IAM reads",
            "ipaddress": "network",
            "null": "yes or no",
            "numeric": "number",
        }.items()
    },
    "open_network": Phrase("{key} takes in every address there is."),
}
_FIXES = {
    "fix_access": Phrase("Take the actions out; who can sign in is not a temporary role's business."),
    "fix_add_both": Phrase("Add a condition on the provider's aud and sub."),
    "fix_arn": Phrase("Write all six parts: arn:aws:service:region:account:resource."),
    "fix_code": Phrase("Hold it to the resources that are meant, and see which roles those have."),
    "fix_customers": Phrase("Add StringLike on the provider's sub that begins with your organization."),
    "fix_date": Phrase("Write it as 2026-11-24T18:00:00Z."),
    "fix_did_you_mean": Phrase("Did you mean {guess}?"),
    "fix_external_id": Phrase("Add StringEquals sts:ExternalId."),
    "fix_github": Phrase("Add StringLike on the provider's sub, such as repo:OWNER/REPOSITORY:ref:refs/heads/main."),
    "fix_gitlab": Phrase(
        "Add StringLike on the provider's sub, such as project_path:GROUP/PROJECT:ref_type:branch:ref:main."
    ),
    "fix_identity": Phrase("Take the actions out; a temporary role needs no other identity."),
    "fix_key_unknown": Phrase("Look the key up in the Service Authorization Reference."),
    "fix_look_up": Phrase("Look it up in the Service Authorization Reference."),
    "fix_mfa": Phrase("Add Bool aws:MultiFactorAuthPresent true."),
    "fix_move_condition": Phrase("Move the condition to the statement whose actions have the key."),
    "fix_name_actions": Phrase("Name the actions that the work needs."),
    "fix_name_few_actions": Phrase("Name the actions, if they are few."),
    "fix_name_networks": Phrase("Name the networks that are meant."),
    "fix_name_one": Phrase("Name the one user or role that is meant."),
    "fix_name_principal": Phrase("Name who is meant, with Principal."),
    "fix_name_resources": Phrase("Put the ARNs that are meant into Resource."),
    "fix_name_resources_too": Phrase("Put the ARNs that are meant into Resource as well."),
    "fix_network": Phrase("Write an address or a network whose last bits are zero, such as 192.0.2.0/24."),
    "fix_no_resource": Phrase(
        'Put what cannot be held to a resource into a statement of its own with "Resource": "*".'
    ),
    "fix_number": Phrase("Write only digits."),
    "fix_operator": Phrase("Take one of IAM's operators, such as StringEquals."),
    "fix_operator_type": Phrase("Use an operator for it, such as {operator}."),
    "fix_owner": Phrase(
        "Add the condition StringEquals aws:ResourceAccount with the number of the account that owns the bucket."
    ),
    "fix_owner_and_acl": Phrase(
        "Add the condition StringEquals aws:ResourceAccount with the number of the account that owns the bucket; "
        "where the bucket takes ACLs, also {key} with {value}."
    ),
    "fix_passing": Phrase("Name the roles in Resource and the service in iam:PassedToService, or take the action out."),
    "fix_pods": Phrase("Add StringEquals on the provider's sub: system:serviceaccount:NAMESPACE:NAME."),
    "fix_rights": Phrase("Take the actions out; a temporary role needs no changes in IAM."),
    "fix_say_actions": Phrase("Say what is allowed, with Action and Resource."),
    "fix_say_resources": Phrase("Say on what it is allowed, with Resource."),
    "fix_seconds": Phrase("Write the seconds since 1970, ten digits, or take aws:CurrentTime."),
    "fix_set_operator": Phrase("Write ForAnyValue:{operator}, or ForAllValues:{operator} with Null {key} false."),
    "fix_take_out": Phrase("Take it out."),
    "fix_take_out_actions": Phrase("Take the actions out."),
    "fix_take_out_unneeded": Phrase("Take the actions out, if the work does not need them."),
    "fix_takes": Phrase("It takes {kinds}."),
    "fix_true_or_false": Phrase("Write true or false."),
    "fix_version": Phrase('Write "Version": "{version}".'),
    "fix_window": Phrase("Add DateLessThan aws:CurrentTime."),
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
