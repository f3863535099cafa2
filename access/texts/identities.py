"""Refusals about AWS identities, source addresses and MFA."""

from access.texts.template import N_, N_many, Phrase, Reader, Sentence

TEMPLATES = {
    "address_not_allowed": Sentence(
        N_(
            "This grant can be used only from {networks}, and your address is {address}. Connect from"
            " an allowed network."
        ),
        Reader.REQUESTER,
    ),
    "address_unknown": Sentence(
        N_(
            "This grant can be used only from {networks}, and Daypass does not know your address. Connect from an"
            " allowed network."
        ),
        Reader.REQUESTER,
    ),
    "identity_already_verified": Sentence(
        N_("The contractor has already proven this AWS identity. You do not need to vouch for this AWS identity."),
        Reader.SPONSOR,
    ),
    "identity_not_used": Sentence(
        N_("This role cannot be used with your own AWS identity. Submit a request without an AWS identity."),
        Reader.REQUESTER,
    ),
    "identity_not_yours": Sentence(
        N_("This AWS identity is not one of yours. Choose an AWS identity from the list."), Reader.REQUESTER
    ),
    "identity_partition_differs": Sentence(
        N_(
            "This AWS identity is in partition {identity} and the role is in partition {role}; AWS "
            "does not allow access across partitions. Submit a request with an identity in partition "
            "{role}."
        ),
        Reader.REQUESTER,
    ),
    "identity_proof_required": Sentence(
        N_(
            "This role requires a proven AWS identity; a sponsor's confirmation is not enough. Prove the AWS "
            "identity under “Your AWS identities”, then request access with that AWS identity."
        ),
        Reader.REQUESTER,
    ),
    "identity_required": Sentence(
        N_(
            "This role can be used only with your own AWS identity. Prove an identity under “Your AWS "
            "identities”, then choose it in the request."
        ),
        Reader.REQUESTER,
    ),
    "identity_unverified": Sentence(
        N_(
            "This AWS identity is not proven, and no sponsor has vouched for it. Prove the AWS identity under “Your "
            "AWS identities”, then request access with it."
        ),
        Reader.REQUESTER,
    ),
    "identity_without_mfa": Sentence(
        N_(
            "This role requires MFA in AWS, and only an IAM user can provide MFA (sessions of roles and of "
            "IAM Identity Center cannot). Submit a request with an AWS identity that is an IAM user."
        ),
        Reader.REQUESTER,
    ),
    "account_connected": Sentence(
        N_("This account is already connected. You do not need to do anything."),
        Reader.ADMINISTRATOR,
    ),
    "account_disconnected": Sentence(
        N_("This account is disconnected. Connect the account again on its page first."),
        Reader.ADMINISTRATOR,
    ),
    "account_has_grants": Sentence(
        N_("Access is still open in this account. End this access first, or stop access in the account."),
        Reader.ADMINISTRATOR,
    ),
    "account_has_requests": Sentence(
        N_("Requests for roles of this account are pending. Wait until they are decided or withdrawn."),
        Reader.ADMINISTRATOR,
    ),
    "account_needs_denies": Sentence(
        N_("Sessions of ended grants could still be open in this account. Disconnect the account after {until}."),
        Reader.ADMINISTRATOR,
    ),
    "issuer_in_use": Sentence(
        N_(
            "Live grants depend on the current issuer, so you cannot change the issuer now. Wait until those grants "
            "have ended, or revoke them first."
        ),
        Reader.ADMINISTRATOR,
    ),
    "issuer_partition_differs": Sentence(
        N_(
            "The issuer's ARN is in a different AWS partition from the account. Enter an ARN whose partition "
            "(aws, aws-us-gov or aws-cn) is that of the account."
        ),
        Reader.ADMINISTRATOR,
    ),
    "mfa_cannot_be_dropped": Sentence(
        N_(
            "The requester asked for MFA in AWS, and approvers cannot remove conditions. Keep the option that "
            "requires MFA in AWS selected."
        ),
        Reader.APPROVER,
    ),
    "mfa_not_for_identity": Sentence(
        N_(
            "MFA in AWS cannot be required for this AWS identity, because it is not an IAM user. Clear the "
            "option that requires MFA in AWS."
        ),
        Reader.REQUESTER,
    ),
    "mfa_not_for_portal_issued": Sentence(
        N_(
            "MFA in AWS cannot be required for portal-issued credentials; Daypass asks for a second factor "
            "instead. Clear the option that requires MFA in AWS."
        ),
        Reader.REQUESTER,
    ),
    "proof_command_expired": Sentence(
        N_(
            "This command has already been used, or is more than an hour old. Get a new command under “Your "
            "AWS identities” and run the new command."
        ),
        Reader.REQUESTER,
    ),
    "proof_command_of_another": Sentence(
        N_(
            "This command was created for another user. Get your own command under “Your AWS identities” and "
            "run only that command."
        ),
        Reader.REQUESTER,
    ),
    "proof_command_used": Sentence(
        N_(
            "This command has already been used. Get a new command under “Your AWS identities” and run the new command."
        ),
        Reader.REQUESTER,
    ),
    "proof_commands_used_up": Sentence(
        N_many(
            "You have created {count} command in the last hour, which is the limit. Wait an hour, then get a new "
            "command.",
            "You have created {count} commands in the last hour, which is the limit. Wait an hour, then get a new "
            "command.",
        ),
        Reader.REQUESTER,
        count="count",
    ),
    "proof_contractor_only": Sentence(
        N_("Only contractors can prove an AWS identity. Sign in with a contractor account."), Reader.INTERNAL
    ),
    "source_inside_network": Sentence(
        N_(
            "{source} combines the address of a single host with a network prefix. Enter {network} for the whole "
            "network, or remove the prefix to allow only the address of that host."
        ),
        Reader.REQUESTER,
    ),
    "source_invalid": Sentence(
        N_(
            "{source} is not a valid IP address or network. Enter an address such as 203.0.113.7, or a network such "
            "as 203.0.113.0/24 or 2001:db8::/48."
        ),
        Reader.REQUESTER,
    ),
    "source_is_loopback_port": Sentence(
        N_("{source} contains “%” and the name of a network interface. Enter your public address without them."),
        Reader.REQUESTER,
    ),
    "source_not_in_role": Sentence(
        N_("{source} is not within the source networks that this role allows. {which}"), Reader.REQUESTER
    ),
    "source_not_public": Sentence(
        N_(
            "{source} is a private or reserved address, so AWS never receives requests from it. Enter your public "
            "address or network."
        ),
        Reader.REQUESTER,
    ),
    "source_too_wide": Sentence(
        N_("{source} is too large: the largest network allowed is a /{prefix}. Enter one or more smaller CIDR ranges."),
        Reader.REQUESTER,
    ),
    "sources_not_allowed": Sentence(
        N_("This role does not accept source addresses. Leave the field empty."), Reader.REQUESTER
    ),
    "sources_required": Sentence(N_("This role requires source addresses. {which}"), Reader.REQUESTER),
    "sources_too_many": Sentence(
        N_many(
            "You can list at most {most} address or network. Remove some, or enter larger networks "
            "that contain several of them.",
            "You can list at most {most} addresses or networks. Remove some, or enter larger networks that contain "
            "several of them.",
        ),
        Reader.REQUESTER,
        count="most",
    ),
    "sources_wider_than_requested": Sentence(
        N_(
            "The request is limited to {networks}, and approvers cannot allow other addresses. Enter "
            "addresses within those networks."
        ),
        Reader.APPROVER,
    ),
    "vouch_sponsor_only": Sentence(
        N_(
            "Only a contractor's sponsor can vouch for their AWS identity. Ask the contractor's sponsor to vouch for "
            "the AWS identity."
        ),
        Reader.INTERNAL,
    ),
}
# What to do, as part of two of the refusals above.
PHRASES = {
    "sources_of_role": Phrase(N_("Enter addresses within {networks}.")),
    "sources_of_yours": Phrase(N_("Enter the public addresses that you work from.")),
}
