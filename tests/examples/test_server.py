"""The web server of &bang, over HTTP, as a browser meets it."""

import asyncio
import http.client
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.responses import FileResponse

from capsule.cli.demo import HOST
from capsule.server.client import Client, RefusedError, newClientId
from capsule.shared.replica import Replica
from examples.bang.models import Team
from examples.bang.seed import PEOPLE, SCOPE
from examples.bang.server import entry
from tests.examples.stack import Stack

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


def ask(
    stack: Stack, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> Answer:
    connection = http.client.HTTPConnection(HOST, stack.port, timeout=120)
    try:
        connection.request(method, path, body or None, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


def log_in(stack: Stack, user: str) -> Answer:
    return ask(stack, "POST", "/login", urlencode({"user": user}), FORM)


def cookie_of(answer: Answer) -> str:
    return str(answer.headers["set-cookie"]).partition(";")[0]


def test_the_models_are_served_in_one_file_if_the_last_build_bundled_them(tmp_path: Path) -> None:
    main, bundle = tmp_path / "main.js", tmp_path / "bundle.js"
    main.write_text("export const one = 1;")
    assert isinstance(entry(main), FileResponse)
    bundle.write_text("export const one = 1;")
    os.utime(main, ns=(1, 1))
    assert entry(main).body == b'export * from "./bundle.js";\n'
    os.utime(bundle, ns=(0, 0))
    assert isinstance(entry(main), FileResponse), "a bundle of an earlier build"


def test_the_page_asks_a_stranger_to_log_in(stack: Stack) -> None:
    answer = ask(stack, "GET", "/")
    assert (answer.status, answer.headers["location"]) == (303, "/login")


def test_the_login_page_lists_the_team(stack: Stack) -> None:
    answer = ask(stack, "GET", "/login")
    assert answer.status == 200
    assert answer.body.count('<button name="user"') == len(PEOPLE)
    assert "Chidi Okafor" in answer.body
    assert "&amp;yet" in answer.body


def test_choosing_a_member_sets_a_cookie_that_scripts_cannot_read(stack: Stack) -> None:
    answer = log_in(stack, "ann")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    page = ask(stack, "GET", "/", headers={"Cookie": cookie_of(answer)})
    assert page.status == 200
    assert '<script type="module" src="/page/app.js">' in page.body


@pytest.mark.parametrize("user", ["nobody", "", "ann\u0000", "../ann", "__proto__"])
def test_only_members_are_let_in(stack: Stack, user: str) -> None:
    answer = log_in(stack, user)
    assert (answer.status, answer.headers["location"]) == (303, "/login")
    assert answer.headers["set-cookie"] is None


def test_a_huge_form_is_nobody(stack: Stack) -> None:
    answer = ask(stack, "POST", "/login", "x=" + "y" * 100_000 + "&user=ann", FORM)
    assert (answer.status, answer.headers["location"]) == (303, "/login")


def test_a_cookie_that_was_tampered_with_is_nobody(stack: Stack) -> None:
    name, _, value = cookie_of(log_in(stack, "ann")).partition("=")
    # Not the last letter: two of its bits are padding, and mean nothing.
    changed = value[:-5] + ("A" if value[-5] != "A" else "B") + value[-4:]
    for forged in (changed, "ann", value.rpartition(".")[0], ""):
        answer = ask(stack, "GET", "/", headers={"Cookie": f"{name}={forged}"})
        assert answer.status == 303, forged


def test_signing_out_takes_the_cookie_away_and_needs_a_post(stack: Stack) -> None:
    answer = ask(stack, "POST", "/logout")
    assert (answer.status, answer.headers["location"]) == (303, "/login")
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert ask(stack, "GET", "/logout").status == 405


@pytest.mark.parametrize(
    "path", ["/", "/login", "/page/app.js", "/models/main.js", "/models/capsule.js", "/nothing"]
)
def test_every_answer_carries_the_policy(stack: Stack, path: str) -> None:
    headers = ask(stack, "GET", path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_compiled_models_are_served_as_modules(stack: Stack) -> None:
    for path in ("/models/main.js", "/models/capsule.js"):
        answer = ask(stack, "GET", path)
        assert answer.status == 200
        assert "javascript" in answer.headers["content-type"]


def connect(stack: Stack, cookie: str, scope: str = SCOPE) -> str:
    """The name of the team that a client with this cookie is shown."""

    async def read() -> str:
        replica = Replica(Team, scope, {"client": newClientId()})
        async with asyncio.timeout(120), Client(f"ws://{HOST}:{stack.port}/ws", replica, cookie=cookie):
            name: str = replica.root.get("name")
            return name

    return asyncio.run(read())


def test_the_socket_shows_the_team_to_a_member(stack: Stack) -> None:
    assert connect(stack, cookie_of(log_in(stack, "ann"))) == "&yet"


def test_the_socket_is_closed_for_a_stranger(stack: Stack) -> None:
    with pytest.raises(RefusedError, match="4401"):
        connect(stack, "bang_user=ann")


def test_the_socket_shows_no_other_scope(stack: Stack) -> None:
    with pytest.raises(RefusedError, match="may not see it"):
        connect(stack, cookie_of(log_in(stack, "ann")), scope="team.other")
