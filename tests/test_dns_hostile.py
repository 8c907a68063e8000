"""Hostile and broken name servers: each ends in a state, within five seconds, and proves nothing."""

from __future__ import annotations

import time

import dns_doubles
import pytest
from dns_doubles import VALUE, Server, cut, fails, silent
from dnslib import QTYPE, RR, TXT, DNSRecord

from portal.clients.dns import MOST_CHARACTERS, MOST_TEXTS, Dns, State
from portal.domains.records import record_name

running_server, server = dns_doubles.running_server, dns_doubles.server
RECORD = "_org-domain-ownership.umbrella.test"
OTHER = VALUE[::-1]


@pytest.mark.case("D8")
@pytest.mark.parametrize("code", ["SERVFAIL", "REFUSED", "FORMERR", "NOTIMP"])
def test_a_failing_server_is_a_state(server, code):
    server.zone.text(RECORD, VALUE)
    server.zone.always(fails(code))
    told = server.diagnose()
    assert (told.state, told.found, told.verified) == (State.SERVER_FAILURE, (), False)
    assert told.servers == (server.where,)


@pytest.mark.case("D8")
def test_a_silent_server_is_a_state_within_the_time(server):
    server.zone.always(silent)
    began = time.monotonic()
    assert server.diagnose(seconds=1).state is State.TIMEOUT
    assert time.monotonic() - began < 2
    assert Dns().seconds < 5


@pytest.mark.case("D8")
def test_silence_after_the_first_answer_keeps_what_was_found(server):
    server.zone.text(RECORD, OTHER)
    server.zone.always(silent, "umbrella.test")
    began = time.monotonic()
    told = server.diagnose(seconds=1.5)
    assert (told.state, told.found) == (State.WRONG_VALUE, ((RECORD, OTHER),))
    assert time.monotonic() - began < 2


@pytest.mark.case("D8")
def test_a_lost_packet_is_sent_again(server):
    server.zone.text(RECORD, VALUE)
    lost = []

    def once(request, protocol):
        lost.append(protocol)
        return None if len(lost) == 1 else server.zone._answer(request, "TXT", RECORD)

    server.zone.always(once, RECORD, "TXT")
    assert server.diagnose().verified


@pytest.mark.case("D8")
def test_a_hundred_records_are_read_and_no_more_shown(server):
    server.zone.text(RECORD, *(f"{number:04}" for number in range(100)))
    assert len(server.diagnose().found) == MOST_TEXTS == 100
    server.zone.text("umbrella.test", *(f"{number:04}" for number in range(100)))
    told = server.diagnose()
    assert (told.state, len(told.found)) == (State.WRONG_VALUE, 100)
    server.zone.text(RECORD, VALUE)
    told = server.diagnose()
    assert told.verified
    assert told.found[0] == (RECORD, VALUE)
    assert len(told.found) == 100


@pytest.mark.case("D8")
def test_64_kib_are_read_by_tcp_and_bounded(server):
    server.zone.text(RECORD, *(f"{number}{'x' * 15_900}" for number in range(4)))
    server.zone.text("umbrella.test", *(f"{number}{'y' * 15_900}" for number in range(4)))
    began = time.monotonic()
    told = server.diagnose()
    assert told.state is State.WRONG_VALUE
    assert 60_000 < sum(len(value) for _, value in told.found) <= MOST_CHARACTERS
    assert time.monotonic() - began < 5


@pytest.mark.case("D8")
def test_thousands_of_records_take_no_longer(server):
    server.zone.text(RECORD, *(f"{number:03}" for number in range(3_800)))
    server.zone.text("umbrella.test", *(f"{number:03}" for number in range(3_800)))
    began = time.monotonic()
    told = server.diagnose()
    assert not told.verified
    assert len(told.found) <= 100
    assert time.monotonic() - began < 5


@pytest.mark.case("D8")
def test_strings_of_one_record_are_joined_and_of_two_are_not(server):
    server.zone.add("TXT", RECORD, TXT([VALUE[:20].encode(), VALUE[20:50].encode(), b"", VALUE[50:].encode()]))
    assert server.diagnose().found == ((RECORD, VALUE),)
    server.zone.records.clear()
    server.zone.text(RECORD, VALUE[:32], VALUE[32:])
    assert server.diagnose().state is State.WRONG_VALUE


@pytest.mark.case("D8")
def test_bytes_that_are_no_text_are_shown_harmlessly(server):
    server.zone.add("TXT", RECORD, TXT([b"a\x00\x1b[31m\xff\xe2\x80\xaeb"]))
    assert server.diagnose().found == ((RECORD, "a\ufffd\ufffd[31m\ufffd\ufffdb"),)


@pytest.mark.case("D8")
def test_an_alias_is_followed_a_few_steps(server):
    for step in range(8):
        server.zone.alias(RECORD if step == 0 else f"a{step}.test", f"a{step + 1}.test", ttl=300 - step)
    server.zone.text("a8.test", VALUE)
    told = server.diagnose()
    assert told.verified
    assert told.found == ((RECORD, VALUE),)
    assert told.ttl == 293
    server.zone.records["TXT", "a9.test"] = server.zone.records.pop(("TXT", "a8.test"))
    server.zone.alias("a8.test", "a9.test")
    assert server.diagnose().state is State.SERVER_FAILURE


@pytest.mark.case("D8")
def test_a_loop_of_aliases_ends(server):
    server.zone.alias(RECORD, "loop.test")
    server.zone.alias("loop.test", RECORD)
    assert server.diagnose().state is State.SERVER_FAILURE

    def whole_loop(request, _protocol):
        reply = request.reply()
        for name in (RECORD, "loop.test"):
            ((rdata, ttl),) = server.zone.records["CNAME", name]
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=rdata, ttl=ttl))
        return reply

    server.zone.always(whole_loop, RECORD)
    assert server.diagnose().state is State.SERVER_FAILURE


@pytest.mark.case("D8")
def test_records_of_another_name_in_the_answer_are_ignored(server):
    def other(request, _protocol):
        reply = request.reply()
        reply.add_answer(RR("other.test", QTYPE.TXT, rdata=TXT(VALUE), ttl=5))
        return reply

    server.zone.always(other)
    told = server.diagnose()
    assert (told.state, told.found) == (State.MISSING, ())


@pytest.mark.case("D8")
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_an_answer_to_another_question_is_no_answer(server, protocol):
    def other(request, over):
        answer = DNSRecord.question("other.test", "TXT").reply()
        answer.header.id = request.header.id
        answer.add_answer(RR(RECORD, QTYPE.TXT, rdata=TXT(VALUE), ttl=5))
        if over != protocol:
            return cut(request)
        return answer

    server.zone.always(other)
    assert server.diagnose(seconds=1).state in {State.TIMEOUT, State.SERVER_FAILURE}


@pytest.mark.case("D8")
@pytest.mark.parametrize("answer", [b"", b"x", b"\xff" * 12, b"\xc0\x0c" * 600])
def test_garbage_is_no_answer(server, answer):
    server.zone.always(lambda request, over: answer if over == "udp" else None)
    assert server.diagnose(seconds=0.5).state is State.TIMEOUT

    def by_tcp(request, over):
        return cut(request) if over == "udp" else request.pack()[:2] + answer

    server.zone.always(by_tcp)
    assert server.diagnose(seconds=1).state in {State.TIMEOUT, State.SERVER_FAILURE}


def test_nobody_at_home_is_a_state():
    gone = Server()
    gone.stop()
    assert gone.diagnose(seconds=0.5).state is State.TIMEOUT


def test_a_name_that_cannot_be_asked_for_is_a_state(server):
    domain = ".".join(["a" * 60] * 4)
    assert Dns(server.where).diagnose(domain, record_name(domain), VALUE).state is State.MISSING
    assert server.zone.asked == []
