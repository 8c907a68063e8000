"""Details of an organization on the running portal: who sees and who changes them; nothing of others is lost."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
import requests
from detail_steps import MANAGER, VIEWER, details, fields, filled, save, text_of
from organization_holdings import Place
from stack import Stack

from portal.demo import organizations


@pytest.mark.feature("P2-33")
@pytest.mark.feature("UM-02")
@pytest.mark.feature("WO-04")
def test_a_viewer_reads_what_a_manager_edits(stack: Stack, client: Any, recorder: Any) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(url="https://www.tests.test/", attributes={"region": ["north", "south"], "portal.logo": ["x"]})
    viewer = client(place.join(*VIEWER))
    read, edited = details(place, viewer), details(place)
    assert 'id="details"' not in read and "Save details" not in read and "<textarea" not in read
    assert "Web address https://www.tests.test/ Attributes region north, south" in text_of(read)
    assert 'name="display_name"' in edited and ("key", "region") in fields(edited)
    for page in (read, edited):
        assert f'id="organization-id" readonly value="{place.id}"' in page
        assert 'data-copy="organization-id"' in page and "portal.logo" not in page
    forged = viewer.post(f"o/{place.name}/details", filled(edited, display_name="Taken"))
    assert forged.status_code == 403 and not [call for call in recorder.of(forged) if call.writes]
    assert place.read()["displayName"] == place.name.capitalize()


@pytest.mark.feature("P2-32")
def test_a_member_of_two_organizations_sees_these_two(stack: Stack, client: Any, recorder: Any) -> None:
    first, second, third = Place(stack, roles=VIEWER), Place(stack), Place(stack)
    second.put(first.someone, *VIEWER)
    browser = client(first.someone)
    listed = browser.get("organizations").text.partition("<main")[2]
    for place in (first, second):
        assert f"/o/{place.name}" in listed
        answer = browser.get(f"o/{place.name}/details")
        assert place.id in answer.text
        assert len([call for call in recorder.of(answer) if "/orgs" in call.path]) <= 3
    assert f"/o/{third.name}" not in listed
    assert browser.get(f"o/{third.name}/details").status_code == 404


@pytest.mark.feature("P2-34")
def test_a_save_changes_what_was_touched_and_nothing_else(stack: Stack) -> None:
    place = Place(stack, roles=MANAGER)
    hidden = {
        "portal.logo": ["https://x.test/"],
        "home.idp.discovery": ["a"],
        "_providerConfig.x": ["y"],
        "org.ro": ["1"],
    }
    others = {"plan": ["gold"], "notes": ["first line\nsecond line"], "odd key": ["kept"], "region": ["north", "south"]}
    place.write(domains=[f"{place.name}.test"], attributes={**hidden, **others})
    prove(stack, place, f"{place.name}.test")
    page = details(place)
    assert "second line" in page and "odd key" in page, "what does not fit into a line is shown"
    sent = [
        *filled(page, display_name="Changed & Co", url="https://changed.tests.test/a?b=c"),
        ("key", "tier"), ("value", "2"), ("key", "region"), ("value", "west"),
        # Not theirs to change here.
        ("name", "root"), ("domains", "evil.test"), ("id", "x"),
    ]  # fmt: skip
    assert save(place, sent).status_code == 303
    now = place.read()
    assert (now["displayName"], now["url"]) == ("Changed & Co", "https://changed.tests.test/a?b=c")
    assert (now["name"], now["id"], now["domains"]) == (place.name, place.id, [f"{place.name}.test"])
    region = sorted(now["attributes"].pop("region"))
    assert region == ["north", "south", "west"]
    assert now["attributes"] == {**hidden, **{k: v for k, v in others.items() if k != "region"}, "tier": ["2"]}
    assert verified(stack, place) == {f"{place.name}.test": True}, "a save leaves the proof of a domain alone"
    assert "Changed & Co" in html.unescape(place.browser.get("organizations").text), (
        "the selector knows the new name at once"
    )
    record = place.records("organization.edit")[-1]
    assert record.state == "done"
    assert record.before["values"]["display_name"] == [place.name.capitalize()]
    assert sorted(record.after["values"]) == ["attribute.region", "attribute.tier", "display_name", "url"]


def prove(stack: Stack, place: Place, domain: str) -> None:
    admin = stack.admin()
    name, text = organizations.domain_proof(admin, "demo", place.id, domain)
    requests.put(f"{stack.inbox_url}/dns/TXT/{name}", json=[text], timeout=10).raise_for_status()
    assert organizations.verify_domain(admin, "demo", place.id, domain)
    admin.close()


def verified(stack: Stack, place: Place) -> dict[str, bool]:
    admin = stack.admin()
    found = admin.get(f"/realms/demo/orgs/{place.id}/domains")
    admin.close()
    return {each["domain_name"]: each["verified"] for each in found}


@pytest.mark.feature("P2-34")
def test_nothing_changed_writes_nothing(stack: Stack, recorder: Any) -> None:
    place = Place(stack, roles=MANAGER)
    place.write(attributes={"spaced": [" two  blanks "], "empty": [""], "region": ["b", "a"]})
    answer = save(place, fields(details(place)))
    assert answer.status_code == 303 and not [call for call in recorder.of(answer) if call.writes]
    assert "Nothing was changed." in details(place)
    assert place.records("organization.edit") == []


WRONG = [
    ("display_name", "x" * 256, "Use at most 255 characters."),
    ("url", "javascript:alert(1)", "Enter a web address like https://example.com."),
    ("url", "https://user:pass@tests.test/", "Enter a web address like https://example.com."),
    ("url", "https://", "Enter a web address like https://example.com."),
    ("url", "https://tests.test/" + "x" * 255, "Use at most 255 characters."),
    ("value", "x" * 256, "Use at most 255 characters."),
    ("key", "", "Give the attribute a name."),
    ("value", "", "Enter a value, or remove the row."),
    ("key", "two words", "A name has letters a to z"),
    ("key", "k" * 256, "A name has letters a to z"),
    ("key", "portal.logo", "kept for the portal"),
    ("key", "Portal.accentColor", "kept for the portal"),
    ("key", "_providerConfig.orgs", "kept for the portal"),
    ("key", "home.idp.discovery.org", "kept for the portal"),
    ("key", "org.ro.active", "kept for the portal"),
    ("key", "kc.org", "kept for the portal"),
]


@pytest.mark.feature("P2-34")
def test_mistakes_stand_beside_their_fields_and_nothing_entered_is_lost(stack: Stack, recorder: Any) -> None:
    place = Place(stack, roles=MANAGER)
    empty = fields(details(place))
    for name, value, said in WRONG:
        entered = {"display_name": "Typed by hand", "url": "https://typed.tests.test/", "key": "tier", "value": "2"}
        sent = [(field, {**entered, name: value}.get(field, text)) for field, text in empty]
        answer = save(place, sent)
        assert answer.status_code == 422, name
        assert not [call for call in recorder.of(answer) if call.writes]
        assert said in html.unescape(answer.text), (name, value)
        assert dict(fields(answer.text)) == dict(sent), "the form comes back as it was sent"
        assert 'aria-invalid="true"' in answer.text
    assert place.read()["displayName"] == place.name.capitalize()


@pytest.mark.feature("P2-34")
def test_there_are_at_most_a_hundred_values(stack: Stack) -> None:
    place = Place(stack, roles=MANAGER)
    start = [field for field in fields(details(place)) if field[0] not in {"key", "value"}]
    many = [pair for number in range(101) for pair in (("key", f"k{number}"), ("value", "v"))]
    refused = save(place, [*start, *many])
    assert refused.status_code == 422 and "at most 100 values" in refused.text
    assert len([field for field in fields(refused.text) if field[0] == "key"]) == 101
    assert save(place, [*start, *many[2:]]).status_code == 303
    assert len(place.read()["attributes"]) == 100


@pytest.mark.feature("P2-34")
def test_rows_come_and_go_without_scripts(stack: Stack) -> None:
    place = Place(stack, roles=MANAGER)
    sent = filled(details(place), key="tier", value="2", display_name="Not saved yet")
    more = save(place, [*sent, ("_add", "key")])
    assert more.status_code == 200 and ("display_name", "Not saved yet") in fields(more.text)
    assert [value for name, value in fields(more.text) if name == "key"] == ["tier", ""]
    less = save(place, [*fields(more.text), ("_remove", "key:0")])
    assert [value for name, value in fields(less.text) if name == "key"] == [""]
    assert place.read()["attributes"] == {} and place.read()["displayName"] == place.name.capitalize()


@pytest.mark.case("O7")
def test_the_address_alone_says_which_organization(stack: Stack) -> None:
    place, other = Place(stack, roles=MANAGER), Place(stack, roles=MANAGER)
    sent = [*filled(details(place), display_name="Mine"), ("id", other.id), ("organization", other.name)]
    assert save(place, sent).status_code == 303
    assert place.read()["displayName"] == "Mine" and other.read()["displayName"] == other.name.capitalize()
    for broken in ("[]", "{", '{"url": 1}', '"x"'):
        sent = [(name, broken if name == "shown" else value) for name, value in fields(details(place))]
        assert save(place, sent).status_code in {422, 409}, broken


@pytest.mark.case("C7")
def test_markup_in_any_field_is_text(stack: Stack, client: Any) -> None:
    place = Place(stack, roles=MANAGER)
    markup = "<div hx-get=/x hx-on::load=alert(1) data-hx-get=y><form hx-disable>\"'&amp;"
    place.write(displayName=markup, url='javascript:alert("x")', attributes={"bad": [markup], '<b hx-get="/x">': ["v"]})
    for page in (details(place), details(place, client(place.join(*VIEWER)))):
        for raw in ("<div hx-get", "<form hx-disable", "<b hx-get", 'href="javascript'):
            assert raw not in page
        assert "hx-disable" in html.unescape(page)
    assert json.loads(dict(fields(details(place)))["shown"])["attribute.bad"] == [markup]
