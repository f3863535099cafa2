"""Describe IAM policies in plain words, and find problems in them.

Elements that Daypass does not understand are shown unchanged.
"""

from access.explain.composing import UPLOAD, Choice, ChoiceError, compose, examples_of, offered, service_of
from access.explain.finding import Finding, Weight
from access.explain.findings import find_in_permissions, find_in_role, find_in_trust
from access.explain.identity import identity_policy
from access.explain.permissions import permissions_in_words
from access.explain.reading import PolicyError, check_managed_policy_arn, read_policy
from access.explain.service_catalog import Action, resource_formats, services
from access.explain.structure import Kind
from access.explain.trusts import trust_in_words

__all__ = [
    "UPLOAD",
    "Action",
    "Choice",
    "ChoiceError",
    "Finding",
    "Kind",
    "PolicyError",
    "Weight",
    "check_managed_policy_arn",
    "compose",
    "examples_of",
    "find_in_permissions",
    "find_in_role",
    "find_in_trust",
    "identity_policy",
    "offered",
    "permissions_in_words",
    "read_policy",
    "resource_formats",
    "service_of",
    "services",
    "trust_in_words",
]
