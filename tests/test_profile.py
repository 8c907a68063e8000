"""The profile room on the running portal."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.feature("P2-18")
def test_the_profile_shows_what_keycloak_knows(person: Any, client: Any) -> None:
    someone = person(attributes={"city": ["Bonn"]})
    page = client(someone).get("profile")
    for value in ("Tess", "Tester", someone.email, "Bonn"):
        assert f'value="{value}"' in page.text
