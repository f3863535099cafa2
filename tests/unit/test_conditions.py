"""Ticket numbers, source addresses, and terms that an approver can reduce and never extend."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.networks import is_inside
from access.rules.addresses import check_address, read_sources
from access.rules.facts import IdentityFacts, Refused, Terms, passes
from access.rules.terms import check_conditions, check_reduces_terms
from access.rules.tickets import check_pattern, check_ticket
from access.rules.windows import Window
from tests.unit.facts import DAY, HOUR, NOON, PROVEN, REQUEST, RULES, SECOND, between, grant
from tests.unit.test_rules import refusal

ROLE_IDENTITY = replace(PROVEN, kind="role")


def takes(pattern: str, ticket: str) -> bool:
    return passes(lambda: check_ticket(replace(RULES, ticket_pattern=pattern, ticket_example="x"), ticket))


class TestTickets:
    @pytest.mark.parametrize(
        ("pattern", "good", "bad"),
        [
            (r"CHG-\d{7}", ["CHG-1234567"], ["CHG-123456", "CHG-12345678", "chg-1234567", "XCHG-1234567"]),
            (r"CHG-\d{2}", ["CHG-12"], ["CHG-12 ", " CHG-12", "CHG-12\n", "CHG-1\x002"]),
            (r"INC\d+|CHG-[A-Z]{2,3}", ["INC1", "INC123456", "CHG-AB", "CHG-ABC"], ["INC", "CHG-A", "INC1CHG-AB"]),
            (r"[A-Z0-9_-]{3}", ["A0_", "---"], ["a0_", "A0", "A0_B", "A.B"]),
            (r"PRJ?-\d", ["PR-1", "PRJ-1"], ["P-1", "PRJJ-1"]),
            (r"\(\d\)\.\+", ["(1).+"], ["1.+", "(1)x+", "(1).+\n"]),
        ],
    )  # fmt: skip
    def test_a_pattern_matches_whole_tickets_only(self, pattern: str, good: list[str], bad: list[str]) -> None:
        assert all(takes(pattern, ticket) for ticket in good)
        assert not any(takes(pattern, ticket) for ticket in bad)

    @pytest.mark.parametrize(
        "ticket", ["".join(map(chr, range(0x661, 0x668))), "".join(map(chr, range(0xFF11, 0xFF18))), "123456\uff17"]
    )
    def test_digits_are_ascii(self, ticket: str) -> None:
        assert takes(r"\d{7}", "1234567")
        assert not takes(r"\d{7}", ticket)

    @pytest.mark.parametrize(
        "pattern",
        ["(a+)+", "a*", "a.b", "[z-a]", "[A-9]", "[]", "[", "a{3,2}", "a{0}", "a{", "|a", "a||b", "\\w", "\\", "é",
         "a\n", "[^a]", "x" * 101],
    )  # fmt: skip
    def test_an_invalid_pattern_is_refused_with_advice(self, pattern: str) -> None:
        assert refusal(lambda: check_pattern(pattern, "a")).startswith("ticket_pattern_")

    def test_the_example_must_match_the_pattern(self) -> None:
        check_pattern(r"CHG-\d{7}", "CHG-1234567")
        check_pattern("", "")
        assert refusal(lambda: check_pattern(r"CHG-\d{7}", "CHG-1")) == "ticket_example_mismatch"
        for pattern, example in ((r"\d", ""), ("", "1")):
            assert refusal(partial(check_pattern, pattern, example)) == "ticket_pattern_and_example"

    def test_a_refusal_shows_what_a_ticket_looks_like(self) -> None:
        role = replace(RULES, ticket_pattern=r"CHG-\d{7}", ticket_example="CHG-1234567")
        assert refusal(lambda: check_ticket(role, "")) == "ticket_missing"
        assert refusal(lambda: check_ticket(role, "CHG-1")) == "ticket_invalid"
        check_ticket(RULES, "whatever")

    def test_no_pattern_is_slow_on_any_input(self) -> None:
        started = time.perf_counter()
        for pattern in ("[ab]{0,64}" * 10, "a+" * 50, "a?" * 50 + "a{50}"):
            assert not takes(pattern, "a" * 63 + "!")
        assert time.perf_counter() - started < 1

    @given(st.text(max_size=80), st.text(max_size=30))
    def test_any_input_is_accepted_or_refused(self, ticket: str, pattern: str) -> None:
        takes(pattern, ticket)


class TestSources:
    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("203.0.113.7", ("203.0.113.7/32",)),
            ("203.0.113.0/24, 198.51.100.7", ("198.51.100.7/32", "203.0.113.0/24")),
            ("203.0.113.7 203.0.113.0/24\n203.0.113.0/24", ("203.0.113.0/24",)),
            ("2001:DB8::/48 2001:db8:0::1", ("2001:db8::/48",)),
            (" ,\n", ()),
        ],
    )
    def test_typed_addresses_become_networks_in_the_form_that_aws_reads(
        self, typed: str, told: tuple[str, ...]
    ) -> None:
        assert read_sources(typed) == told

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("203.0.113.7/24", "source_inside_network"),
            ("office", "source_invalid"),
            ("203.0.113.256", "source_invalid"),
            ("203.0.113.007", "source_invalid"),
            ("\uff1203.0.113.7", "source_invalid"),
            ("fe80::1%eth0", "source_is_loopback_port"),
            ("2001:db8::1%x", "source_is_loopback_port"),
            ("0.0.0.0/0", "source_too_wide"),
            ("203.0.0.0/15", "source_too_wide"),
            ("2001::/31", "source_too_wide"),
            ("::/0", "source_too_wide"),
            ("10.1.2.3", "source_not_public"),
            ("192.168.0.0/24", "source_not_public"),
            ("127.0.0.1", "source_not_public"),
            ("::1", "source_not_public"),
            ("::ffff:203.0.113.7", "source_not_public"),
            ("fd00::/32", "source_not_public"),
            (" ".join(f"203.0.113.{number}" for number in range(6)), "sources_too_many"),
            ("<script>", "source_invalid"),
        ],
    )
    def test_an_impossible_address_is_refused_with_advice(self, typed: str, sentence: str) -> None:
        assert refusal(lambda: read_sources(typed)) == sentence

    def test_addresses_must_obey_the_limits_of_the_role(self) -> None:
        company = replace(RULES, source_networks=("203.0.113.0/24",))
        settings_of = {"never": replace(RULES, source_rule="never"), "always": replace(RULES, source_rule="always")}
        conditions = Terms(Window(NOON, NOON + HOUR))
        named = replace(conditions, sources=("203.0.113.7/32",))
        check_conditions(company, PROVEN, named)
        check_conditions(company, PROVEN, conditions)
        check_conditions(settings_of["always"], PROVEN, named)
        elsewhere = replace(named, sources=("198.51.100.0/24",))
        for role, terms, sentence in (
            (company, elsewhere, "source_not_in_role"),
            (company, replace(named, sources=("2001:db8::/48",)), "source_not_in_role"),
            (settings_of["never"], named, "sources_not_allowed"),
            (settings_of["always"], conditions, "sources_required"),
        ):
            assert refusal(lambda: check_conditions(role, PROVEN, terms)) == sentence  # noqa: B023

    @pytest.mark.parametrize("identity", [None, ROLE_IDENTITY, replace(PROVEN, kind="session")])
    def test_only_iam_users_are_asked_for_a_second_factor(self, identity: IdentityFacts | None) -> None:
        terms = Terms(Window(NOON, NOON + HOUR), asks_mfa=True)
        check_conditions(RULES, PROVEN, terms)
        code = "mfa_not_for_identity" if identity else "mfa_not_for_portal_issued"
        assert refusal(lambda: check_conditions(RULES, identity, terms)) == code

    def test_the_portal_opens_sessions_only_from_those_addresses(self) -> None:
        from_office = grant(source_cidrs=("203.0.113.0/24", "2001:db8::/48"))
        for address in ("203.0.113.255", "2001:db8::7"):
            check_address(from_office, address)
        for address in ("203.0.114.0", "2001:db9::", "198.51.100.1"):
            assert refusal(lambda: check_address(from_office, address)) == "address_not_allowed"  # noqa: B023
        assert refusal(lambda: check_address(from_office, "")) == "address_unknown"
        check_address(grant(), "")


ASKED = replace(between(REQUEST, NOON, NOON + 4 * HOUR), sources=("203.0.113.0/24",))


def reduced(*, starts_at: datetime = NOON, ends_at: datetime = NOON + 4 * HOUR, **different: object) -> Terms:
    return replace(ASKED.terms, window=Window(starts_at, ends_at), **different)  # type: ignore[arg-type]


class TestReducedTerms:
    @pytest.mark.parametrize(
        "terms",
        [
            ASKED.terms,
            reduced(ends_at=NOON + HOUR),
            reduced(starts_at=NOON + HOUR),
            reduced(starts_at=NOON + DAY, ends_at=NOON + DAY + 4 * HOUR),
            reduced(asks_mfa=True),
            reduced(sources=("203.0.113.7/32", "203.0.113.128/25")),
        ],
    )
    def test_approving_less_is_possible(self, terms: Terms) -> None:
        check_reduces_terms(ASKED, terms, now=NOON)

    @pytest.mark.parametrize(
        ("terms", "sentence"),
        [
            (reduced(ends_at=NOON + 4 * HOUR + SECOND), "window_longer_than_requested"),
            (reduced(starts_at=NOON - SECOND), "start_before_requested"),
            (reduced(starts_at=NOON - HOUR, ends_at=NOON + 2 * HOUR), "start_before_requested"),
            (
                reduced(starts_at=NOON + DAY, ends_at=NOON + DAY + 4 * HOUR + SECOND),
                "window_longer_than_requested",
            ),
            (reduced(ends_at=NOON), "end_before_start"),
            (
                reduced(ends_at=(NOON + HOUR).replace(microsecond=1)),
                "times_not_whole_seconds",
            ),
            (reduced(starts_at=NOON + 91 * DAY, ends_at=NOON + 91 * DAY + HOUR), "start_too_far_for_approval"),
            (reduced(sources=()), "sources_wider_than_requested"),
            (reduced(sources=("198.51.100.0/24",)), "sources_wider_than_requested"),
            (reduced(sources=("203.0.112.0/23",)), "sources_wider_than_requested"),
            (
                reduced(sources=("203.0.113.7/32", "2001:db8::/48")),
                "sources_wider_than_requested",
            ),
        ],
    )
    def test_approving_more_is_not_possible(self, terms: Terms, sentence: str) -> None:
        assert refusal(lambda: check_reduces_terms(ASKED, terms, now=NOON)) == sentence

    def test_the_start_is_no_further_ahead_than_the_role_allows(self) -> None:
        asked = replace(ASKED, role=replace(RULES, latest_start=7 * DAY))
        check_reduces_terms(asked, reduced(starts_at=NOON + 7 * DAY, ends_at=NOON + 7 * DAY + HOUR), now=NOON)
        late = reduced(starts_at=NOON + 8 * DAY, ends_at=NOON + 8 * DAY + HOUR)
        assert refusal(lambda: check_reduces_terms(asked, late, now=NOON)) == "start_too_far_for_approval"

    def test_a_requested_second_factor_cannot_be_removed(self) -> None:
        asked = replace(ASKED, asks_mfa=True)
        terms = replace(asked.terms, asks_mfa=False)
        assert refusal(lambda: check_reduces_terms(asked, terms, now=NOON)) == "mfa_cannot_be_dropped"

    def test_added_conditions_must_suit_the_role_and_the_identity(self) -> None:
        closed = replace(ASKED, sources=(), role=replace(RULES, source_rule="never"))
        assert (
            refusal(lambda: check_reduces_terms(closed, replace(closed.terms, sources=("203.0.113.7/32",)), now=NOON))
            == "sources_not_allowed"
        )
        through_the_portal = replace(ASKED, identity=None)
        assert (
            refusal(lambda: check_reduces_terms(through_the_portal, reduced(asks_mfa=True), now=NOON))
            == "mfa_not_for_portal_issued"
        )

    def test_for_an_extension_only_the_new_end_can_be_earlier(self) -> None:
        later = replace(ASKED, extends=True)
        check_reduces_terms(later, reduced(ends_at=NOON + HOUR), now=NOON)
        for terms in (reduced(starts_at=NOON + HOUR), reduced(asks_mfa=True), reduced(sources=("203.0.113.7/32",))):
            assert refusal(lambda: check_reduces_terms(later, terms, now=NOON)) == "extension_end_only"  # noqa: B023

    @given(
        st.integers(-7200, 2 * 86400), st.integers(-7200, 3 * 86400), st.booleans(), st.booleans(),
        st.sets(st.sampled_from(["203.0.113.0/24", "203.0.113.7/32", "203.0.112.0/23", "2001:db8::/48", "8.8.8.8/32"])),
        st.sampled_from([(), ("203.0.113.0/24",), ("203.0.112.0/23", "2001:db8::/48")]),
    )  # fmt: skip
    def test_whatever_is_accepted_allows_no_more_than_the_request(
        self, start: int, end: int, had_mfa: bool, has_mfa: bool, sources: set[str], had: tuple[str, ...]
    ) -> None:
        asked = replace(ASKED, asks_mfa=had_mfa, sources=had)
        terms = Terms(
            Window(NOON + timedelta(seconds=start), NOON + timedelta(seconds=end)), has_mfa, tuple(sorted(sources))
        )
        try:
            check_reduces_terms(asked, terms, now=NOON)
        except Refused:
            return
        assert isinstance(terms.window, Window)
        assert terms.window.starts_at >= NOON
        assert terms.window.length <= 4 * HOUR
        assert has_mfa or not had_mfa
        assert not had or (sources and all(is_inside(one, had) for one in sources))
