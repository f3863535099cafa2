"""The story command against the running stack."""

from dev.stack import Stack


def test_the_story_has_six_right_answers_every_time_it_is_told(stack: Stack) -> None:
    for _ in range(2):
        told = stack.manage("story")
        assert "✗" not in told
        assert [line[0] for line in told.splitlines() if line[0].isdigit()] == list("123456")
        assert "Six steps, every answer right." in told


def test_seeding_again_changes_nothing_that_people_rely_on(stack: Stack) -> None:
    before = (stack.options.var / "demo.json").read_text()
    stack.manage("seed_demo")
    assert (stack.options.var / "demo.json").read_text() == before
