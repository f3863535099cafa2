"""The walkthrough of `manage.py story` against the running stack."""

import pytest

from dev.stack import Stack

KEEPS = "from access.models import User; User.objects.filter(email='richard@contractor.example').update(time_zone='{}')"


def test_the_walkthrough_has_six_right_answers_every_time(stack: Stack) -> None:
    for _ in range(2):
        told = stack.manage("story")
        assert "✗" not in told
        assert [line[0] for line in told.splitlines() if line[0].isdigit()] == list("123456")
        assert "All six steps gave the expected answers." in told


def test_seeding_again_changes_no_data_that_people_rely_on(stack: Stack) -> None:
    before = (stack.options.var / "demo.json").read_text()
    stack.manage("seed_demo")
    assert (stack.options.var / "demo.json").read_text() == before


def test_the_walkthrough_works_in_another_time_zone_and_without_an_aws_administrator(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`DAYPASS_DEMO_HOST_ADMIN` is for `seed_demo`: the command works in a terminal that does not have it."""
    monkeypatch.setenv("DAYPASS_DEMO_HOST_ADMIN", "AKIAAAAAAAAAAAAAAAAA:of-nobody")
    try:
        for zone in ("Asia/Kolkata", "America/St_Johns"):
            stack.manage("shell", "-c", KEEPS.format(zone))
            assert "All six steps gave the expected answers." in stack.manage("story")
    finally:
        stack.manage("shell", "-c", KEEPS.format("UTC"))
