"""What goes wrong in a model is shown where it was written: Chromium's own stack, decoded by the map it was served."""

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any

import pytest
from playwright.sync_api import Browser

from capsule.compiler.build import build
from capsule.compiler.bundle import bundle
from tests.compiler.source_map import original

pytestmark = pytest.mark.browser

PARCELS = """\
def weigh(parcel):
    if parcel is None:
        raise ValueError("there is nothing to weigh")
    return parcel
"""
MODELS = """\
from capsule import Model
from parcels import weigh


class Task(Model):
    type = "task"
    props = {"title": "string", "parcel": "string"}

    def ship(self):
        return weigh(self.get("parcel"))

    def post(self):
        return self.nothing.at(0)

    def lost(self):
        parcels = {}
        return parcels["lost"]
"""
PAGE = """<!doctype html><title>trace</title><script type="module">
import { Task } from './dist/%s';
globalThis.task = new Task({ title: 'a' });
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a folder with a build, its minified bundle, and a page for each."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "parcels.py").write_text(PARCELS)
    (folder / "models.py").write_text(MODELS)
    build(folder / "models.py", folder / "dist")
    bundle(folder / "dist")
    for name in ("main", "bundle"):
        (folder / f"{name}.html").write_text(PAGE % f"{name}.js")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Devtools:
    """What the debugger of a page is told: which script has which map, and what was thrown and not caught."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page = browser.new_page()
        self.session = self.page.context.new_cdp_session(self.page)
        self.maps: dict[str, str] = {}
        self.thrown: list[dict[str, Any]] = []
        self.session.on(
            "Debugger.scriptParsed", lambda told: self.maps.update({told["url"]: told["sourceMapURL"]})
        )
        self.session.on("Runtime.exceptionThrown", lambda told: self.thrown.append(told["exceptionDetails"]))
        self.session.send("Debugger.enable")
        self.session.send("Runtime.enable")
        self.page.goto(address)
        self.page.wait_for_function("globalThis.task !== undefined")

    def raw_stack(self, call: str) -> list[tuple[str, int, int]]:
        """The frames of what a call throws that nobody catches: URL, line and column, all of it the JavaScript's."""
        with self.page.expect_event("pageerror"):
            self.page.evaluate(f"() => void setTimeout(() => {call})")
        # Answered behind what the session was told before.
        self.session.send("Runtime.evaluate", {"expression": "0"})
        text = self.thrown[-1]["exception"]["description"]
        found = re.findall(r"(http[^\s()]+?):(\d+):(\d+)", text)
        return [(url, int(line), int(column)) for url, line, column in found]

    def served(self, url: str) -> dict[str, Any]:
        """The map of a script, from where the script says that it lies."""
        read = "async ([map, url]) => (await fetch(new URL(map, url))).json()"
        found: dict[str, Any] = self.page.evaluate(read, [self.maps[url], url])
        return found

    def decoded(self, frames: list[tuple[str, int, int]]) -> list[tuple[str, int]]:
        """The Python files and lines of the frames."""
        mapped = [frame for frame in frames if self.maps.get(frame[0])]
        places = [original(self.served(url), line, column) for url, line, column in mapped]
        return [
            (PurePosixPath(file).name, line) for file, line in filter(None, places) if file.endswith(".py")
        ]


@pytest.fixture(params=["main", "bundle"])
def devtools(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Devtools]:
    devtools = Devtools(browser, f"{site}/{request.param}.html")
    yield devtools
    devtools.page.close()


def line(text: str, part: str) -> int:
    return next(at for at, one in enumerate(text.splitlines(), 1) if part in one)


def test_what_a_model_raises_leads_to_the_lines_of_every_module_on_the_way(devtools: Devtools) -> None:
    frames = devtools.raw_stack("task.ship()")
    assert not any(".py" in url for url, _, _ in frames)
    places = devtools.decoded(frames)
    raised = places.index(("parcels.py", line(PARCELS, "raise ValueError")))
    assert places[raised + 1] == ("models.py", line(MODELS, "return weigh"))


@pytest.mark.parametrize(
    ("call", "part"), [("task.post()", "self.nothing"), ("task.lost()", 'parcels["lost"]')]
)
def test_what_the_runtime_raises_leads_to_the_line_that_asked_for_it(
    devtools: Devtools, call: str, part: str
) -> None:
    assert ("models.py", line(MODELS, part)) in devtools.decoded(devtools.raw_stack(call))


def test_the_map_that_is_served_holds_the_python_text(devtools: Devtools) -> None:
    """Devtools can show the line without the file."""
    [url] = [url for url in devtools.maps if url.endswith(("/models.js", "/bundle.js"))]
    found = devtools.served(url)
    [text] = [
        text
        for source, text in zip(found["sources"], found["sourcesContent"], strict=True)
        if source.endswith("/models.py")
    ]
    assert text == MODELS
