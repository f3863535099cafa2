"""Refusals about AWS identities, source addresses and MFA."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "address_not_allowed": Sentence(
        N_("This grant is limited to {networks}; your address is {address}. Connect from an allowed network."),
        Reader.REQUESTER,
    ),
    "identity_already_verified": Sentence(
        N_("This AWS identity is already verified, so no one needs to vouch for it."), Reader.INTERNAL
    ),
    "identity_not_used": Sentence(
        N_("This role is not assumed from another AWS account. Leave the AWS identity empty."), Reader.REQUESTER
    ),
    "identity_not_yours": Sentence(
        N_("This AWS identity is not one of yours. Choose one from the list."), Reader.REQUESTER
    ),
    "identity_partition_differs": Sentence(
        N_(
            "This AWS identity is in partition {identity} and the role in {role}, and AWS does not allow "
            "access between partitions. Choose an identity in the role's partition."
        ),
        Reader.REQUESTER,
    ),
    "identity_proof_required": Sentence(
        N_("This role requires a verified AWS identity; a sponsor's confirmation is not enough. Verify the identity."),
        Reader.REQUESTER,
    ),
    "identity_required": Sentence(
        N_("This role is assumed from your own AWS account. Verify an AWS identity and choose it."), Reader.REQUESTER
    ),
    "identity_unverified": Sentence(
        N_("This AWS identity has not been verified. Verify it first, then request access with it."), Reader.REQUESTER
    ),
    "identity_without_mfa": Sentence(
        N_(
            "This role requires MFA in AWS, which sessions of roles and of IAM Identity Center never "
            "carry. Choose an AWS identity that is an IAM user."
        ),
        Reader.REQUESTER,
    ),
    "issuer_in_use": Sentence(
        N_("The current issuer opens sessions for active grants. Change the issuer after those grants have ended."),
        Reader.ADMINISTRATOR,
    ),
    "issuer_partition_differs": Sentence(
        N_("The issuer's ARN is in another AWS partition than the account. Enter an ARN of the same partition."),
        Reader.ADMINISTRATOR,
    ),
    "mfa_cannot_be_dropped": Sentence(
        N_("The requester asked for MFA in AWS, and approvers can only add conditions. Keep this option."),
        Reader.APPROVER,
    ),
    "mfa_not_for_identity": Sentence(
        N_(
            "MFA in AWS cannot be required for this AWS identity; only IAM users carry MFA, so "
            "AWS would always refuse. Clear this option."
        ),
        Reader.APPROVER,
    ),
    "mfa_not_for_portal_issued": Sentence(
        N_(
            "MFA in AWS cannot be required for portal-issued credentials; Daypass asks for a "
            "second factor itself. Clear this option."
        ),
        Reader.APPROVER,
    ),
    "proof_command_expired": Sentence(
        N_("This command has already been used or is older than an hour. Get a new one and run it."), Reader.REQUESTER
    ),
    "proof_command_of_another": Sentence(
        N_("This command was created for someone else. Get one of your own."), Reader.REQUESTER
    ),
    "proof_command_used": Sentence(
        N_("This command has already been used. Get a new one and run it."), Reader.INTERNAL
    ),
    "proof_commands_used_up": Sentence(
        N_("You have created {count} commands in the last hour, which is the limit. Wait before you create another."),
        Reader.REQUESTER,
    ),
    "proof_contractor_only": Sentence(
        N_("Only contractors can verify an AWS identity. Sign in with your contractor account."), Reader.REQUESTER
    ),
    "source_inside_network": Sentence(
        N_(
            "{source} is an address inside a network. Write {network} for the whole "
            "network, or the address without a prefix."
        ),
        Reader.REQUESTER,
    ),
    "source_invalid": Sentence(
        N_(
            "{source} is not a valid IP address or network. Write it like 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48."
        ),
        Reader.REQUESTER,
    ),
    "source_is_loopback_port": Sentence(
        N_("{source} is an address on your own machine. Enter your public address."), Reader.REQUESTER
    ),
    "source_not_in_role": Sentence(
        N_("{source} is not within the source networks of this role. {which}"), Reader.REQUESTER
    ),
    "source_not_public": Sentence(
        N_("AWS never receives requests from {source}. Enter your public address."), Reader.REQUESTER
    ),
    "source_too_wide": Sentence(
        N_("{source} is too large: a network must be at least a /{prefix}. Enter smaller networks."), Reader.REQUESTER
    ),
    "sources_not_allowed": Sentence(
        N_("This role does not allow source addresses. Leave the field empty."), Reader.REQUESTER
    ),
    "sources_of_role": Sentence(N_("They must be within {networks}."), Reader.REQUESTER),
    "sources_of_yours": Sentence(N_("Enter the public addresses that you work from."), Reader.REQUESTER),
    "sources_required": Sentence(N_("This role requires source addresses. {which}"), Reader.REQUESTER),
    "sources_too_many": Sentence(
        N_("At most {most} source addresses can be listed. List the networks that contain them."), Reader.REQUESTER
    ),
    "sources_wider_than_requested": Sentence(
        N_("Source addresses outside {networks} were not requested. Choose addresses within those."), Reader.APPROVER
    ),
    "vouch_sponsor_only": Sentence(
        N_("Only a contractor's sponsor can vouch for their AWS identity."), Reader.REQUESTER
    ),
}
