"""Streams are split into events and lose nothing, wherever they are cut."""

from __future__ import annotations

import random

import pytest

from undersign.policy.wire.sse import LARGEST, Event, Events

STREAMS = [
    b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n",
    b"event: a\r\ndata: 1\r\n\r\ndata: two\r\ndata: lines\r\n\r\n",
    b": a comment\n\nid: 7\nretry: 10\ndata:no space\n\ndata",
    b"data: \xc3\xa9\xe2\x82\xac\n\ndata: unfinished",
    b"data: 1\r\rdata: 2\r\r",
    b"\n\n\ndata: 1\n\n\n\n",
    b"data: 1\n\r\ndata: 2\r\n\ndata: 3\r\n\rdata: 4\r\n\r\n",
    b"data: 1\r\r\ndata: 2\r\n\r\n\r\ndata: 3\r\r\n\n",
]


@pytest.mark.parametrize("stream", STREAMS)
def test_any_cut_gives_the_same_events(stream: bytes) -> None:
    whole = Events()
    wanted = [(e.name, e.data) for e in whole.feed(stream) if e.data]
    chance = random.Random(3)
    for _ in range(200):
        events, split, position = [], Events(), 0
        while position < len(stream):
            step = chance.randint(1, 9)
            events += split.feed(stream[position : position + step])
            position += step
        assert b"".join(e.raw for e in events) + split.rest() == stream
        assert [(e.name, e.data) for e in events if e.data] == wanted


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_an_event_keeps_its_last_byte(size: int) -> None:
    one, two = b"event: a\r\ndata: 1\r\n\r\n", b"data: two\r\n\r\n"
    stream = one + two
    for shift in range(size):
        split = Events()
        chunks = [stream[:shift]]
        chunks += [stream[n : n + size] for n in range(shift, len(stream), size)]
        assert [e.raw for chunk in chunks for e in split.feed(chunk)] == [one, two]
        assert split.rest() == b""


def test_an_event_ended_by_returns_does_not_wait_for_the_next() -> None:
    split = Events()
    assert [e.data for e in split.feed(b"data: 1\r\r")] == [b"1"]
    assert [e.raw for e in split.feed(b"\ndata: 2\r\r")] == [b"\n", b"data: 2\r\r"]


def test_fields_are_read_as_the_standard_says() -> None:
    event = Event(b": hello\nevent:  spaced\ndata: one\ndata:two\ndata\nid: 1\n\n")
    assert event.name == " spaced"
    assert event.data == b"one\ntwo\n"


def test_other_data_leaves_the_rest_of_an_event() -> None:
    event = Event(b": c\r\nid: 1\r\ndata: x\r\ndata: y\r\nevent: a\r\n\r\n")
    assert event.with_data(b"new") == b": c\r\nid: 1\r\ndata: new\r\nevent: a\r\n\r\n"


def test_an_endless_event_does_not_fill_the_memory() -> None:
    split = Events()
    events = split.feed(b"data: " + b"x" * LARGEST)
    assert len(events) == 1 and split.rest() == b""
