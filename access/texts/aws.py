"""What AWS answers, as people read it. `error` and `message` are AWS's own words."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "aws_change_refused": Sentence(
        N_(
            "AWS rejected the change ({error}: {message}). Ask an administrator to fix the cause that AWS's message "
            "names."
        ),
        Reader.ANYONE,
    ),
    "aws_credentials_invalid": Sentence(
        N_(
            "AWS does not accept Daypass's credentials ({error}: {message}). Ask an operator to renew these "
            "credentials."
        ),
        Reader.ANYONE,
    ),
    "aws_denied": Sentence(
        N_(
            "AWS denied this action to Daypass ({error}: {message}). Ask an administrator to check "
            "Daypass's permissions in the account."
        ),
        Reader.ANYONE,
    ),
    "aws_failed": Sentence(
        N_("AWS reported an error ({error}: {message}). Try again in a few minutes."), Reader.ANYONE
    ),
    "aws_no_policy": Sentence(
        N_("The policy {policy} does not exist in IAM, or it cannot be attached to a role. Choose another policy."),
        Reader.ADMINISTRATOR,
    ),
    "aws_no_role": Sentence(
        N_(
            "The role {role} does not exist in IAM. Ask an administrator to create the role again in AWS, or to "
            "disable the role in Daypass."
        ),
        Reader.ANYONE,
    ),
    "aws_not_found": Sentence(
        N_(
            "IAM cannot find a resource that this action needs ({error}: {message}). Ask an administrator to "
            "check that resource in AWS."
        ),
        Reader.ANYONE,
    ),
    "aws_other_role": Sentence(
        N_(
            "The role in IAM has the same name but is a different role. Expected: {role}. Found: {found}. Ask"
            " an administrator to delete {found} and create the expected role again in AWS."
        ),
        Reader.ANYONE,
    ),
    "aws_policy_name_taken": Sentence(
        N_("The policy {policy} already exists with different content. Choose another name for the policy."),
        Reader.ADMINISTRATOR,
    ),
    "aws_principal_missing": Sentence(
        N_(
            "The policy names a user or role that IAM cannot find ({error}: {message}). Ask the contractor "
            "for the correct ARN."
        ),
        Reader.ANYONE,
    ),
    "aws_quota_reached": Sentence(
        N_(
            "An AWS quota has been reached ({error}: {message}). Ask an administrator to remove "
            "resources that are no longer needed, or to have the quota increased."
        ),
        Reader.ANYONE,
    ),
    "aws_role_not_ours": Sentence(
        N_(
            "A role named {role} already exists in IAM, and Daypass did not create it. Delete that role in AWS, or "
            "rename the role in Daypass."
        ),
        Reader.ADMINISTRATOR,
    ),
    "aws_silent": Sentence(N_("AWS did not respond ({error}). Try again in a few minutes."), Reader.ANYONE),
    "aws_throttled": Sentence(
        N_("AWS is throttling Daypass ({error}: {message}). Try again in a few minutes."), Reader.ANYONE
    ),
    "aws_unconfirmed": Sentence(
        N_("AWS accepted the change but does not return the new version yet. Daypass checks again automatically."),
        Reader.ANYONE,
    ),
    "rate_limited": Sentence(
        N_("AWS is throttling Daypass, so this change has to wait. Daypass tries again automatically."), Reader.ANYONE
    ),
    "session_not_issued": Sentence(N_("AWS did not issue a session. {cause}"), Reader.REQUESTER),
    "signin_answer_invalid": Sentence(
        N_("AWS's sign-in service did not return a token. Try again in a minute."), Reader.REQUESTER
    ),
    "signin_refused": Sentence(
        N_(
            "AWS's sign-in service rejected the session (status {status}). On the request's page, get "
            "credentials instead."
        ),
        Reader.REQUESTER,
    ),
    "signin_silent": Sentence(N_("AWS's sign-in service did not respond. Try again in a minute."), Reader.REQUESTER),
    "sts_answer_endless": Sentence(
        N_("The response from STS is too long. Get a new command and try again."), Reader.REQUESTER
    ),
    "sts_answer_unreadable": Sentence(
        N_("The response from STS cannot be read. Get a new command and try again."), Reader.REQUESTER
    ),
    "sts_busy": Sentence(N_("STS is busy. Wait a minute, then get a new command and run it."), Reader.REQUESTER),
    "sts_keys_expired": Sentence(
        N_("STS rejected the request: these access keys have expired. Use new keys, get a new command and run it."),
        Reader.REQUESTER,
    ),
    "sts_keys_unknown": Sentence(
        N_(
            "STS rejected the request: AWS does not recognise these access keys. Use other keys, get a new command "
            "and run it."
        ),
        Reader.REQUESTER,
    ),
    "sts_refused": Sentence(N_("STS rejected the signed request. Get a new command and run it."), Reader.REQUESTER),
    "sts_signature_expired": Sentence(
        N_(
            "STS rejected the request: its signature has expired. Get a new command, run it and paste"
            " the output within five minutes."
        ),
        Reader.REQUESTER,
    ),
    "sts_signature_wrong": Sentence(
        N_(
            "STS rejected the request because its signature does not match: the output was changed, or comes "
            "from a different command. Get a new command, run it and paste the whole output."
        ),
        Reader.REQUESTER,
    ),
    "sts_silent": Sentence(N_("STS did not respond ({error}). Get a new command and try again."), Reader.REQUESTER),
    "sts_token_wrong": Sentence(
        N_(
            "STS rejected the request: the session token does not belong to these access keys. Check "
            "your credentials, then get a new command and run it."
        ),
        Reader.REQUESTER,
    ),
}
