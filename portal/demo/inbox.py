"""The inbox in the browser, the mails as JSON, and the name server's records. For this machine only."""

from __future__ import annotations

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for

from portal.demo.dns import Records
from portal.demo.mail import Mail, MailServer
from portal.settings import is_loopback

# The mails come from outside of this page: they may neither run scripts nor reach anything.
_MAIL_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_PAGE_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'"


def create_inbox(mails: MailServer, records: Records) -> Flask:
    """The inbox as a WSGI application."""
    app = Flask(__name__, static_url_path="/static")

    @app.before_request
    def _this_machine_only() -> None:
        # Another site must not read mails by naming itself 127.0.0.1 in the DNS.
        if not is_loopback(request.host.rpartition(":")[0] or request.host):
            abort(403)

    @app.after_request
    def _policy(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
        response.headers["Cache-Control"] = "no-store"
        return response

    _mail_pages(app, mails)
    _record_pages(app, records)
    return app


def _mail_pages(app: Flask, mails: MailServer) -> None:
    def find(mail_id: str) -> Mail:
        return next((mail for mail in mails.messages() if mail.id == mail_id), None) or abort(404)

    @app.get("/")
    def index() -> str:
        to = request.args.get("to", "")
        return render_template("inbox.html", mails=mails.messages(to), to=to)

    @app.get("/mail/<mail_id>")
    def mail(mail_id: str) -> str:
        return render_template("mail.html", mail=find(mail_id))

    @app.get("/mail/<mail_id>/html")
    def mail_html(mail_id: str) -> Response:
        page = Response('<base target="_blank">' + find(mail_id).html, mimetype="text/html")
        page.headers["Content-Security-Policy"] = _MAIL_POLICY
        return page

    @app.get("/messages")
    def messages() -> Response:
        return jsonify([found.as_json() for found in mails.messages(request.args.get("to", ""))])

    @app.delete("/messages")
    def forget() -> tuple[str, int]:
        mails.clear()
        return "", 204

    @app.post("/clear")
    def clear() -> Response:
        _same_site_only()
        mails.clear()
        return redirect(url_for("index"), 303)  # type: ignore[return-value]


def _record_pages(app: Flask, records: Records) -> None:
    @app.get("/dns")
    def show() -> str:
        return render_template("dns.html", records=records.all())

    @app.get("/dns.json")
    def listing() -> Response:
        return jsonify(records.all())

    @app.put("/dns/<kind>/<name>")
    def put(kind: str, name: str) -> tuple[str, int]:
        records.set(kind, name, *map(str, request.get_json()))
        return "", 204

    @app.post("/dns")
    def add() -> Response:
        _same_site_only()
        values = request.form.get("value", "").splitlines()
        records.set(request.form.get("kind", "TXT"), request.form.get("name", "").strip(), *filter(None, values))
        return redirect(url_for("show"), 303)  # type: ignore[return-value]


def _same_site_only() -> None:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)
