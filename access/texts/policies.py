"""Refusals of policies that people paste or type: what is wrong in the text, and what to do."""

from access.texts.template import N_, N_many, Reader, Sentence

_TEXT = {
    "policy_at": N_("Line {line}, column {column}: {problem}"),
    "policy_character_escaped": N_(
        "IAM does not accept the escaped character {character}. Remove the escaped character from the policy."
    ),
    "policy_character_invalid": N_(
        "IAM does not accept the character {character}. Remove the character, or replace it with an ASCII character."
    ),
    "policy_missing": N_("The policy is missing. Paste a JSON object with Version and Statement."),
    "policy_name_twice": N_("The name {name} appears twice in the same JSON object. Remove one of the two entries."),
    "policy_number_too_long": N_(
        "This is not a valid policy: a number is too long, or too many lists or objects are nested. Paste the "
        "policy as IAM shows it."
    ),
}
_JSON = {
    "policy_json_backslash": N_(
        "This is not JSON: a backslash is not valid at this position. Remove the backslash, or enter \\\\ if the "
        "value must contain a backslash."
    ),
    "policy_json_bracket_missing": N_(
        "This is not JSON: the end of the document is missing. Close every bracket and quotation mark."
    ),
    "policy_json_comma": N_("This is not JSON: it contains an extra comma at this position. Remove this comma."),
    "policy_json_comment": N_("This is not JSON: JSON does not allow comments. Remove the comment."),
    "policy_json_constant": N_("The value {name} is not allowed in JSON. Put {name} in quotation marks, or remove it."),
    "policy_json_delimiter": N_(
        "This is not JSON: a comma, colon or bracket is missing before this position. Add the missing character."
    ),
    "policy_json_dots": N_(
        "This is not JSON: it contains three dots where a part of the document was left out. Replace the dots "
        "with the part that was left out."
    ),
    "policy_json_escaped": N_(
        "This is not JSON: the quotation marks are escaped. Remove the backslashes before the quotation marks."
    ),
    "policy_json_extra": N_("This is not JSON: there is text after the last bracket. Remove that text."),
    "policy_json_html": N_("This is a web page or XML, not JSON. Paste only the policy."),
    "policy_json_line_break": N_(
        "This is not JSON: a string contains a line break or a tab. Remove the line break or tab, or add the "
        "missing quotation mark before it."
    ),
    "policy_json_no_break_space": N_(
        "This is not JSON: it contains a non-breaking space. Replace the non-breaking space with an ordinary space."
    ),
    "policy_json_number": N_("This is not JSON: a number begins with 0. Put quotation marks around the number."),
    "policy_json_other": N_(
        "This is not JSON: a policy must begin with {{. Paste the whole document, without any text before the {{."
    ),
    "policy_json_placeholder": N_("This is not JSON: it contains a placeholder. Replace the placeholder with a value."),
    "policy_json_single_quotes": N_("This is not JSON: it contains single quotation marks. Replace each ' with \"."),
    "policy_json_terraform": N_(
        "This is Terraform's language, not JSON. Paste the JSON that Terraform's function jsonencode returns."
    ),
    "policy_json_unclear": N_(
        "This is not JSON. Check whether a comma, a bracket or a quotation mark is missing at or just "
        "before this position."
    ),
    "policy_json_url_encoded": N_(
        "The document is URL-encoded, as the IAM API returns it. Decode the document, or paste the "
        "policy that the console shows."
    ),
    "policy_json_word": N_(
        "This is not JSON: {word} is not in quotation marks, or a comma is missing before {word}. Add the "
        "quotation marks or the comma."
    ),
    "policy_json_word_differs": N_("The value {typed} is not allowed in JSON. Enter {word} instead."),
    "policy_json_yaml": N_(
        "This is YAML, not JSON. Paste the policy as JSON. The console's editor shows the policy as JSON."
    ),
}
_DOCUMENT = {
    "policy_effect_invalid": N_(
        "The value of Effect is neither Allow nor Deny. Enter Allow or Deny, with exactly this capitalisation."
    ),
    "policy_effect_missing": N_('The statement has no Effect. Add "Effect": "Allow" or "Effect": "Deny".'),
    "policy_element_guessed": N_("The element {name} is not valid here. Did you mean {guess}?"),
    "policy_element_unknown": N_("The element {name} is not valid here. Use one of {known}."),
    "policy_id_not_text": N_("The value of Id is not a string. Put the value in quotation marks, or remove Id."),
    "policy_not_object": N_(
        "The policy is not a JSON object. Begin the policy with {{, and put Version and Statement into it."
    ),
    "policy_sid_invalid": N_("A Sid can contain only letters and digits. Remove spaces, dashes and other characters."),
    "policy_sid_twice": N_(
        "The Sid {sid} appears twice. Give each statement a different Sid, or remove the Sid from one of the "
        "statements."
    ),
    "policy_statement_missing": N_("The policy has no Statement. Add Statement with a list of statements."),
    "policy_statement_not_object": N_(
        "The statement is not a JSON object. Enter an object in {{ }} that contains Effect and Action."
    ),
    "policy_statements_empty": N_("Statement is empty. Add at least one statement."),
    "policy_version_unknown": N_(
        'IAM does not recognise this value of the Version element. Use "Version": "{version}".'
    ),
}
_STATEMENT = {
    "policy_action_guessed": N_("AWS has no action {action}. Did you mean {guess}?"),
    "policy_action_invalid": N_(
        "{action} is not a valid action. Enter an action in the form service:Action, such as s3:PutObject."
    ),
    "policy_action_unknown": N_(
        "AWS has no action {action}. Look up the action in the Service Authorization Reference."
    ),
    "policy_condition_not_object": N_(
        'The value of Condition is not an object. Enter a value such as {{"StringEquals": '
        '{{"aws:ResourceAccount": "…"}}}}.'
    ),
    "policy_element_empty": N_("{name} is empty. Add a value, or remove the statement."),
    "policy_element_missing": N_("The statement has no {name}. Add {name}."),
    "policy_element_not_text": N_(
        "The value of {name} is neither a string nor a list of strings. Put quotation marks around each value."
    ),
    "policy_element_with_opposite": N_("The statement has both {name} and Not{name}. Remove {name} or Not{name}."),
    "policy_key_number_too_large": N_(
        "The condition key {key} has a number that is too large. Put quotation marks around the number."
    ),
    "policy_key_without_value": N_(
        "The condition key {key} has neither a value nor a list of values. Enter a value, or a list of values, "
        "with quotation marks around each value."
    ),
    "policy_not_principal": N_(
        "IAM does not accept NotPrincipal in a trust policy. Use Principal to name the principals."
    ),
    "policy_operator_not_object": N_(
        'The value of {operator} is not an object with keys and values. Enter a value such as {{"aws:SourceIp": "…"}}.'
    ),
    "policy_principal_bare": N_(
        'A trust policy does not accept "*" as the whole Principal. Name the intended principals, such as '
        '{{"AWS": "arn:…"}}.'
    ),
    "policy_principal_in_permissions": N_(
        "{name} does not belong in a permissions policy. Remove {name}: only the trust policy names principals."
    ),
    "policy_principal_not_object": N_(
        'The value of {name} is not an object with AWS, Service or Federated. Enter a value such as {{"AWS": "arn:…"}}.'
    ),
    "policy_resource_in_trust": N_(
        "{name} does not belong in a trust policy, which always applies to its own role. Remove {name}."
    ),
    "policy_resource_invalid": N_(
        "{resource} is not a valid resource. Enter an ARN such as arn:aws:s3:::bucket/*, or enter * for all resources."
    ),
    "policy_service_guessed": N_("AWS has no service {service}. Did you mean {guess}?"),
    "policy_service_unknown": N_(
        "AWS has no service {service}. Look up the service's prefix in the Service Authorization Reference."
    ),
}
_MANAGED = {
    "managed_policy_not_arn": N_(
        "This is not the ARN of a managed policy: {arn}. Copy the ARN from IAM, such as "
        "arn:{partition}:iam::aws:policy/ReadOnlyAccess."
    ),
    "managed_policy_other_account": N_(
        "{arn} belongs to account {owner}. You can attach only AWS managed policies and policies of the "
        "role's own account {account}. Create the policy in account {account}, or put its statements into the"
        " role's inline policy."
    ),
    "managed_policy_other_partition": N_(
        "{arn} is in another partition. Enter an ARN that begins with arn:{partition}:."
    ),
}
TEMPLATES = {
    code: Sentence(english, Reader.ADMINISTRATOR)
    for code, english in {**_TEXT, **_JSON, **_DOCUMENT, **_STATEMENT, **_MANAGED}.items()
} | {
    "policy_text_too_long": Sentence(
        N_many(
            "The text has {length} character, and IAM accepts at most {most}. Shorten the text.",
            "The text has {length} characters, and IAM accepts at most {most}. Shorten the text.",
        ),
        Reader.ADMINISTRATOR,
        count="length",
    ),
    "policy_too_large": Sentence(
        N_many(
            "The policy has {size} characters without white space, and IAM accepts at most {most}. Remove {excess} "
            "character, or split the policy.",
            "The policy has {size} characters without white space, and IAM accepts at most {most}. Remove {excess} "
            "characters, or split the policy.",
        ),
        Reader.ADMINISTRATOR,
        count="excess",
    ),
}
