"""The command line, the options, and what the local AWS keeps to itself."""

import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from tests.localaws.example import Example
from tests.localaws.server import PYTHON, ROOT, LocalAws, free_port, local_aws, run


def test_a_port_in_use_is_reported_in_one_sentence(aws: LocalAws) -> None:
    port = aws.url.rpartition(":")[2]
    ended = run("--port", port)
    assert ended.returncode == 1
    assert ended.stderr.strip() == f"localaws: cannot listen on 127.0.0.1:{port}: Address already in use"


@pytest.mark.parametrize("flags", [("--host", "192.0.2.1"), ("--account", "12345"), ("--account", "11111111111\uff11")])
def test_only_loopback_and_twelve_digits_are_accepted(flags: tuple[str, str]) -> None:
    assert run("--port", str(free_port()), *flags).returncode == 2


def test_a_ministack_without_a_hooked_name_is_named() -> None:
    script = (
        "import runpy, sys; from ministack.services import iam; del iam._IAM_HANDLERS; "
        f"sys.argv = ['localaws', '--port', '{free_port()}']; runpy.run_module('localaws', run_name='__main__')"
    )
    ended = subprocess.run(
        [str(PYTHON), "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert "has no ministack.services.iam._IAM_HANDLERS" in ended.stderr


def test_host_account_and_quota_can_be_set() -> None:
    with local_aws(account="333333333333", trust_quota=4096) as aws:
        iam = aws.root("333333333333")
        assert iam.get_account_summary()["SummaryMap"]["AssumeRolePolicySizeQuota"] == 4096
        assert aws.client("sts", "333333333333", "test").get_caller_identity()["Account"] == "333333333333"


def test_sigterm_ends_it_in_order() -> None:
    with local_aws() as aws:
        aws.stop(signal.SIGTERM)
        assert aws.process.returncode == 0


def test_accounts_do_not_see_each_others_users(example: Example) -> None:
    assert example.aws.root().list_users()["Users"] == []
    assert [u["UserName"] for u in example.aws.root("222222222222").list_users()["Users"]] == ["Richard"]


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_localstack/health", "/_aws/sqs/messages", "/_local/nothing"])
def test_ministacks_own_switches_are_not_offered(aws: LocalAws, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(aws.url + path, timeout=10)
