"""AWS's clock moves; signatures and the Date header keep the real one."""

import email.utils
import time
import urllib.request

from tests.localaws.example import Example
from tests.localaws.server import LocalAws

HOUR = 3600


def date_header(aws: LocalAws) -> float:
    with urllib.request.urlopen(f"{aws.url}/_local/clock") as answer:
        return email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()


def test_the_clock_reports_how_far_it_was_moved(aws: LocalAws) -> None:
    assert aws.clock(-90)["offset"] == -90
    assert aws.clock()["offset"] == -90


def test_calls_signed_with_the_real_clock_are_accepted_while_the_clock_is_moved(example: Example) -> None:
    example.aws.clock(48 * HOUR)
    assert example.aws.as_(example.richard, "sts").get_caller_identity()["Arn"].endswith(":user/Richard")


def test_a_session_ends_on_the_moved_clock_and_is_valid_again_when_it_is_moved_back(example: Example) -> None:
    session = example.assume()
    example.aws.clock(HOUR + 1)
    assert example.putting(session) == "ExpiredToken"
    example.aws.clock(0)
    assert example.putting(session) == "allow"


def test_the_date_header_keeps_the_real_clock(aws: LocalAws) -> None:
    aws.clock(10 * HOUR)
    assert abs(date_header(aws) - time.time()) < HOUR


def test_the_date_header_is_skewed_on_request(aws: LocalAws) -> None:
    aws.settings(date_skew_seconds=10 * HOUR)
    assert abs(date_header(aws) - time.time() - 10 * HOUR) < HOUR


def test_every_answer_has_one_date(example: Example) -> None:
    headers = example.aws.as_(example.richard, "sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    assert email.utils.parsedate_to_datetime(headers["date"]).year >= 2024
    assert "," not in headers["date"].replace(",", "", 1)
