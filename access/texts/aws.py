"""What AWS answers, as people read it. `error` and `message` are AWS's own words."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "aws_change_refused": Sentence(
        N_("AWS refuses the change ({error}: {message}). An administrator must correct it."), Reader.ANYONE
    ),
    "aws_credentials_invalid": Sentence(
        N_("AWS does not accept the credentials of Daypass ({error}: {message}). An operator must renew them."),
        Reader.ANYONE,
    ),
    "aws_denied": Sentence(
        N_("AWS denies this to Daypass ({error}: {message}). An administrator must check Daypass's permissions."),
        Reader.ANYONE,
    ),
    "aws_failed": Sentence(N_("AWS reports an error ({error}: {message}). Try again in a few minutes."), Reader.ANYONE),
    "aws_no_policy": Sentence(
        N_("IAM has no policy {policy} that can be attached to a role. Choose another policy."), Reader.ADMINISTRATOR
    ),
    "aws_no_role": Sentence(
        N_("IAM has no role {role}. Create it again in AWS, or disable the role here."), Reader.ANYONE
    ),
    "aws_not_found": Sentence(
        N_("IAM cannot find what this needs ({error}: {message}). An administrator must check it in AWS."),
        Reader.ANYONE,
    ),
    "aws_other_role": Sentence(
        N_("IAM has {found} under this name, not {role}. Rename one of them in AWS."), Reader.ANYONE
    ),
    "aws_policy_name_taken": Sentence(
        N_("The policy {policy} already exists with other content. Choose another name for the policy."),
        Reader.ADMINISTRATOR,
    ),
    "aws_principal_missing": Sentence(
        N_("IAM does not know a user or role of this policy ({error}: {message}). Check its ARN with the contractor."),
        Reader.ANYONE,
    ),
    "aws_quota_reached": Sentence(
        N_("A quota of AWS is reached ({error}: {message}). An administrator must free some capacity."), Reader.ANYONE
    ),
    "aws_role_not_ours": Sentence(
        N_("IAM has a role {role} that Daypass did not make. Delete it or rename it."), Reader.ADMINISTRATOR
    ),
    "aws_silent": Sentence(N_("AWS did not answer ({error}). Try again in a few minutes."), Reader.ANYONE),
    "aws_throttled": Sentence(
        N_("AWS asks Daypass to slow down ({error}: {message}). Try again in a few minutes."), Reader.ANYONE
    ),
    "aws_unconfirmed": Sentence(
        N_("AWS accepted the change, but it cannot be read back yet. Daypass reads it again automatically."),
        Reader.ANYONE,
    ),
    "rate_limited": Sentence(
        N_("AWS asks Daypass to slow down, so this waits for its turn. Daypass tries again automatically."),
        Reader.ANYONE,
    ),
    "signin_answer_invalid": Sentence(
        N_("AWS's sign-in service did not return a token. Try again in a minute."), Reader.REQUESTER
    ),
    "signin_refused": Sentence(
        N_("AWS's sign-in service refused the session (status {status}). Get credentials instead."), Reader.REQUESTER
    ),
    "signin_silent": Sentence(N_("AWS's sign-in service did not answer. Try again in a minute."), Reader.REQUESTER),
    "sts_answer_endless": Sentence(
        N_("The answer of STS is too long. Get a new command and try again."), Reader.REQUESTER
    ),
    "sts_answer_unreadable": Sentence(
        N_("The answer of STS cannot be read. Get a new command and try again."), Reader.REQUESTER
    ),
    "sts_busy": Sentence(N_("STS is busy. Wait a minute, then get a new command."), Reader.REQUESTER),
    "sts_keys_expired": Sentence(
        N_("STS refused it: these keys have expired. Use new keys and run the command again."), Reader.REQUESTER
    ),
    "sts_keys_unknown": Sentence(
        N_("STS refused it: AWS does not know these keys. Use other keys and run the command again."), Reader.REQUESTER
    ),
    "sts_refused": Sentence(N_("STS refused it. Run the command again."), Reader.REQUESTER),
    "sts_signature_expired": Sentence(
        N_("STS refused it: the signature has expired. Run the command again."), Reader.REQUESTER
    ),
    "sts_signature_wrong": Sentence(
        N_(
            "STS refused it: the signature is wrong. Another nonce or another request was signed, or it was changed "
            "on the way. Run the command again."
        ),
        Reader.REQUESTER,
    ),
    "sts_silent": Sentence(N_("STS did not answer ({error}). Get a new command and try again."), Reader.REQUESTER),
    "sts_token_wrong": Sentence(
        N_("STS refused it: the session token does not belong to these keys. Run the command again."),
        Reader.REQUESTER,
    ),
}
