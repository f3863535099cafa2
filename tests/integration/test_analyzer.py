"""Access Analyzer beside: what it says is stored and shown, and where it is not, nothing changes."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from access import aws
from access.aws import clients
from access.models import PermissionsSnapshot
from access.presenters import permissions
from access.workload_identities import AwsTarget
from tests.integration.environment import Environment
from tests.integration.pages import visitor

TARGET = AwsTarget("111111111111", "aws", "us-east-1", "")
POLICY = {"Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
QUEUES = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
SPAN = {"start": {"line": 1, "column": 0, "offset": 0}, "end": {"line": 1, "column": 9, "offset": 9}}
FINDING = {
    "findingDetails": "Using a wildcard is broad.",
    "findingType": "SECURITY_WARNING",
    "issueCode": "WIDE",
    "learnMoreLink": "https://docs.aws.amazon.com/wide",
    "locations": [{"path": [{"value": "Statement"}, {"index": 0}], "span": SPAN}],
}
REASON = {"description": "Statement 1.", "statementIndex": 0}
PUBLIC = {"result": "FAIL", "message": "It is public.", "reasons": [REASON]}
OPERATIONS = {"/policy/validation": "ValidatePolicy", "/policy/check-no-public-access": "CheckNoPublicAccess"}
REMARK = aws.Remark("SECURITY_WARNING", "WIDE", "Using a wildcard is broad.", "statement 1")


class Analyzer(ThreadingHTTPServer):
    """An endpoint that answers as Access Analyzer does; `answers` is what to each of its paths, as status and text."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers: dict[str, tuple[int, str]] = {}
        self.asked: list[dict[str, Any]] = []
        self.say("/policy/validation", {"findings": [FINDING]})
        self.say("/policy/check-no-public-access", PUBLIC)

    def say(self, path: str, answer: dict[str, Any]) -> None:
        """Answer so from now on, if botocore's model of the service has such an answer."""
        model = botocore.session.get_session().get_service_model("accessanalyzer")
        operation = model.operation_model(OPERATIONS[path])
        assert operation.output_shape is not None
        assert operation.http["requestUri"] == path
        assert not ParamValidator().validate(answer, operation.output_shape).has_errors()
        self.answers[path] = (200, json.dumps(answer))


class Asked(BaseHTTPRequestHandler):
    server: Analyzer

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, text = self.server.answers.get(self.path.partition("?")[0], (404, "<html>Nothing here</html>"))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name in the standard library
        """Log nothing."""


@pytest.fixture
def analyzer(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Analyzer]:
    keys = tmp_path / "credentials"
    keys.write_text(f"[{settings.WORKER_PROFILE}]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    with Analyzer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{server.server_port}"
        clients.forget()
        yield server
        server.shutdown()
        thread.join()
    clients.forget()


def test_findings_point_at_their_statement(analyzer: Analyzer) -> None:
    assert aws.analyze(target=TARGET, policies=[POLICY], trust=None) == (REMARK,)
    assert json.loads(analyzer.asked[0]["policyDocument"]) == POLICY
    assert analyzer.asked[0]["policyType"] == "IDENTITY_POLICY"


def test_a_public_trust_policy_is_a_finding(analyzer: Analyzer) -> None:
    analyzer.say("/policy/validation", {"findings": []})
    said = aws.analyze(target=TARGET, policies=[], trust=TRUST)
    assert said == (aws.Remark("SECURITY_WARNING", "PUBLIC_ACCESS", "It is public. Statement 1.", "trust policy"),)
    assert analyzer.asked[0]["validatePolicyResourceType"] == "AWS::IAM::AssumeRolePolicyDocument"


def test_a_correct_policy_has_no_findings(analyzer: Analyzer) -> None:
    analyzer.say("/policy/validation", {"findings": []})
    analyzer.say("/policy/check-no-public-access", {"result": "PASS"})
    assert aws.analyze(target=TARGET, policies=[POLICY], trust=TRUST) == ()


@pytest.mark.parametrize(
    "answer",
    [(404, "<html>"), (200, "<html>"), (200, "{}"), (403, '{"message": "no"}'), (501, '{"message": "?"}'), (500, "")],
)
def test_an_endpoint_that_is_not_an_analyzer_reports_nothing(analyzer: Analyzer, answer: tuple[int, str]) -> None:
    analyzer.answers["/policy/validation"] = answer
    assert aws.analyze(target=TARGET, policies=[POLICY], trust=TRUST) is None


def test_an_unreachable_endpoint_reports_nothing(analyzer: Analyzer, settings: Any) -> None:
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    clients.forget()
    assert aws.analyze(target=TARGET, policies=[POLICY], trust=TRUST) is None


def test_without_an_analyzer_a_role_is_still_reconciled(env: Environment) -> None:
    iam, name = env.aws.root(), env.role.name
    arn = iam.create_policy(PolicyName=f"{name}-queue", PolicyDocument=json.dumps(QUEUES))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    grant = env.create_grant()
    env.reconcile()
    grant.refresh_from_db()
    snapshot = PermissionsSnapshot.objects.get(role=env.role)
    assert grant.applied_at
    assert snapshot.analysis is None
    assert snapshot.managed == {arn: QUEUES}


def test_the_approver_sees_findings_and_the_contractor_only_explanations(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    snapshot = PermissionsSnapshot.objects.get(role=env.role)
    snapshot.managed = {"arn:aws:iam::aws:policy/AmazonSQSFullAccess": QUEUES}
    snapshot.analysis = [{"kind": "ERROR", "code": "WIDE", "sentence": "Too wide.", "where": "statement 1"}]
    snapshot.save()
    path = f"/roles/{env.role.account.account_id}/{env.role.name}/"
    seen = {}
    for person in (env.cast.alice, env.cast.richard):
        seen[person] = visitor(person).get(path).content.decode()
    assert all("AmazonSQSFullAccess: can do EVERYTHING in Amazon SQS" in page for page in seen.values())
    assert "Access Analyzer: Too wide." in seen[env.cast.alice]
    assert "The statement allows every action of a service (sqs:*)" in seen[env.cast.alice]
    assert "Access Analyzer" not in seen[env.cast.richard]
    assert "Policy findings" not in seen[env.cast.richard]


def test_the_policy_of_a_role_is_explained_once_unless_it_differs_in_aws(env: Environment) -> None:
    role = env.role
    arn = "arn:aws:iam::111111111111:policy/daypass/importantproject-put-bucket"
    snapshot = PermissionsSnapshot(role=role, managed={arn: role.permissions}, read_at=env.clock())
    snapshot.save()
    assert not any("importantproject-put-bucket" in str(sentence) for sentence in permissions.in_words(env.role))
    snapshot.managed = {arn: QUEUES}
    snapshot.save()
    assert any("importantproject-put-bucket" in str(sentence) for sentence in permissions.in_words(env.role))
