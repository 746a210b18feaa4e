"""Time that obeys."""

from datetime import datetime, timedelta, timezone

import pytest
from conftest import Queue

from mesh_local import Clock, Refused, Universe
from mesh_local.times import moment_text, span, span_text

NEW_YEAR = datetime(2100, 1, 1, tzinfo=timezone.utc)


def test_a_quarter_of_an_hour_passes_at_once(clock: Clock, queue: Queue) -> None:
    clock.freeze()
    queue.send("late", DelaySeconds=900)
    before = clock.now()
    clock.advance("14m59s")
    assert queue.receive() == []
    advanced = clock.advance(timedelta(seconds=1))
    assert queue.receive() == ["late"]
    assert advanced.now == clock.now() == before + timedelta(minutes=15)


def test_it_stands_where_it_is_told_and_runs_on_from_there(clock: Clock) -> None:
    assert not clock.is_frozen
    with clock.frozen(NEW_YEAR):
        assert clock.is_frozen
        assert clock.now() == NEW_YEAR
        clock.set("2100-01-02T00:00:00Z")
        assert clock.now() == NEW_YEAR + timedelta(days=1)
    assert not clock.is_frozen
    assert clock.now() >= NEW_YEAR + timedelta(days=1)


def test_it_runs_ahead_of_the_machine(universe: Universe) -> None:
    universe.clock.offset("25h")
    ahead = universe.clock.now() - datetime.now(timezone.utc)
    assert timedelta(hours=24) < ahead <= timedelta(hours=25)


def test_it_does_not_run_backwards(clock: Clock, queue: Queue) -> None:
    queue.send("now")
    with pytest.raises(Refused, match="backwards") as caught:
        clock.set(0)
    assert "floor" in caught.value.details
    with pytest.raises(Refused, match="forwards"):
        clock.advance("-1s")


def test_what_an_advance_ran_is_told(clock: Clock) -> None:
    clock.freeze()
    advanced = clock.advance("1h")
    assert (advanced.timers, advanced.ran, advanced.ran_in_all) == (0, [], 0)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("15m", 900),
        ("1d2h3m", 93780),
        ("1.5s", 1.5),
        ("500ms", 0.5),
        ("1us", 1e-6),
        ("-2h", -7200),
        ("90", 90),
        (90, 90),
        (0.25, 0.25),
        (timedelta(hours=1), 3600),
    ],
)
def test_spans_are_read(written: str | float | timedelta, seconds: float) -> None:
    assert span(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("written", ["", "soon", "15 minutes", "m", "3m1h", "-", "1x"])
def test_what_is_no_span_is_said(written: str) -> None:
    with pytest.raises(ValueError, match="is no span"):
        span(written)


def test_spans_and_moments_are_written_to_the_microsecond() -> None:
    assert span_text("1d") == "86400000000us"
    assert moment_text(NEW_YEAR + timedelta(microseconds=1)) == "2100-01-01T00:00:00.000001+00:00"
    with pytest.raises(ValueError, match="time zone"):
        moment_text(datetime(2100, 1, 1))
