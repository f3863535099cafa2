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
        N_(
            "The ARN contains non-ASCII characters, which can look like ASCII characters. Copy the ARN from IAM "
            "again, or type the ARN."
        ),
        Reader.ANYONE,
    ),
    "arn_not_iam": Sentence(
        N_("This is not the ARN of an IAM user or role. Enter an ARN such as arn:aws:iam::222222222222:user/Richard."),
        Reader.ANYONE,
    ),
    "arn_not_session": Sentence(
        N_(
            "The ARN of this AWS identity is not the ARN of a role session. Prove the AWS identity again under “Your "
            "AWS identities”."
        ),
        Reader.ANYONE,
    ),
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
            "Daypass cannot grant access to this session, because nobody has proven that it is one "
            "individual's IAM Identity Center session. Under “Your AWS identities”, prove again that the "
            "session is yours, or prove an IAM user or role and request access with that AWS identity."
        ),
        Reader.ANYONE,
    ),
    "arn_too_long": Sentence(
        N_many(
            "This ARN is longer than {most} character. Enter the ARN of a user or role with a shorter path.",
            "This ARN is longer than {most} characters. Enter the ARN of a user or role with a shorter path.",
        ),
        Reader.ANYONE,
        count="most",
    ),
    "arn_with_spaces": Sentence(
        N_("The ARN begins or ends with a space or a line break. Remove all spaces and line breaks from the ARN."),
        Reader.ANYONE,
    ),
    "arn_with_wildcard": Sentence(
        N_(
            "The ARN contains a wildcard, but Daypass grants access only to one user or role. Enter the ARN of one "
            "user or role, such as arn:aws:iam::222222222222:user/Richard."
        ),
        Reader.ANYONE,
    ),
}
