"""Which domains may be claimed, and what is said of those that may not."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demo.organizations import ensure_organization
from portal.domains.names import LONGEST, DomainName, mail_providers, parse
from portal.domains.records import record_name, record_value
from portal.errors import Invalid


def reason(text: str, **options) -> str:
    """Why a name is refused: one sentence."""
    with pytest.raises(Invalid) as caught:
        parse(text, **options)
    assert set(caught.value.errors) == {"domain"}
    assert caught.value.form == []
    return caught.value.errors["domain"]


@pytest.mark.parametrize(
    "text",
    ["umbrella.com", " Umbrella.COM \n", "umbrella.com.", "https://umbrella.com/path?x=a@b.c#d",
     "umbrella.com/path", "http://www.umbrella.com", "HTTPS://WWW.Umbrella.com:8443/",
     "https://name:secret@umbrella.com/", "//umbrella.com/x", "name@umbrella.com", "@umbrella.com",
     "Ann Other <ann@umbrella.com>", "mailto:ann@umbrella.com?subject=x", "umbrella.com:443",
     '"umbrella.com",', "ｕmbrella。com", "umb\u00adrella.com", "umbrella.com\u200b"],
)  # fmt: skip
def test_the_domain_is_taken_out_of_what_was_pasted(text):
    assert parse(text) == DomainName("umbrella.com", "umbrella.com")
    assert not parse(text).is_idn


def test_a_name_below_the_registered_one_stays_whole():
    assert parse("mail.umbrella.co.uk").ascii == "mail.umbrella.co.uk"
    assert parse("www.umbrella.com").ascii == "www.umbrella.com"
    assert parse("name@www.umbrella.com").ascii == "www.umbrella.com"
    assert parse("3m-4u.com").ascii == "3m-4u.com"
    assert parse("city.kawasaki.jp").ascii == "city.kawasaki.jp"


@pytest.mark.case("D2")
@pytest.mark.parametrize(
    "text",
    ["bücher.de", "straße.de", "例え.jp", "почта-рф.рф", "ра.рф", "اختبار۲.com", "hawaiʻi.com", "αθήνα.gr",
     "mail.münchen.de", "東京tokyoタワー.jp", "한국tv.kr", "भारत.in"],
)  # fmt: skip
def test_a_foreign_name_is_shown_both_ways(text):
    name = parse(text)
    labels = [each if each.isascii() else f"xn--{each.encode('punycode').decode()}" for each in text.split(".")]
    assert name == DomainName(".".join(labels), text)
    assert name.is_idn
    assert parse(name.ascii.upper()) == parse(f"Ann@{text}") == name


@pytest.mark.case("D1")
@pytest.mark.parametrize(
    ("text", "said"),
    [("gmail.com", "public mail"), ("GMail.com", "public mail"), ("ｇmail.com", "public mail"),
     ("x.outlook.com", "public mail"), ("gmx.de", "public mail"), ("https://web.de/", "public mail"),
     ("ann@yahoo.co.uk", "public mail"), ("co.uk", "everybody"), ("github.io", "everybody"),
     ("kobe.jp", "everybody"), ("s3.amazonaws.com", "everybody"), ("com.de", "everybody"),
     ("xn--55qx5d.cn", "everybody"), ("localhost", "special"), ("app.localhost", "special"),
     ("printer.local", "special"), ("x.internal", "special"), ("x.invalid", "special"),
     ("umbrella.example", "special"), ("example.com", "special"), ("a.example.org", "special"),
     ("umbrella.test", "special"), ("x.onion", "special"), ("1.168.192.in-addr.arpa", "special"),
     ("server.lan", "network"), ("127.0.0.1", "IP address"), ("8.8.8.8", "IP address"),
     ("[::1]", "IP address"), ("2001:db8::1", "IP address"), ("http://[::1]:8080/", "IP address"),
     ("http://10.0.0.1:80/x", "IP address"), ("2130706433", "IP address"), ("0x7f.1", "IP address"),
     ("017700000001", "IP address"), ("①②⑦.0.0.1", "IP address"), ("name@[8.8.8.8]", "IP address"),
     ("umbrella", "ending"), ("com", "ending"), ("https://keycloak/", "ending")],
)  # fmt: skip
def test_what_cannot_be_an_organizations_own_is_refused_with_the_reason(text, said):
    assert said in reason(text)


@pytest.mark.case("D1")
@pytest.mark.parametrize("text", ["portal.service.com", "x.portal.service.com", "service.com", "Login.Service.com"])
def test_the_services_own_domain_is_refused(text):
    hosts = ("portal.service.com", "login.service.com")
    assert "service itself" in reason(text, own_hosts=hosts)
    assert parse(text).ascii == text.lower()
    assert parse("portal-service.com", own_hosts=hosts)


@pytest.mark.case("D2")
@pytest.mark.parametrize(
    ("text", "said"),
    [("", "Enter a domain"), (" ", "Enter a domain"), ("https://", "Enter a domain"),
     ("name@", "Enter a domain"), (".", "Enter a domain"),
     ("_org-domain-ownership.umbrella.com", "underscore"), ("um_brella.com", "underscore"),
     ("umb%rella.com", "letters"), ("%.com", "letters"), ("umb rella.com", "letters"),
     ("*.umbrella.com", "letters"), ("umbrella.com..", "nothing between"),
     ("umbrella..com", "nothing between"), (".umbrella.com", "nothing between"),
     ("umbrella.com。", "nothing between"), ("-umbrella.com", "letters"), ("umbrella-.com", "letters"),
     ("umbrella.com\0", "letters"), ("umbrella.com\r\nx", "letters"), ("umb\u200drella.com", "letters"),
     ("umb😀rella.com", "letters"), ("\ud800.com", "letters"), (f"{'a' * 64}.com", "63"),
     (f"{'ü' * 60}.com", "63"), ("xn--a.com", "xn--"), ("xn--zzzzzzzz99999.com", "xn--"),
     ("xn--gmail-.com", "xn--"), ("xn--.com", "xn--"), ("раypal.com", "scripts"),
     ("umbrеlla.com", "scripts"), ("аррӏе.com", "imitates"), ("xn--80ak6aa92e.com", "imitates"),
     ("ορα.com", "imitates"), ("bücherд.de", "scripts"), ("αβгд.com", "scripts")],
)  # fmt: skip
def test_malformed_and_deceptive_names_are_refused_with_the_reason(text, said):
    assert said in reason(text)


@pytest.mark.case("D2")
def test_a_name_may_be_as_long_as_its_record_allows():
    longest = ".".join(["a" * 57] * 4)[: LONGEST - 4] + ".com"
    assert len(record_name(parse(longest).ascii)) == 253
    assert "too long" in reason("a" + longest)
    assert "too long" in reason(".".join(["a" * 63] * 3 + ["a" * 58, "com"]))
    assert "too long" in reason("a." * 100_000 + "com")


def test_names_below_test_are_for_the_demonstration():
    assert parse("name@umbrella.test", allow_test=True).ascii == "umbrella.test"
    assert "ending" in reason("test", allow_test=True)
    assert "special" in reason("umbrella.local", allow_test=True)


@given(st.text(max_size=300) | st.from_regex(r"[a-zA-Z0-9ä-я._%@:/-]{0,80}\.(com|рф|test)"))
def test_every_text_is_a_name_or_refused(text):
    try:
        name = parse(text)
    except Invalid as error:
        assert error.errors["domain"].endswith(".")
    else:
        assert name.ascii == name.ascii.lower()
        assert set(name.ascii) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
        assert parse(name.ascii) == parse(name.unicode) == name


def test_the_list_of_mail_providers_is_in_order():
    assert len(mail_providers()) >= 150
    assert {name for name in mail_providers() if "public mail" not in reason(f"Ann@{name}")} == set()


def test_the_record_is_the_one_that_keycloak_looks_for(stack):
    admin, own = stack.admin(), uuid.uuid4().hex
    domains = [f"{own}.test", parse(f"bücher-{own}.test", allow_test=True).ascii, f"mail.three.levels.{own}.test"]
    organization = ensure_organization(admin, "demo", f"records-{own}", "Records", domains)
    try:
        for domain in domains:
            said = admin.get(f"/realms/demo/orgs/{organization}/domains/{domain}")
            assert record_name(domain) == f"{said['record_key']}.{domain}"
            assert record_value(domain, organization) == said["record_value"]
    finally:
        admin.delete(f"/realms/demo/orgs/{organization}")
