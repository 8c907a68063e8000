"""What stands around the portal in a demonstration, without Keycloak."""

from __future__ import annotations

import hashlib
import smtplib
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from dnslib import DNSRecord

from portal import cli
from portal.demo.artifacts import Artifact, fetch, pinned
from portal.demo.dns import NameServer
from portal.demo.errors import DemoError
from portal.demo.folder import Folder
from portal.demo.inbox import create_inbox
from portal.demo.mail import MailServer
from portal.demo.people import new_password
from portal.demo.ports import any_free, choose, is_free
from portal.demo.processes import Child, command_line, stop_stale
from portal.demo.sample import Sample, portal_link
from portal.demo.seed import Passwords


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


@pytest.fixture
def mails(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(any_free(), tmp_path / "mail")
    server.start()
    yield server
    server.stop()


def send(server: MailServer, to: str, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "noreply@demo.test", to, subject
    message.set_content("Confirm: https://id.example/confirm?key=1&x=2\n")
    message.add_alternative("<p><a href='https://id.example/confirm?key=1&amp;x=2'>Confirm</a></p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.send_message(message)


def test_a_port_that_was_asked_for_must_be_free(taken: int) -> None:
    with pytest.raises(DemoError, match=f"Port {taken} is taken .* KEYCLOAK_PORT"):
        choose({"KEYCLOAK_PORT": str(taken)}, lambda _: None)
    with pytest.raises(DemoError, match="PORTAL_PORT must be a port"):
        choose({"PORTAL_PORT": "many"}, lambda _: None)


def test_a_usual_port_that_is_taken_is_named_and_the_next_one_used() -> None:
    said: list[str] = []
    usual = choose({}, lambda _: None)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", usual.portal))
        listener.listen()
        ports = choose({}, said.append)
    assert ports.portal > usual.portal and is_free(ports.portal)
    assert any(f"the portal uses {ports.portal}" in line and "PORTAL_PORT" in line for line in said)
    assert len({*vars(ports).values()}) == len(vars(ports))


def test_mails_are_kept_shown_and_found(mails: MailServer, tmp_path: Path) -> None:
    send(mails, "olivia@umbrella.test", "Verify your address")
    mail = mails.wait_for("olivia@umbrella.test", "verify")
    assert mail.links == ["https://id.example/confirm?key=1&x=2"]
    again = MailServer(any_free(), tmp_path / "mail")
    assert again.messages("olivia@umbrella.test")[0].subject == "Verify your address"
    with pytest.raises(DemoError, match="No mail to vera"):
        mails.wait_for("vera@umbrella.test", seconds=0.1)


def test_the_inbox_shows_mails_and_json(mails: MailServer) -> None:
    send(mails, "una@umbrella.test", "<b>Hello</b>")
    mail = mails.wait_for("una@umbrella.test")
    client = create_inbox(mails, NameServer(any_free()).records).test_client()
    assert "&lt;b&gt;Hello" in client.get("/").text
    assert client.get("/messages?to=una@umbrella.test").get_json()[0]["id"] == mail.id
    assert client.get("/messages?to=nobody@umbrella.test").get_json() == []
    page = client.get(f"/mail/{mail.id}/html")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert client.get("/messages", headers={"Host": "evil.example"}).status_code == 403
    assert client.post("/clear", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.delete("/messages").status_code == 204 and mails.messages() == []


def test_the_name_server_answers_what_it_was_told(mails: MailServer) -> None:
    port = any_free()
    names = NameServer(port)
    names.start()
    try:
        client = create_inbox(mails, names.records).test_client()
        long_text = "x" * 300
        assert client.put("/dns/TXT/_proof.initech.test", json=[long_text]).status_code == 204
        answer = DNSRecord.parse(DNSRecord.question("_proof.initech.test", "TXT").send("127.0.0.1", port))
        assert b"".join(answer.rr[0].rdata.data).decode() == long_text
        assert not DNSRecord.parse(DNSRecord.question("unknown.test", "TXT").send("127.0.0.1", port)).rr
    finally:
        names.stop()


def test_passwords_are_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    first = Passwords(path)["olivia"]
    assert Passwords(path)["olivia"] == first != Passwords(path)["vera"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(new_password()) >= 12


def test_a_first_start_that_broke_off_leaves_nothing_and_a_whole_one_is_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with folder.in_use():
        (folder.keycloak / "data").mkdir(parents=True)
        (folder.root / "notes.txt").touch()
        folder.prepare()
        assert not folder.keycloak.exists()
        folder.keycloak.mkdir()
        folder.complete()
        folder.prepare()
        assert folder.keycloak.exists()
        folder.reset()
    assert [path.name for path in folder.root.iterdir()] == ["notes.txt"]


def test_a_folder_serves_one_demonstration_at_a_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with folder.in_use(), pytest.raises(DemoError, match=r"runs in .* already"), folder.in_use():
        pass
    assert not folder.root.exists()
    with pytest.raises(DemoError, match="cannot be used"), Folder(Path("/proc/none")).in_use():
        pass


def test_what_a_killed_start_left_is_stopped_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    left = subprocess.Popen(command, start_new_session=True)
    other = subprocess.Popen(command, start_new_session=True)
    pid_file = tmp_path / "child.pid"
    pid_file.write_text(str(left.pid))
    child = Child(command, tmp_path / "child.log", pid_file)
    try:
        child.start()
        assert left.wait(5) != 0
        assert other.poll() is None and child.running
    finally:
        child.stop()
        other.kill()
        other.wait()
    assert not pid_file.exists() and not command_line(left.pid)


def test_a_stale_process_id_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as other:
        pid_file = tmp_path / "child.pid"
        pid_file.write_text(str(other.pid))
        stop_stale(pid_file, str(tmp_path / "keycloak"))
        assert other.poll() is None and not pid_file.exists()
        other.kill()


def test_a_broken_download_is_removed_and_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "thing.jar"
    tries: list[bytes] = [b"half", b"whole"]

    def arrive(artifact: Artifact, folder: Path) -> Path:
        path.write_bytes(tries.pop(0))
        return path

    monkeypatch.setattr("portal.demo.artifacts._resolve", arrive)
    whole = hashlib.sha256(b"whole").hexdigest()
    assert fetch(Artifact("g", "thing", "1", "jar", whole), tmp_path).read_bytes() == b"whole"
    tries[:] = [b"half", b"half"]
    with pytest.raises(DemoError, match="arrived broken 2 times and was removed"):
        fetch(Artifact("g", "thing", "1", "jar", whole), tmp_path)
    assert not path.exists()


def test_without_network_the_artifact_and_the_mend_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(DemoError, match=r"dnsjava-3\.6\.4\.jar could not be fetched .* check the network"):
        fetch(pinned().providers[2], tmp_path)
    assert not list(tmp_path.rglob("*.jar"))


def test_a_portal_link_says_where_to_return() -> None:
    sample = Sample("http://localhost:8001", "http://localhost:8000", "http://localhost:8080", "demo", {})
    assert portal_link(sample) == "http://localhost:8000/demo/?return_to=http%3A%2F%2Flocalhost%3A8001%2F"


def test_the_console_script_names_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("demo", "serve", "connect", "doctor"))
    assert cli.main(["fly"]) == 2
    assert "no command 'fly'" in capsys.readouterr().err
