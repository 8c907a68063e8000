"""A small web server that shows the shell and every element with invented content, under the portal's policy."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import jinja2

ROOT = Path(__file__).parent.parent / "portal"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PAGES = Path(__file__).parent / "look_pages"
NAV = (("user", "Profile", "form"), ("shield", "Security", "lists"), ("grid", "Elements", "elements"))
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def environment() -> jinja2.Environment:
    """The templates with the globals that the application gives them, outside any request."""
    loader = jinja2.FileSystemLoader([ROOT / "templates", PAGES])
    env = jinja2.Environment(loader=loader, autoescape=True, extensions=["jinja2.ext.i18n"])
    env.install_gettext_callables(str, lambda one, many, n: one if n == 1 else many, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(icon_url="/icons.svg", asset=lambda name: f"/{name}", csrf_token=lambda: "token")
    env.globals["ui"] = env.get_template("ui.html").module
    return env


def context(page: str, query: dict[str, list[str]]) -> dict[str, Any]:
    """What the application would give to a page; `long` in the query makes every name unreasonable."""
    name = LONG if "long" in query else "Umbrella"
    sheet = "/sample.css" if "sample" in query else ""
    entries = [{"label": label, "url": f"/{url}", "icon": icon, "current": url == page} for icon, label, url in NAV]
    return {
        "lang": "en",
        "theme": query.get("theme", [""])[0],
        "brand": {"name": name, "css_url": sheet, "colors_url": "", "logo_url": "", "favicon_url": ""},
        "nav": [{"title": "You", "items": entries}],
        "person": {"name": name, "email": "olivia@umbrella.test", "initials": "OA"},
        "urls": {"theme": "/theme", "language": "/language", "signout": "/signout", "home": "/form"},
        "locales": [{"tag": t, "label": n, "current": t == "en"} for t, n in (("en", "English"), ("de", "Deutsch"))],
        "return_link": {"url": "/elements", "name": name},
        "toasts": [{"text": "Name saved.", "undo_url": "/undo" if "undo" in query else ""}] if "toast" in query else [],
        "wrong": "wrong" in query,
        "code": 503,
        "title": "Remove Work laptop?" if page == "confirm" else "Keycloak is not answering",
        "text": ["Your password stays.", "Nothing else changes."],
        "actions": [{"label": "Try again", "url": "/form", "kind": "primary"}],
        "reference": "01JD3M7Q9V",
        "deed": "Remove Work laptop",
        "action": "/do",
        "cancel": "/lists",
    }


class Handler(BaseHTTPRequestHandler):
    """Files by name, pages by template, posts recorded."""

    server: Site

    def log_message(self, *_args: object) -> None:
        pass

    def answer(self, code: int, body: str, kind: str = "text/html", **headers: str) -> None:
        self.send_response(code)
        for key, value in {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Security-Policy": POLICY,
            **headers,
        }.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def page(self, code: int, name: str, query: dict[str, list[str]]) -> None:
        self.answer(code, self.server.env.get_template(f"{name}.html").render(context(name, query)))

    def do_GET(self) -> None:
        address = urlparse(self.path)
        name = address.path.strip("/")
        if name in self.server.files:
            kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[name.rsplit(".", 1)[1]]
            return self.answer(200, self.server.files[name], kind)
        if name == "slow":
            self.server.gate.wait(10)
            name = "form"
        missing = name == "missing"
        return self.page(
            404 if missing else 200, "error" if missing else name, parse_qs(address.query, keep_blank_values=True)
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        name = self.path.strip("/")
        self.server.posts.append((name, parse_qs(body, keep_blank_values=True), dict(self.headers)))
        if name == "wrong":
            return self.page(422, "form", {"wrong": [""]})
        if name == "theme":
            return self.answer(204, "")
        return self.answer(303, "", Location="/form?toast" if name == "save" else "/lists?toast")


class Site(ThreadingHTTPServer):
    """Serves until closed; `posts` holds (path, fields, headers), `gate` lets /slow go on."""

    daemon_threads = True

    def __init__(self, sample: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        read = lambda *names: "\n".join((ROOT / "static" / name).read_text() for name in names)  # noqa: E731
        self.env = environment()
        self.files = {
            "portal.css": read("tokens.css", "site.css"),
            "portal.js": read("htmx.min.js", "portal.js", "forms.js"),
            "icons.svg": read("icons.svg"),
            "sample.css": sample,
        }
        self.posts: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        self.gate = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()
