"""Refusals of what contractors paste to prove an AWS identity, and of what STS says about it."""

from access.texts.template import N_, N_many, Reader, Sentence

_OUTPUT = {
    "proof_date_invalid": N_(
        "The signature's date is not a valid date. Run the command on this page exactly as shown."
    ),
    "proof_in_future": N_(
        "The signature's date is in the future. Correct your computer's clock and run the command again."
    ),
    "proof_outdated": N_(
        "The request was signed more than {age} ago. Run the command again and paste the output immediately."
    ),
    "proof_parameter_missing": N_("The parameter {name} is missing. Copy everything that the command prints."),
    "proof_parameter_twice": N_("The parameter {name} appears twice. Run the command on this page exactly as shown."),
    "proof_parameter_unexpected": N_(
        "The request contains the unexpected parameter {name}. Run the command on this page exactly as shown."
    ),
    "proof_pasted_damaged": N_(
        "The pasted text is incomplete or was changed. Paste the one line that the command prints. This line "
        "begins with “k8s-aws-v1.” or “daypass-v1.”."
    ),
    "proof_pasted_unknown": N_(
        "This is not the output of the command. Paste the one line that the command prints. This line begins "
        "with “k8s-aws-v1.” or “daypass-v1.”."
    ),
    "proof_signature_incomplete": N_("The signature is incomplete. Copy everything that the command prints."),
    "proof_token_incomplete": N_("The session token is incomplete. Copy everything that the command prints."),
    "proof_two_dates": N_("The signature contains two different dates. Run the command on this page exactly as shown."),
}
_REQUEST = {
    "proof_algorithm_unknown": N_(
        "This is not a Signature Version 4 signature. Run the command on this page exactly as shown."
    ),
    "proof_host_fips": N_(
        "The request was signed for {host}, a FIPS endpoint of STS. Unset the environment variable "
        "AWS_USE_FIPS_ENDPOINT, remove use_fips_endpoint from your profile, and run the command again."
    ),
    "proof_host_other": N_(
        "The request was signed for {host}, which is not an STS host that Daypass recognises. Unset the "
        "environment variables AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS, remove endpoint_url from your "
        "profile, and run the command again."
    ),
    "proof_host_unknown": N_(
        "The request was not signed for an STS host that Daypass recognises. Run the command on this page "
        "exactly as shown."
    ),
    "proof_host_vpc": N_(
        "The request was signed for {host}, a VPC endpoint of STS. Unset the environment variables "
        "AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS, remove endpoint_url from your profile, and run the "
        "command again."
    ),
    "proof_nonce_unsigned": N_(
        "The signature does not cover the nonce. Run the command on this page exactly as shown."
    ),
    "proof_other_nonce": N_(
        "The request was signed for another nonce or for another installation of Daypass. Run the command that "
        "this page shows now."
    ),
    "proof_other_question": N_(
        "The request is not the GetCallerIdentity request that the command signs. Run the command on this page "
        "exactly as shown."
    ),
    "proof_other_region": N_(
        "The request was signed for region {signed}, but {host} is in {region}. Run the command on this page "
        "exactly as shown."
    ),
    "proof_other_service": N_(
        "The request was signed for a service other than STS. Run the command on this page exactly as shown."
    ),
    "proof_path_invalid": N_(
        "The request was signed for a path other than /. Run the command on this page exactly as shown."
    ),
    "proof_query_unexpected": N_(
        "The signed URL contains a query string, which is not allowed. Run the command on this page exactly as shown."
    ),
    "proof_valid_too_long": N_(
        "The signed request would be valid for too long. Run the command on this page exactly as shown."
    ),
}
_CALLER = {
    "proof_answer_contradictory": N_(
        "The parts of the response from STS contradict each other. Run the command again, and paste the new output."
    ),
    "proof_by_federated_user": N_("You signed as a federated user. Sign with the keys of an IAM user or role."),
    "proof_by_root": N_("You signed as the root user of your account. Sign with the keys of an IAM user or role."),
    "proof_by_user": N_(
        "An IAM user signed this, not a role. Delete the ARN in the role's field, or sign with the "
        "credentials of the role."
    ),
    "proof_caller_unreadable": N_(
        "STS returned an identity that Daypass cannot interpret. Sign with the keys of an IAM user or role."
    ),
    "proof_role_differs": N_(
        "You signed with a session of the role {role} in account {account}, but entered the ARN of "
        "another role. Enter the ARN of the role {role}, and run the command again."
    ),
    "proof_role_missing": N_(
        "You signed with a session of the role {role}. A session does not show the path of its role. Enter "
        "the role's ARN too, and run the command again."
    ),
    "proof_role_without_region": N_(
        "The ARN of this IAM Identity Center role has no region. Enter the ARN with the region of Identity "
        "Center: arn:aws:iam::<account>:role/aws-reserved/sso.amazonaws.com/<region>/{role}. If that region is "
        "us-east-1, include it anyway, even though IAM omits it from the ARN."
    ),
    "proof_session_not_personal": N_(
        "This session does not identify one person, because it is not an IAM Identity Center session. Enter the "
        "ARN of the role instead."
    ),
}
TEMPLATES = {
    code: Sentence(english, Reader.REQUESTER) for code, english in {**_OUTPUT, **_REQUEST, **_CALLER}.items()
} | {
    "proof_pasted_too_long": Sentence(
        N_many(
            "The pasted text is longer than {most} character. Paste the one line that the command prints. "
            "This line begins with “k8s-aws-v1.” or “daypass-v1.”.",
            "The pasted text is longer than {most} characters. Paste the one line that the command prints. "
            "This line begins with “k8s-aws-v1.” or “daypass-v1.”.",
        ),
        Reader.REQUESTER,
        count="most",
    ),
}
