"""Why AWS denied access, and what to do: what `access.diagnose` finds. A reason and its remedy are a text each."""

from access.texts.template import N_, Phrase

_OWN_SIDE = {
    "aws_unreachable": N_(
        "Your program cannot reach AWS: the region may be misspelled, or the network may block the call."
    ),
    "certificate_untrusted": N_(
        "Your program does not trust the certificate it received; a proxy in your network may have replaced it."
    ),
    "clock_or_secret": N_("Your clock or your secret access key is wrong."),
    "config_unreadable": N_("Your AWS configuration file cannot be read."),
    "keys_incomplete": N_(
        "Your keys are incomplete: an access key needs its secret key, and a session's keys need their token too."
    ),
    "keys_unchecked": N_("AWS could not check these keys: they are wrong or incomplete, or your clock is wrong."),
    "keys_unknown": N_("AWS does not know these keys, or the session token does not belong to them."),
    "login_expired": N_("Your own sign-in with aws login has expired."),
    "no_keys": N_("Your program found no keys at all."),
    "no_profile": N_("The profile is not in your AWS configuration."),
    "no_region": N_("No region is set, or the region does not exist."),
    "own_session_expired": N_("Your own session had expired before you tried to assume the role."),
    "profile_names_itself": N_("The profile names itself as its source_profile."),
    "region_disabled": N_("The region is not enabled in the account."),
    "request_expired": N_("The signed link or request has expired: its signature is valid only for a limited time."),
    "session_expired": N_("The session has expired."),
    "source_profile_without_keys": N_("The source_profile of your profile has no usable keys."),
    "sso_expired": N_("Your own sign-in to IAM Identity Center (SSO) has expired."),
}
_WORDS_OF_AWS = {
    "chained_too_long": N_(
        "The session duration in your call is too long: a session that is started from another session lasts "
        "at most one hour."
    ),
    "duration_too_long": N_("The session duration in your call is too long: the maximum is 43200 seconds."),
    "duration_too_short": N_("The session duration in your call is too short: the minimum is 900 seconds."),
    "encryption_key": N_("The role has no permission to use the key that encrypts the bucket's objects."),
    "longer_than_role": N_("The session duration in your call is longer than the role allows."),
    "mfa_code_wrong": N_("The MFA code was wrong, or has been used before."),
    "mfa_incomplete": N_("MFA needs both the serial number of the device and a code."),
    "no_acls": N_("The bucket does not accept ACLs."),
    "no_bucket": N_("There is no bucket with this name."),
    "no_object": N_("There is no object with this name in the bucket."),
    "not_found": N_("The resource that you named does not exist in this account and region."),
    "object_locked": N_("The object is locked against changes (S3 Object Lock)."),
    "other_mfa_device": N_("The MFA device does not belong to your user: mfa_serial names another device."),
    "other_region": N_("The call went to a region other than the bucket's."),
    "public_acl": N_("The bucket blocks public access, and the ACL of the upload would make the object public."),
    "reason_encoded": N_(
        "The role does not permit this action, or does not permit it on this resource. The error message "
        "contains the exact reason in encoded form."
    ),
    "root_user": N_("You called with the keys of your account's root user, which can assume no role."),
    "session_from_session": N_("You tried to get a session with the keys of a session, which AWS does not allow."),
    "session_tags": N_("Your call passes session tags, which this role does not allow."),
    "source_identity": N_("Your session has a source identity, which this role does not allow."),
    "switch_role": N_("The AWS console's Switch Role uses a different session name."),
    "value_damaged": N_("A value was changed when it was copied, so AWS does not accept the value."),
    "web_identity": N_("This role cannot be assumed with a web identity token or a SAML assertion."),
}
_POLICIES = {
    "boundary_denies": N_("The role's permissions boundary denies this action."),
    "boundary_missing": N_("The role's permissions boundary does not allow this action."),
    "endpoint_denies": N_("The policy of the VPC endpoint denies this call."),
    "endpoint_missing": N_("The policy of the VPC endpoint does not allow this call."),
    "grant_ended": N_("The session belongs to a grant that has ended."),
    "identity_missing_for_assume": N_(
        "Your own account does not let you assume the role: no identity policy in it allows sts:AssumeRole."
    ),
    "organisation_denies": N_("An organisation's policy denies this call."),
    "organisation_missing": N_("An organisation's policy does not allow this call."),
    "own_boundary_denies": N_("Your own permissions boundary denies this call."),
    "own_boundary_missing": N_("Your own permissions boundary does not allow you to assume the role."),
    "own_policy_denies": N_("A policy of your own account denies this call."),
    "past_end": N_("The session was used after the end of the grant."),
    "session_policy_denies_assume": N_(
        "The session that you called with was started with a session policy that denies sts:AssumeRole."
    ),
    "session_policy_missing": N_("The session was started with a session policy that does not allow this action."),
    "session_policy_missing_for_assume": N_(
        "The session that you called with was started with a session policy that does not allow sts:AssumeRole."
    ),
    "trust_denies": N_("The role's trust policy explicitly denies this call."),
    "trust_missing": N_("The role's trust policy does not allow this call."),
}
_GRANT = {
    "address_differs": N_("The grant can only be used from {networks}, and your address is {address}."),
    "address_limited": N_("The grant can only be used from {networks}."),
    "address_may_differ": N_(
        "The grant can only be used from {networks}. Your address {address} is allowed, but your program "
        "may use another address (through a proxy or VPN)."
    ),
    "blocked": N_("A problem prevents the grant from being written to AWS."),
    "bucket_encrypted": N_("The bucket's objects are encrypted with a key that the role has no permission to use."),
    "bucket_may_require_ownership": N_("The bucket may require that objects belong to its owner."),
    "bucket_policy_refuses": N_("The bucket policy denies the session."),
    "copy_cannot_read": N_("A copy also reads the source object, and the role does not permit s3:GetObject."),
    "copy_reads_too": N_("A copy also reads the source object, so the role needs s3:GetObject on the source object."),
    "ended_early": N_("The grant was ended early."),
    "external_id_missing": N_("The external ID is missing."),
    "just_written": N_("The grant might not have reached all of AWS yet."),
    "may_have_to_hand_over": N_("The bucket policy may require that the bucket's account owns the objects."),
    "maybe_not_permitted": N_("The role does not permit this action."),
    "mfa_missing": N_("The role requires MFA."),
    "missing_when_read": N_(
        "When Daypass last read the role from AWS, at {at}, the role's policies did not contain the grant."
    ),
    "must_hand_over": N_(
        "The role permits an upload only if the bucket owner becomes the owner of the object, and this upload "
        "does not request that."
    ),
    "not_in_known_permissions": N_("The permissions that Daypass knows for this role do not permit {action}."),
    "not_on_resource": N_(
        "The role permits {action}, but not on this resource ({resource}), or only under conditions that are not met."
    ),
    "not_on_this_resource": N_(
        "The role permits {action}, but not on this resource, or only under conditions that are not met."
    ),
    "not_permitted": N_("The role does not permit {action} at all."),
    "not_started": N_("The grant has not started. Start: {start}."),
    "not_the_principal": N_("You are not calling as {principal}."),
    "not_there": N_("The role permits {action}, but not on this resource."),
    "not_written": N_("The grant is not in AWS yet."),
    "other_caller": N_("You called as {caller}, but the grant is for {principal}."),
    "other_role": N_("You tried to assume {resource}, but the grant is for {role}."),
    "other_session": N_("You called as {caller}, not with the session of this grant."),
    "own_account_refuses": N_("Your own account does not let you assume the role."),
    "portal_opens": N_("You cannot assume this role with your own keys: Daypass starts the session for you."),
    "session_name_wrong": N_("The session name is missing or wrong."),
    "session_over": N_("The session has expired, but the grant may still be active."),
    "window_over": N_("The window is over. End: {end}."),
}
_FIXES = {
    "fix_add_acl": N_("Add --acl {acl}."),
    "fix_administrator_changes": N_("Ask the administrator of your own account to change that policy."),
    "fix_an_hour": N_("Set duration_seconds to 3600 or less."),
    "fix_approved_keys": N_("Use the keys of the user or role that was approved."),
    "fix_approved_network": N_("Connect from an approved network."),
    "fix_arn_from_page": N_("Use the role's ARN from the request's page."),
    "fix_bucket_name": N_("Compare the bucket's name with the request's page. Do not include s3:// or a slash."),
    "fix_ca_bundle": N_(
        "Ask the administrator of your network for its CA certificate, and set AWS_CA_BUNDLE to that file."
    ),
    "fix_check_keys": N_(
        "Check your own access key. With the keys of a session, also set the session token (AWS_SESSION_TOKEN)."
    ),
    "fix_check_keys_and_clock": N_("Check the keys and the session token, and synchronise your clock with NTP."),
    "fix_check_name": N_(
        "Check the resource's name and the region, and use aws sts get-caller-identity to check the account."
    ),
    "fix_check_network": N_("Check the region and AWS_ENDPOINT_URL, then the network, proxy or VPN."),
    "fix_check_session": N_("Check the session name, the identity and the window."),
    "fix_clock_then_secret": N_(
        "Synchronise your clock with NTP and try again. If the call still fails, check the secret access key."
    ),
    "fix_compare_call": N_("Compare the call with the permissions and resources on the request's page."),
    "fix_compare_permissions": N_("Compare the call with the permissions on the request's page."),
    "fix_copy_again": N_("Copy the whole snippet again."),
    "fix_correct_config": N_(
        "Correct ~/.aws/config: each profile begins with [profile NAME], each line is name = value."
    ),
    "fix_decode": N_(
        "Send the error message to an approver, who can decode the reason with aws sts decode-authorization-message."
    ),
    "fix_delete_cache": N_("Start a new session. If the AWS CLI keeps using the old session, delete ~/.aws/cli/cache."),
    "fix_download_first": N_(
        "Download the object with your own keys and upload the file, or request a role that can read."
    ),
    "fix_duration_of_snippet": N_("Use duration_seconds from the snippet."),
    "fix_enabled_region": N_("Use a region that the account has enabled, for example eu-west-1."),
    "fix_external_id": N_("Use external_id from the snippet."),
    "fix_generate_data_key": N_(
        "Ask the key's administrator to allow kms:GenerateDataKey for the role in the key policy."
    ),
    "fix_get_credentials": N_("Use “Get credentials” or “Open the AWS console” on the request's page."),
    "fix_key_policy": N_(
        "Ask the key's administrator to allow kms:GenerateDataKey (to upload) or kms:Decrypt (to read) for the "
        "role in the key policy."
    ),
    "fix_login": N_("Run aws login again with the profile of your own account."),
    "fix_mfa": N_("Use mfa_serial from the snippet and enter a code."),
    "fix_mfa_serial": N_(
        "Find the serial number of your MFA device with aws iam list-mfa-devices, or in IAM under "
        "Security credentials, and set mfa_serial."
    ),
    "fix_more_permissions": N_("The request's page shows what the role permits. Request a role that permits more."),
    "fix_named_region": N_(
        "Set the region to the region that AWS's error message names (--region, or region in the profile)."
    ),
    "fix_network_administrator": N_("Ask the administrator of your network for help."),
    "fix_new_link": N_("Create a new link, or sign and send the request again. Check your clock."),
    "fix_new_session": N_("Delete ~/.aws/cli/cache, and start a new session."),
    "fix_next_code": N_("Wait for the next code and try again."),
    "fix_no_acl": N_("Upload without --acl."),
    "fix_no_public_acl": N_("Upload without a public ACL (such as --acl public-read)."),
    "fix_no_source_identity": N_(
        "Use an identity without a source identity. If you have no such identity, ask an approver."
    ),
    "fix_no_tags": N_("Remove the tags, or use an identity without transitive tags."),
    "fix_object_name": N_("Check the object's full name, including folders and letter case."),
    "fix_only_snippets": N_("Use the snippets instead."),
    "fix_open_session": N_("Start a new session."),
    "fix_other_name": N_("Upload under another name, or ask the person who is responsible for the bucket."),
    "fix_other_role": N_("Request another role."),
    "fix_own_keys": N_("Use your own keys for that call, or keep using your current session."),
    "fix_own_session_without_policy": N_(
        "Start your own session without a session policy, or with a session policy that allows this action."
    ),
    "fix_own_session_without_that": N_("Start your own session without that session policy."),
    "fix_page_shows_problem": N_("The request's page shows the problem. Ask an approver for help."),
    "fix_page_shows_ready": N_("The request's page shows when the grant is ready. Try again then."),
    "fix_page_shows_why": N_("The request's page shows why. If you still need access, request it again."),
    "fix_paste_again": N_("Paste the profile or the credentials from the request's page again."),
    "fix_paste_profile": N_("Paste the profile from the request's page into ~/.aws/config, and check AWS_PROFILE."),
    "fix_request_again": N_("Request access again."),
    "fix_send_approver": N_("Send AWS's error message to an approver. The message names the policy."),
    "fix_send_message": N_("Send AWS's error message to an approver."),
    "fix_send_policy": N_("Send the administrator of your own account the policy from the request's page."),
    "fix_session_name": N_("Use exactly role_session_name = {name}."),
    "fix_set_keys": N_("Save your keys in the default profile, or paste the credentials into the same terminal."),
    "fix_set_region": N_("Set region in the profile, or AWS_REGION, to the role's region, for example eu-west-1."),
    "fix_show_approved": N_(
        "`aws sts get-caller-identity` must show the approved identity; check AWS_PROFILE and source_profile."
    ),
    "fix_show_that": N_("`aws sts get-caller-identity` must show that identity."),
    "fix_sign_in_again": N_("Sign in to your own account again, then try again."),
    "fix_snippets_or_console": N_("Use the snippets on the request's page, or its link to the console."),
    "fix_source_profile": N_("Set source_profile to the profile with your own keys, not to the role's profile."),
    "fix_source_profile_with_keys": N_("Set source_profile to a profile in ~/.aws that has your own keys or sign-in."),
    "fix_sso_login": N_("Run aws sso login with the profile of your own account, then try again."),
    "fix_tell_approver": N_("Tell an approver that no one can assume the role."),
    "fix_this_machine": N_(
        "Run your program on the machine where this page is open, or request access for the address that the "
        "program uses."
    ),
    "fix_try_then": N_("Try again after that time."),
    "fix_use_snippets": N_("Use the snippets on the request's page. They call AssumeRole or contain credentials."),
    "fix_use_this_access": N_(
        "Use the profile or the credentials of this access. `aws sts get-caller-identity` shows which "
        "identity is in use."
    ),
    "fix_wait_a_minute": N_("Wait a minute and try again."),
    "fix_without_policy": N_("Start the session without a session policy."),
    "fix_written_again": N_("Daypass writes the grant again automatically. Try again in a minute."),
    "fix_your_administrator": N_(
        "Send AWS's error message to the administrator of your own account. The message names the policy."
    ),
}
# What the policy of a resource is called, and who can change it.
_RESOURCES = {
    "resource": ("policy of the resource", "The resource's owner"),
    "s3": ("bucket policy", "The bucket's owner"),
    "secretsmanager": ("resource policy of the secret", "The secret's owner"),
    "kms": ("key policy", "The key's administrator"),
    "lambda": ("resource policy of the function", "The function's owner"),
    "sqs": ("queue policy", "The queue's owner"),
    "sns": ("topic policy", "The topic's owner"),
    "ecr": ("repository policy", "The repository's owner"),
    "dynamodb": ("resource policy of the table", "The table's owner"),
}
_RESOURCE_POLICIES = {
    code: english
    for kind, (policy, owner) in _RESOURCES.items()
    for code, english in (
        (f"resource_missing_{kind}", f"The {policy} does not allow this session."),
        (f"resource_denies_{kind}", f"The {policy} explicitly denies this call."),
        (f"fix_allow_in_{kind}", f"{owner} must allow the role in that policy."),
        (f"fix_change_{kind}", f"{owner} must change that policy."),
    )
}
TEMPLATES: dict[str, Phrase] = {
    **{
        f"denied_{code}": Phrase(english)
        for code, english in {
            **_OWN_SIDE,
            **_WORDS_OF_AWS,
            **_POLICIES,
            **_GRANT,
            **_FIXES,
            **_RESOURCE_POLICIES,
        }.items()
    },
    # How sure a reason is.
    "likelihood_certain": Phrase(N_("certain")),
    "likelihood_likely": Phrase(N_("likely")),
    "likelihood_possible": Phrase(N_("possible")),
}
