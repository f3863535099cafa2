"""What was pasted is read part by part, and only the one question to STS that was meant comes out of it."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st
from time_machine import travel

from access.proof import STS_HOSTS, Caller, Host, ProofError, SignedCall, identify, read
from tests.unit.facts import NOON, SECOND

NONCE = "0123456789abcdef0123456789abcdef01234567"
PORTAL = "daypass.example.com"
STS = "https://sts.us-east-1.amazonaws.com/"
BODY = "Action=GetCallerIdentity&Version=2011-06-15"
KEYS = Credentials("AKIARICHARDRICHARD01", "not-a-secret")
TOKEN = "IQoJb3JpZ2luX2VjE/+token=="
SESSION = Credentials("ASIARICHARDRICHARD01", "not-a-secret", TOKEN)
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


def wrapped(prefix: str, text: str) -> str:
    return prefix + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def presigned(url: str = STS, query: str = BODY, *, keys: Credentials = KEYS, **different: Any) -> str:
    """Return the address that `aws eks get-token` signs at noon."""
    headers = different.get("headers", {"x-k8s-aws-id": NONCE})
    request = AWSRequest("GET", f"{url}?{query}", headers)
    with travel(different.get("at", NOON), tick=False):
        scope = (different.get("service", "sts"), different.get("region", "us-east-1"))
        signer = SigV4QueryAuth(keys, *scope, different.get("expires", 60))
        signer.add_auth(request)
    return str(request.url)


def envelope(url: str = STS, body: str = BODY, *, keys: Credentials = KEYS, **different: Any) -> dict[str, Any]:
    """Return what our snippets sign at noon."""
    headers = {"Content-Type": CONTENT_TYPE, "x-daypass-proof": f"{PORTAL}/{NONCE}"} | different.get("headers", {})
    request = AWSRequest("POST", url, headers, body)
    with travel(different.get("at", NOON), tick=False):
        SigV4Auth(keys, different.get("service", "sts"), different.get("region", "us-east-1")).add_auth(request)
    return {"url": request.url, "headers": dict(request.headers), "body": body}


def eks(*words: Any, **different: Any) -> str:
    return wrapped("k8s-aws-v1.", presigned(*words, **different))


def post(*words: Any, **different: Any) -> str:
    return wrapped("daypass-v1.", json.dumps(envelope(*words, **different)))


def understood(pasted: str, *, now: Any = NOON, **different: Any) -> SignedCall:
    wanted: dict[str, Any] = {"nonce": NONCE, "portal_host": PORTAL, "hosts": STS_HOSTS}
    return read(pasted, **wanted | different, now=now)


def refusal(pasted: str, **different: Any) -> str:
    """The code with which it is refused, always at the field into which it was pasted."""
    with pytest.raises(ProofError) as refused:
        understood(pasted, **different)
    assert refused.value.field == "pasted"
    return refused.value.code


class TestWhatIsMeant:
    @pytest.mark.parametrize("keys", [KEYS, SESSION], ids=["keys of a user", "keys of a session"])
    def test_a_token_of_the_eks_command_becomes_the_very_request_that_was_signed(self, keys: Credentials) -> None:
        call = understood(eks(keys=keys))
        assert (call.method, call.host.name, call.body) == ("GET", "sts.us-east-1.amazonaws.com", "")
        assert call.host.url.rstrip("/") + call.target == presigned(keys=keys)
        assert call.headers == {"x-k8s-aws-id": NONCE}

    @pytest.mark.parametrize("keys", [KEYS, SESSION], ids=["keys of a user", "keys of a session"])
    def test_the_output_of_the_snippets_becomes_the_very_request_that_was_signed(self, keys: Credentials) -> None:
        call, signed = understood(post(keys=keys)), envelope(keys=keys)
        assert (call.method, call.host.name, call.target, call.body) == (
            "POST",
            "sts.us-east-1.amazonaws.com",
            "/",
            BODY,
        )
        assert call.headers == {name.lower(): value for name, value in signed["headers"].items()}

    def test_blanks_and_line_breaks_of_a_terminal_do_no_harm(self) -> None:
        line = eks()
        assert understood("\n".join(line[at : at + 80] for at in range(0, len(line), 80)) + "\r\n") == understood(line)

    def test_the_whole_output_of_the_eks_command_can_be_pasted(self) -> None:
        assert understood(json.dumps({"kind": "ExecCredential", "status": {"token": eks()}}, indent=4)) == understood(
            eks()
        )

    @pytest.mark.parametrize("age", [timedelta(minutes=-1), timedelta(0), timedelta(minutes=5)])
    def test_a_proof_is_valid_for_five_minutes(self, age: timedelta) -> None:
        for pasted in (eks(), post()):
            assert understood(pasted, now=NOON + age) == understood(pasted)

    def test_no_repr_shows_a_signature_or_token(self) -> None:
        for call in (understood(eks(keys=SESSION)), understood(post(keys=SESSION))):
            signature = presigned(keys=SESSION).rsplit("=", 1)[1]
            assert signature not in repr(call)
            assert TOKEN not in repr(call)

    def test_the_hosts_are_those_of_botocore(self) -> None:
        session = botocore.session.get_session()
        for partition in ("aws", "aws-us-gov", "aws-cn"):
            regions = set(session.get_available_regions("sts", partition))
            assert {host.region for host in STS_HOSTS if host.partition == partition} == regions
        for host in STS_HOSTS[1:]:
            client = session.create_client(
                "sts", region_name=host.region, aws_access_key_id="a", aws_secret_access_key="b"
            )
            assert client.meta.endpoint_url + "/" == host.url

    def test_the_global_host_is_signed_for_us_east_1(self) -> None:
        assert understood(eks("https://sts.amazonaws.com/")).host.name == "sts.amazonaws.com"
        assert refusal(eks("https://sts.amazonaws.com/", region="eu-central-1")) == "proof_other_region"

    def test_instead_of_aws_only_the_configured_endpoint_is_accepted(self) -> None:
        local = (Host("127.0.0.1:4566", "aws", scheme="http"),)
        assert understood(eks("http://127.0.0.1:4566/", region="eu-west-1"), hosts=local).host == local[0]
        assert refusal(eks(), hosts=local) == "proof_host_other"
        assert refusal(eks("http://127.0.0.1:4567/"), hosts=local) == "proof_host_other"


@pytest.mark.parametrize(
    ("host", "code", "setting"),
    [
        ("sts-fips.us-east-1.amazonaws.com", "proof_host_fips", "AWS_USE_FIPS_ENDPOINT"),
        ("vpce-0a1-b2.sts.eu-west-1.vpce.amazonaws.com", "proof_host_vpc", "AWS_ENDPOINT_URL"),
        ("sts.internal.example.com:8443", "proof_host_other", "AWS_ENDPOINT_URL_STS"),
    ],
)
@pytest.mark.parametrize("sign", [eks, post])
def test_another_endpoint_is_named_with_its_setting(sign: Any, host: str, code: str, setting: str) -> None:
    with pytest.raises(ProofError) as refused:
        understood(sign(f"https://{host}/"))
    assert (refused.value.code, refused.value.text.facts) == (code, {"host": host})
    assert setting in refused.value.text.english


WRONG_URLS = {
    "another host": "https://sts.example.com/",
    "a host that begins like one": "https://sts.us-east-1.amazonaws.com.example.com/",
    "a host that ends like one": "https://evil-sts.us-east-1.amazonaws.com/",
    "a look-alike character": "https://sts.us-e\u0430st-1.amazonaws.com/",
    "upper-case letters": "https://STS.us-east-1.amazonaws.com/",
    "a dot at the end": "https://sts.us-east-1.amazonaws.com./",
    "somebody before the host": "https://sts.us-east-1.amazonaws.com@example.com/",
    "somebody with a name before the host": "https://me:you@sts.us-east-1.amazonaws.com/",
    "a port": "https://sts.us-east-1.amazonaws.com:443/",
    "no TLS": "http://sts.us-east-1.amazonaws.com/",
    "another scheme": "file://sts.us-east-1.amazonaws.com/",
    "a backslash": "https://example.com\\@sts.us-east-1.amazonaws.com/",
    "a line break": "https://sts.us-east-1.amazonaws.com\r\nHost: example.com/",
    "a path": "https://sts.us-east-1.amazonaws.com/x",
    "a path that goes nowhere": "https://sts.us-east-1.amazonaws.com//",
    "another service": "https://iam.amazonaws.com/",
    "the address of a machine's metadata": "http://169.254.169.254/",
}


@pytest.mark.parametrize("url", WRONG_URLS.values(), ids=WRONG_URLS)
def test_a_request_to_any_other_host_is_refused(url: str) -> None:
    asked = presigned().split("?", 1)[1]
    places = {"proof_host_unknown", "proof_host_other", "proof_path_invalid", "proof_pasted_damaged"}
    assert refusal(wrapped("k8s-aws-v1.", f"{url}?{asked}")) in places
    assert refusal(wrapped("daypass-v1.", json.dumps({**envelope(), "url": url}, ensure_ascii=False))) in places


URL = presigned()
SIGNED = envelope()
HEADERS = SIGNED["headers"]
WRONG_TOKENS = {
    "nothing": ("", "proof_pasted_unknown"),
    "something else": ("hello", "proof_pasted_unknown"),
    "no base64": ("k8s-aws-v1.%%%", "proof_pasted_damaged"),
    "half of it": (eks()[: len(eks()) // 2], "proof_parameter_missing"),
    "a fragment": (wrapped("k8s-aws-v1.", URL + "#x"), "proof_host_unknown"),
    "another action": (eks(query="Action=AssumeRole&Version=2011-06-15"), "proof_other_question"),
    "no action": (eks(query="Version=2011-06-15"), "proof_parameter_missing"),
    "another version": (eks(query="Action=GetCallerIdentity&Version=2010-05-08"), "proof_other_question"),
    "one parameter more": (eks(query=BODY + "&RoleArn=x"), "proof_parameter_unexpected"),
    "a parameter twice": (wrapped("k8s-aws-v1.", URL + "&Action=GetCallerIdentity"), "proof_parameter_twice"),
    "a parameter twice, differently": (wrapped("k8s-aws-v1.", URL + "&Action=AssumeRole"), "proof_parameter_twice"),
    "a parameter with escapes in its name": (
        wrapped("k8s-aws-v1.", URL.replace("Action=", "Acti%6fn=")),
        "proof_parameter_unexpected",
    ),
    "no signature": (wrapped("k8s-aws-v1.", URL.rsplit("&", 1)[0]), "proof_parameter_missing"),
    "a short signature": (wrapped("k8s-aws-v1.", URL[:-1]), "proof_signature_incomplete"),
    "another algorithm": (
        wrapped("k8s-aws-v1.", URL.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")),
        "proof_algorithm_unknown",
    ),
    "another service": (eks(service="iam"), "proof_other_service"),
    "another region": (eks(region="eu-central-1"), "proof_other_region"),
    "a nonce that was not signed": (eks(headers={}), "proof_nonce_unsigned"),
    "one header more": (eks(headers={"x-k8s-aws-id": NONCE, "x-other": "1"}), "proof_nonce_unsigned"),
    "another header": (eks(headers={"x-other": NONCE}), "proof_nonce_unsigned"),
    "a life of a week": (eks(expires=604800), "proof_valid_too_long"),
    "a life of no time": (eks(expires=0), "proof_valid_too_long"),
    "a life in words": (wrapped("k8s-aws-v1.", URL.replace("Expires=60", "Expires=%C2%B2")), "proof_valid_too_long"),
    "an impossible day": (wrapped("k8s-aws-v1.", URL.replace("20261124", "20261399")), "proof_date_invalid"),
    "two days": (wrapped("k8s-aws-v1.", URL.replace("Date=20261124", "Date=20261123")), "proof_two_dates"),
    "a token with a line break": (
        wrapped("k8s-aws-v1.", URL + "&X-Amz-Security-Token=a%0d%0ab"),
        "proof_token_incomplete",
    ),
    "too much": ("k8s-aws-v1." + "A" * 30_000, "proof_pasted_too_long"),
    "JSON without a token": ('{"status": {}}', "proof_pasted_unknown"),
    "JSON with a token that is none": ('{"status": {"token": 1}}', "proof_pasted_unknown"),
    "deep JSON": ("{" + '"a":[' * 5000, "proof_pasted_too_long"),
}
WRONG_ENVELOPES: dict[str, Any] = {
    "a list": ([], "proof_pasted_damaged"),
    "no headers": ({"url": STS, "body": BODY}, "proof_pasted_damaged"),
    "headers in a list": ({**SIGNED, "headers": []}, "proof_pasted_damaged"),
    "one field more": ({**SIGNED, "method": "GET"}, "proof_pasted_damaged"),
    "a query": ({**SIGNED, "url": STS + "?Action=AssumeRole"}, "proof_query_unexpected"),
    "another action": (envelope(body="Action=AssumeRole&Version=2011-06-15"), "proof_other_question"),
    "one parameter more": (envelope(body=BODY + "&DurationSeconds=1"), "proof_parameter_unexpected"),
    "a parameter twice": (envelope(body=BODY + "&Action=GetCallerIdentity"), "proof_parameter_twice"),
    "no body": (envelope(body=""), "proof_parameter_unexpected"),
    "another service": (envelope(service="iam"), "proof_other_service"),
    "another region": (envelope(region="eu-central-1"), "proof_other_region"),
    "another nonce": (envelope(headers={"x-daypass-proof": f"{PORTAL}/{NONCE[::-1]}"}), "proof_other_nonce"),
    "another portal": (envelope(headers={"x-daypass-proof": f"daypass.example.org/{NONCE}"}), "proof_other_nonce"),
    "no nonce": (
        {**SIGNED, "headers": {k: v for k, v in HEADERS.items() if k != "x-daypass-proof"}},
        "proof_pasted_damaged",
    ),
    "a nonce that was not signed": (
        {
            **SIGNED,
            "headers": {**HEADERS, "Authorization": HEADERS["Authorization"].replace(";x-daypass-proof", "")},
        },
        "proof_nonce_unsigned",
    ),
    "one header more": (envelope(headers={"x-other": "1"}), "proof_pasted_damaged"),
    "a header twice": ({**SIGNED, "headers": {**HEADERS, "content-type": CONTENT_TYPE}}, "proof_pasted_damaged"),
    "a host of its own": ({**SIGNED, "headers": {**HEADERS, "Host": "example.com"}}, "proof_pasted_damaged"),
    "another content type": (envelope(headers={"Content-Type": "application/x-amz-json-1.1"}), "proof_pasted_damaged"),
    "no signature": ({**SIGNED, "headers": {**HEADERS, "Authorization": "Bearer x"}}, "proof_signature_incomplete"),
    "a line break in the signature": (
        {
            **SIGNED,
            "headers": {**HEADERS, "Authorization": HEADERS["Authorization"] + "\r\nX-Evil: 1"},
        },
        "proof_signature_incomplete",
    ),
}


@pytest.mark.parametrize(("pasted", "code"), WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_a_token_that_the_command_did_not_make_is_refused(pasted: str, code: str) -> None:
    assert refusal(pasted) == code


@pytest.mark.parametrize(("content", "code"), WRONG_ENVELOPES.values(), ids=WRONG_ENVELOPES)
def test_an_envelope_that_the_snippets_did_not_make_is_refused(content: Any, code: str) -> None:
    assert refusal(wrapped("daypass-v1.", json.dumps(content))) == code


def test_a_duplicate_name_is_refused() -> None:
    text = json.dumps(SIGNED)[:-1] + f', "url": "{STS}"' + "}"
    assert refusal(wrapped("daypass-v1.", text)) == "proof_pasted_damaged"


@pytest.mark.parametrize("sign", [eks, post])
def test_a_request_older_than_five_minutes_or_from_the_future_is_refused(sign: Any) -> None:
    assert refusal(sign(), now=NOON + timedelta(minutes=5) + SECOND) == "proof_outdated"
    assert refusal(sign(), now=NOON - timedelta(minutes=1) - SECOND) == "proof_in_future"


@given(st.text(max_size=300), st.sampled_from(["", "k8s-aws-v1.", "daypass-v1.", "{"]))
def test_any_pasted_text_is_answered_with_a_code(text: str, prefix: str) -> None:
    refusal(prefix + text)


@given(st.text(max_size=200))
def test_any_wrapped_content_is_answered_with_a_code(text: str) -> None:
    refusal(wrapped("k8s-aws-v1.", f"{STS}?{text}"))
    refusal(wrapped("daypass-v1.", text))


USER = Caller("arn:aws:iam::222222222222:user/Richard", "222222222222", "AIDARICHARDRICHARD01")
DEPLOY = Caller("arn:aws:sts::222222222222:assumed-role/Deploy/me", "222222222222", "AROADEPLOYDEPLOYDEPL1:me")
PERSON = Caller(
    "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/richard@example.com",
    "222222222222",
    "AROASSOSSOSSOSSOSSO01:richard@example.com",
)
SSO_ROLE = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_0123456789abcdef"


def proven(
    caller: Caller, role_arn: str = "", *, only_session: bool = False, partition: str = "aws"
) -> tuple[str, str]:
    found = identify(caller, partition=partition, role_arn=role_arn, only_session=only_session)
    return found.arn, found.unique_id


class TestWhoSigned:
    def test_a_user_proves_their_own_identity(self) -> None:
        assert proven(USER) == (USER.arn, USER.user_id)

    def test_a_session_proves_the_named_role(self) -> None:
        role = "arn:aws:iam::222222222222:role/teams/a/Deploy"
        assert proven(DEPLOY, role) == (role, "AROADEPLOYDEPLOYDEPL1")
        assert proven(PERSON, SSO_ROLE) == (SSO_ROLE, "AROASSOSSOSSOSSOSSO01")

    def test_a_personal_session_of_identity_center_proves_itself(self) -> None:
        assert proven(PERSON, only_session=True) == (PERSON.arn, PERSON.user_id)

    @pytest.mark.parametrize(
        "path",
        ["", "aws-reserved/sso.amazonaws.com/", "aws-reserved/sso.amazonaws.com/eu_west/", "aws-reserved/eu-west-1/"],
    )
    def test_a_role_of_identity_center_is_named_with_its_region(self, path: str) -> None:
        name = SSO_ROLE.rsplit("/", 1)[-1]
        with pytest.raises(ProofError) as refused:
            proven(PERSON, f"arn:aws:iam::222222222222:role/{path}{name}")
        assert (refused.value.code, refused.value.field) == ("proof_role_without_region", "role_arn")

    def test_in_us_east_1_iam_leaves_the_region_out(self) -> None:
        said = SSO_ROLE.replace("eu-west-1", "us-east-1")
        assert proven(PERSON, said) == (SSO_ROLE.replace("eu-west-1/", ""), "AROASSOSSOSSOSSOSSO01")

    @pytest.mark.parametrize(
        ("caller", "options", "code"),
        [
            (Caller("arn:aws:iam::222222222222:root", "222222222222", "222222222222"), {}, "proof_by_root"),
            (
                Caller("arn:aws:sts::222222222222:federated-user/bob", "222222222222", "222222222222:bob"),
                {},
                "proof_by_federated_user",
            ),
            (DEPLOY, {}, "proof_role_missing"),
            (DEPLOY, {"role_arn": "arn:aws:iam::222222222222:role/Other"}, "proof_role_differs"),
            (DEPLOY, {"role_arn": "arn:aws:iam::333333333333:role/Deploy"}, "proof_role_differs"),
            (DEPLOY, {"role_arn": "arn:aws-cn:iam::222222222222:role/Deploy"}, "proof_role_differs"),
            (DEPLOY, {"role_arn": "arn:aws:iam::222222222222:user/Deploy"}, "proof_role_differs"),
            (DEPLOY, {"role_arn": "arn:aws:iam::222222222222:role/deploy"}, "proof_role_differs"),
            (DEPLOY, {"role_arn": DEPLOY.arn}, "arn_of_session"),
            (DEPLOY, {"only_session": True}, "proof_session_not_personal"),
            (USER, {"only_session": True}, "proof_by_user"),
            (USER, {"role_arn": "arn:aws:iam::222222222222:role/Deploy"}, "proof_by_user"),
        ],
    )
    def test_other_identities_prove_nothing(self, caller: Caller, options: dict[str, Any], code: str) -> None:
        with pytest.raises(ProofError) as refused:
            proven(caller, **options)
        assert refused.value.code == code

    @pytest.mark.parametrize(
        "caller",
        [
            replace(USER, account="333333333333"),
            replace(USER, user_id="AROARICHARDRICHARD01"),
            replace(USER, user_id=""),
            replace(USER, user_id="AIDARICHARDRICHARD01:x"),
            replace(USER, arn="arn:aws:iam::222222222222:user/*"),
            replace(USER, arn="*"),
            replace(USER, arn="arn:aws:iam::222222222222:role/Richard"),
            replace(USER, arn="arn:aws-cn:iam::222222222222:user/Richard"),
            replace(PERSON, user_id="AROASSOSSOSSOSSOSSO01:somebody"),
            replace(PERSON, user_id="AROASSOSSOSSOSSOSSO01"),
            replace(PERSON, account="333333333333"),
            replace(PERSON, arn=PERSON.arn + "/x"),
        ],
    )
    def test_an_answer_that_contradicts_itself_proves_nothing(self, caller: Caller) -> None:
        with pytest.raises(ProofError) as refused:
            proven(caller, only_session=":assumed-role/" in caller.arn)
        assert refused.value.code in {"proof_answer_contradictory", "proof_caller_unreadable"}


def test_the_urls_of_the_corpus_are_as_labelled() -> None:
    """The good address is good: the corpus differs from it in what it says and in nothing else."""
    assert understood(wrapped("k8s-aws-v1.", URL)).host in STS_HOSTS
    assert urlsplit(URL).hostname == "sts.us-east-1.amazonaws.com"
