"""An application that lets its customers' IT administrators set up single sign-on, with WorkOS's own client.

    pip install flask workos
    export WORKOS_BASE_URL=https://portal.example.com/compat/workos
    export WORKOS_API_KEY=sk_…           # scopes organizations:read, organizations:write, links:sso
    export APP_URL=https://app.example.com
    python setup_link_app.py

The portal has to know the application: its origin stands on the list under Settings, Return and links.
"""

from __future__ import annotations

import os
from functools import cache

from flask import Flask, abort, redirect, request
from werkzeug.wrappers import Response
from workos import WorkOSClient
from workos._errors import NotFoundError

app = Flask(__name__)
# In place of the application's own sign-in and database.
PEOPLE = {"anna": {"customer": "acme", "it_admin": True}, "otto": {"customer": "acme", "it_admin": False}}
CUSTOMERS = {"acme": "Acme GmbH"}


@cache
def workos() -> WorkOSClient:
    """The client; it reads address and key from the environment and complains at once if there is no key."""
    return WorkOSClient()


def organization_of(customer: str) -> str:
    """The customer's organization, made when it is first needed; the application's own id finds it again."""
    client = workos()
    try:
        return client.organizations.get_organization_by_external_id(customer).id
    except NotFoundError:
        made = client.organizations.create_organization(
            name=CUSTOMERS[customer], external_id=customer, request_options={"idempotency_key": f"customer-{customer}"}
        )
        return made.id


@app.get("/")
def home() -> str:
    """Where people come back to."""
    return "<h1>Orders</h1><form method=post action=/set-up-sso><button>Set up single sign-on</button></form>"


@app.post("/set-up-sso")
def set_up_sso() -> Response:
    """A link is made in the very request that leads there: it lives minutes, and is neither stored nor mailed."""
    someone = PEOPLE.get(request.headers.get("X-Signed-In-As", ""))
    if someone is None:
        abort(401)
    if not someone["it_admin"]:
        abort(403)
    made = workos().admin_portal.generate_link(
        organization=organization_of(str(someone["customer"])), intent="sso", return_url=os.environ["APP_URL"] + "/",
        external_user_id=request.headers["X-Signed-In-As"],
    )  # fmt: skip
    return redirect(made.link, 302)


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8001")))
