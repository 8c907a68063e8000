"""What a page is told of a realm's look, and how style sheets and pictures are served."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask, g
from outbound_doubles import until
from PIL import Image as Pillow

from portal.errors import Upstream
from portal.settings import Realm, Settings
from portal.store import Store
from portal.store.models import Base
from portal.styles import actions, views
from portal.styles.branding import CSS, LOGO, PRIMARY


class Facts:
    """Stands for the realm as Keycloak tells it."""

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.display_name = "Umbrella"
        self.down = False

    def __call__(self, _realm: str) -> Facts:
        if self.down:
            raise Upstream("no answer")
        return self


@pytest.fixture
def facts() -> Facts:
    return Facts()


@pytest.fixture
def app(tmp_path, facts) -> Iterator[Flask]:
    settings = Settings("http://localhost:8000", {"demo": Realm("demo", "http://localhost:8080")}, demo=True)
    store = Store(f"sqlite:///{tmp_path}/portal.db")
    Base.metadata.create_all(store.engine)
    app = Flask("test")
    app.extensions["portal"] = SimpleNamespace(
        store=store, settings=settings, realm_facts=facts, realms=SimpleNamespace(expect=lambda *_known: None)
    )  # fmt: skip
    app.register_blueprint(views.styles)

    @app.url_value_preprocessor
    def _realm(_endpoint, values) -> None:
        g.realm = settings.realms[values.pop("realm")]

    with app.app_context():
        yield app
    store.engine.dispose()


def dot() -> str:
    out = io.BytesIO()
    Pillow.new("RGB", (8, 8), "red").save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def test_the_house_look_needs_no_address(app):
    assert actions.brand("demo") == actions.PageBrand("Umbrella")


@pytest.mark.case("B4")
def test_a_deciding_page_gets_the_colours_without_the_sheet(app, facts):
    facts.attributes = {CSS: ".btn.danger { opacity: 0 }", PRIMARY: "#7a1fa2"}
    look = actions.brand("demo")
    client = app.test_client()
    sheet, colours = client.get(look.css_url), client.get(look.colors_url)
    assert "opacity" in sheet.text
    assert colours.text == ":root { --brand-primary: #7a1fa2; }\n"
    for answer in (sheet, colours):
        assert answer.content_type == "text/css; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
    facts.attributes = {CSS: ".btn.danger { opacity: 0 }"}
    assert actions.brand("demo").colors_url is None


def test_another_version_is_answered_with_the_present_one_and_not_kept(app, facts):
    facts.attributes = {PRIMARY: "#112233"}
    before = actions.brand("demo").css_url
    facts.attributes = {PRIMARY: "#445566"}
    after = actions.brand("demo").css_url
    assert before != after
    answer = app.test_client().get(before)
    assert "#445566" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_last_look_stays_while_keycloak_does_not_answer(app, facts):
    facts.attributes = {PRIMARY: "#112233"}
    known = actions.brand("demo")
    facts.down = True
    assert actions.brand("demo") == known
    assert actions.brand("idp") == actions.PageBrand("idp")


@pytest.mark.case("B7")
def test_a_logo_is_served_so_that_it_can_do_nothing(app, facts):
    facts.attributes = {LOGO: dot()}
    until(lambda: actions.brand("demo").logo_url is not None)
    url = actions.brand("demo").logo_url
    answer = app.test_client().get(url)
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="logo.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_page_asks_the_store_once_in_a_while(app, facts, monkeypatch):
    facts.attributes = {LOGO: dot(), PRIMARY: "#112233"}
    until(lambda: actions.brand("demo").logo_url is not None)
    monkeypatch.setattr(app.extensions["portal"].store, "read", lambda: pytest.fail("the store was asked"))
    for _ in range(20):
        assert actions.brand("demo").logo_url
