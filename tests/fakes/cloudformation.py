"""As much of CloudFormation as the templates in `deploy/` need: their functions resolved, their IAM resources made."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.localaws.server import ROOT, LocalAws

TEMPLATES = ROOT / "deploy" / "cloudformation"
_NOTHING = object()
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)\}")


@dataclass
class Stack:
    """A template with its parameters in one account."""

    template: dict[str, Any]
    known: dict[str, Any]

    @classmethod
    def of(cls, name: str, account: str, **parameters: Any) -> "Stack":
        """Read `deploy/cloudformation/<name>.json`; parameters that are not given take their defaults."""
        template = json.loads(Path(TEMPLATES / f"{name}.json").read_text())
        known = {"AWS::Partition": "aws", "AWS::AccountId": account, "AWS::NoValue": _NOTHING}
        for parameter, facts in template["Parameters"].items():
            given = parameters.get(parameter, facts.get("Default"))
            assert given is not None, f"{parameter} has to be given"
            is_list = facts["Type"] == "CommaDelimitedList"
            values: list[str] = (
                given.split(",") if is_list and isinstance(given, str) else given if is_list else [given]
            )
            for value in values:
                assert re.fullmatch(facts["AllowedPattern"], value), f"{parameter}: {value}"
            known[parameter] = values if is_list else given
        return cls(template, known)

    def resolved(self, value: Any) -> Any:
        """Return a value as CloudFormation would hand it to IAM."""
        if isinstance(value, list):
            return [part for part in map(self.resolved, value) if part is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), *_ = value.items()
            method = getattr(self, "_" + function.removeprefix("Fn::").lower(), None)
            if method is not None and (function == "Ref" or function.startswith("Fn::")):
                return method(argument)
        parts = {name: self.resolved(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not _NOTHING}

    def resource(self, name: str) -> Any:
        """Return the properties of a resource, or None when its condition says that there is none."""
        resource = self.template["Resources"][name]
        if "Condition" in resource and not self._holds(resource["Condition"]):
            return None
        return self.resolved(resource["Properties"])

    def make(self, aws: LocalAws) -> None:
        """Make the resources in the account, in the order of the template."""
        iam = aws.root(self.known["AWS::AccountId"])
        for name, resource in self.template["Resources"].items():
            properties = self.resource(name)
            if properties is not None:
                self.known[name] = _make(iam, resource["Type"], properties)

    def _holds(self, condition: str) -> bool:
        return bool(self.resolved(self.template["Conditions"][condition]))

    def _ref(self, name: str) -> Any:
        return self.known.get(name, name)  # a resource that is not made stands for its own name

    def _sub(self, text: str) -> str:
        return _REFERENCE.sub(lambda found: str(self.known[found[1]]), text)

    def _if(self, words: list[Any]) -> Any:
        return self.resolved(words[1] if self._holds(words[0]) else words[2])

    def _not(self, words: list[Any]) -> bool:
        return not self.resolved(words[0])

    def _equals(self, words: list[Any]) -> bool:
        one, other = self.resolved(words)
        return bool(one == other)

    def _join(self, words: list[Any]) -> str:
        return str(words[0]).join(self.resolved(words[1]))


def _make(iam: Any, kind: str, properties: dict[str, Any]) -> str:
    """Make one resource and return what a reference to it stands for."""
    if kind == "AWS::IAM::ManagedPolicy":
        name, document = properties["ManagedPolicyName"], json.dumps(properties["PolicyDocument"])
        made = iam.create_policy(PolicyName=name, Path=properties["Path"], PolicyDocument=document)
        return str(made["Policy"]["Arn"])
    if kind == "AWS::IAM::Role":
        trust = json.dumps(properties["AssumeRolePolicyDocument"])
        iam.create_role(
            RoleName=properties["RoleName"],
            Path=properties["Path"],
            AssumeRolePolicyDocument=trust,
            MaxSessionDuration=properties["MaxSessionDuration"],
        )
        for policy in properties["Policies"]:
            put = {"PolicyName": policy["PolicyName"], "PolicyDocument": json.dumps(policy["PolicyDocument"])}
            iam.put_role_policy(RoleName=properties["RoleName"], **put)
        return str(properties["RoleName"])
    assert kind == "AWS::IAM::RolePolicy", kind
    put = {"PolicyName": properties["PolicyName"], "PolicyDocument": json.dumps(properties["PolicyDocument"])}
    iam.put_role_policy(RoleName=properties["RoleName"], **put)
    return str(properties["PolicyName"])
