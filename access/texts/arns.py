"""Refusals of what is not the ARN of one user or role."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "arn_account_managed": Sentence(
        N_(
            "This ARN is in an account that Daypass manages. Enter the ARN of a user or role in your company's account."
        ),
        Reader.ANYONE,
    ),
    "arn_is_unique_id": Sentence(
        N_(
            "This is the unique ID of a user or role. Enter the ARN of the user or role, such as "
            "arn:aws:iam::222222222222:user/Richard."
        ),
        Reader.ANYONE,
    ),
    "arn_not_ascii": Sentence(
        N_("The ARN contains non-ASCII characters, which can look like ASCII characters. Copy the ARN again from IAM."),
        Reader.ANYONE,
    ),
    "arn_not_iam": Sentence(
        N_(
            "This is not the ARN of an IAM user or role. An ARN looks like this: "
            "arn:aws:iam::222222222222:user/Richard."
        ),
        Reader.ANYONE,
    ),
    "arn_not_session": Sentence(N_("This is not the ARN of a role session. Prove the identity again."), Reader.ANYONE),
    "arn_of_account": Sentence(
        N_(
            "A whole account cannot be granted access. Enter the ARN of one user or role, such as "
            "arn:aws:iam::222222222222:user/Richard."
        ),
        Reader.ANYONE,
    ),
    "arn_of_session": Sentence(
        N_("This is the ARN of a session. Enter the ARN of the role itself: arn:aws:iam::<account>:role/<path><name>."),
        Reader.ANYONE,
    ),
    "arn_path_invalid": Sentence(
        N_(
            "The path of this ARN contains characters that Daypass does not accept. Enter the ARN "
            "exactly as IAM shows it."
        ),
        Reader.ANYONE,
    ),
    "arn_session_not_personal": Sentence(
        N_(
            "Daypass can grant access to a session only if it is one person's proven IAM Identity Center session. "
            "Request access with the role's identity instead."
        ),
        Reader.ANYONE,
    ),
    "arn_too_long": Sentence(
        N_many(
            "This ARN is longer than {most} character. Use a user or role with a shorter path.",
            "This ARN is longer than {most} characters. Use a user or role with a shorter path.",
        ),
        Reader.ANYONE,
        count="most",
    ),
    "arn_with_spaces": Sentence(
        N_("The ARN has spaces or line breaks around it. Remove the spaces and line breaks."), Reader.ANYONE
    ),
    "arn_with_wildcard": Sentence(
        N_(
            "Wildcards are not allowed. Enter the ARN of one user or role, such as "
            "arn:aws:iam::222222222222:user/Richard."
        ),
        Reader.ANYONE,
    ),
}
