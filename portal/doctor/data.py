"""What the portal stores and for how long (`portal doctor --data`)."""

from __future__ import annotations

from portal.settings import Settings

HOUR, DAY = 3600, 24 * 3600
# Days that things are kept; purged daily. Of invitations since they ended, of jobs and mails since they were done.
AUDIT_DAYS, EVENT_DAYS, INVITATION_DAYS, LINK_DAYS, MAIL_DAYS, TEST_DAYS, JOB_DAYS = 400, 90, 90, 90, 30, 30, 7
# Since they were put in the queue, sent or not.
WEBHOOK_DAYS = 30


def rows(settings: Settings) -> list[tuple[str, str, str]]:
    """What, where, how long."""
    idle = f"{duration(settings.session_idle)} unused, at most {duration(settings.session_absolute)}"
    return [
        ("Sessions, with their encrypted tokens", "session", idle),
        ("Sign-ins under way", "sign_in", "1 hour"),
        ("Ids of logout tokens already seen", "used_token", "until they expire"),
        ("What was done through the portal", "audit", f"{AUDIT_DAYS} days"),
        ("Changes of a realm's settings", "settings_change", f"{AUDIT_DAYS} days"),
        ("Which organization an account was made for", "account_owner", "as long as the organization"),
        ("Invitations", "invitation", f"{INVITATION_DAYS} days after they ended"),
        ("Setup links, without what opens them", "setup_link, link_token", f"{LINK_DAYS} days after they ended"),
        ("Guests at work with a setup link", "guest_session", "2 hours unused, at most 12 hours"),
        ("Mails: to whom, about what, how it went", "mail", f"{MAIL_DAYS} days; their text until they are sent"),
        ("Test sign-ins of connections, with their encrypted reports", "trial", f"{TEST_DAYS} days"),
        ("Work in the background, row by row", "job, job_row", f"{JOB_DAYS} days after it is done"),
        ("Webhooks, with their encrypted secrets", "webhook", "until deleted"),
        ("Events for webhooks: what was sent, how it went", "webhook_delivery", f"{WEBHOOK_DAYS} days"),
        ("How often a limited thing was done, without names", "counter", "2 days"),
        ("Events of organizations, cut to what may be shown", "event", f"{EVENT_DAYS} days"),
        ("Who belonged to which organization when", "membership", f"{EVENT_DAYS} days beyond its end"),
        ("Names of people in these events", "event_person", f"{EVENT_DAYS} days"),
        ("Keys of programs, as hashes, with their owners", "api_key", f"{AUDIT_DAYS} days after they ended"),
        ("Answers to requests with an idempotency key", "answered", "1 day"),
        ("Ids by which programs know domains and connections", "public_id", "as long as the organization"),
        ("What programs say of organizations", "organization_record", "as long as the organization"),
        ("Preferences: theme, language", "preference", "as long as the account"),
        ("Logos and favicons", "image", "until replaced"),
        ("Everything else about a person", "Keycloak", "as Keycloak is told"),
    ]


def as_text(settings: Settings) -> str:
    """The table as aligned text."""
    table = rows(settings)
    first, second = (max(len(row[column]) for row in table) for column in (0, 1))
    return "\n".join(f"{what:{first}}  {where:{second}}  {long}" for what, where, long in table)


def duration(seconds: int) -> str:
    """`30 minutes`, `12 hours`, `90 days`."""
    for size, name in ((DAY, "day"), (HOUR, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {name}" + ("s" if count != 1 else "")
    return "0 seconds"
