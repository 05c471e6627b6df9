"""Times of the calendar: from a form to a cron expression, and back into words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.errors import TierwiseError
from tierwise_console.jobs.timing import Every, Timing, timing_of, timing_of_cron

TIMINGS = st.one_of(
    st.builds(Timing, st.just(Every.DAY), st.just(1), st.integers(0, 23), st.integers(0, 59)),
    st.builds(Timing, st.just(Every.WEEK), st.integers(1, 7), st.integers(0, 23), st.integers(0, 59)),
    st.builds(Timing, st.just(Every.MONTH), st.integers(1, 28), st.integers(0, 23), st.integers(0, 59)),
)


@given(TIMINGS)
def test_a_cron_expression_says_the_same(timing: Timing) -> None:
    assert timing_of_cron(timing.cron) == timing
    assert timing_of(str(timing.every), str(timing.day), timing.clock) == timing


def test_words() -> None:
    assert timing_of("week", "1", "06:30").words.zh == "每周一 06:30"
    assert timing_of("month", "28", "6:05").words.en == "each month on day 28 at 06:05"
    assert timing_of("day", "", "23:59").words.en == "daily at 23:59"


@pytest.mark.parametrize(
    ("every", "day", "at"),
    [("week", "8", "06:30"), ("week", "0", "06:30"), ("month", "29", "06:30"), ("year", "1", "06:30"),
     ("day", "1", "24:00"), ("day", "1", "06:60"), ("day", "1", "soon"), ("day", "1", "")],
)  # fmt: skip
def test_what_is_no_time_is_refused(every: str, day: str, at: str) -> None:
    with pytest.raises(TierwiseError, match="bad_time"):
        timing_of(every, day, at)


@pytest.mark.parametrize("cron", ["*/5 * * * *", "30 6 * * 1-5", "30 6 1 * 1", "30 6 1 1 *", "@daily"])
def test_what_the_form_cannot_show_is_none(cron: str) -> None:
    assert timing_of_cron(cron) is None
