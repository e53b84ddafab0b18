"""A page of the company (tests/shared/company.py): its compiled models, a gateway, a worker and an embedded server.

Run `python -m tests.browser.company_site FOLDER`; it prints its port. `?as=ann` says who looks; without it, the cookie
`user`. `?how=` is the way to connect: connect, connectShared, connectOffline, or offlineShared: the one over the
other. `?schema=` is the hash that the page claims; `?models=new` gives the company a property that the others do
not know. `/sockets` is the gateway's count of open sockets; `/cut` ends them.
"""

import asyncio
import json
import re
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from capsule.compiler.build import build
from capsule.feeds import Capsule, Publish, Transaction
from capsule.server.asgi import GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.metrics import exposition
from capsule.server.standalone import server
from capsule.worker.worker import Worker
from tests.shared.company import FEEDS, NAME, Company

PAGE = """<!doctype html><title>company</title><ul id=people></ul><ul id=reviews></ul><p id=budget></p><p id=state></p>
<script type=module>
import * as capsule from "/models/main.js";
const asked = new URLSearchParams(location.search);
const user = asked.get("as") ?? document.cookie.match(/user=([a-z]+)/)[1];
const url = asked.has("as") ? `/ws?as=${user}` : "/ws";
class NewCompany extends capsule.Company {
  static props = { ...capsule.Company.props, motto: "string" };
}
const { connect, connectShared, connectOffline } = capsule;
const offlineShared = (options) => connectOffline({ ...options, connect: connectShared });
const how = { connect, connectShared, connectOffline, offlineShared }[asked.get("how") ?? "connect"];
const session = await how({
  url, user, scope: "company.acme", schema: asked.get("schema") ?? "",
  root: asked.get("models") === "new" ? NewCompany : capsule.Company,
});
const { root } = session;
const versions = [];
const ends = [];
session.replica.on("frame", (frame) => versions.push(Number(frame.id.split("-")[0])));
session.on("closed", (code) => ends.push(code));
const show = (id, lines) => {
  document.getElementById(id).replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
};
const draw = () => {
  show("people", [...root.people].map((person) => `${person.get("name")}: ${person.get("salary") ?? "?"}`));
  show("reviews", [...root.people].flatMap((person) => [...person.reviews].map((review) => review.get("text"))));
  document.getElementById("budget").textContent = root.get("budget") ?? "?";
};
root.on("publish", draw);
session.on("ready synced", draw);
session.on("ready", () => (document.getElementById("state").textContent = "ready"));
session.on("error", (error) => (document.getElementById("state").textContent = error.name));
Object.assign(window, { root, session, versions, ends });
</script>"""


async def serve(folder: Path) -> None:
    models = folder / "models"
    build(Path(__file__).parents[1] / "shared" / "company.py", models)
    cap = await Capsule.connect(data_dir=folder / "data")
    publish = [
        Publish(feed, flat[at], json.dumps(flat[at + 1]), kind="sorted_feed" if feed == "news" else "feed")
        for feed, flat in FEEDS
        for at in range(0, len(flat), 2)
    ]
    await cap.scope(NAME).commit([Transaction("seed.company.1", publish)])

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE)

    def who(handshake: Handshake) -> str | None:
        return handshake.query.get("as") or handshake.cookies.get("user")

    async def sockets(request: Request) -> Response:
        told = re.search(r"^capsule_sockets (\d+)$", exposition(gateway), re.MULTILINE)
        assert told is not None
        return Response(told[1])

    async def cut(request: Request) -> Response:
        for connection in list(gateway.connections):
            connection.outlet.abort()
        return Response(status_code=204)

    gateway = Gateway(cap, authenticate=who, roots=[Company])
    app = Starlette(
        routes=[
            Route("/", page),
            Route("/sockets", sockets),
            Route("/cut", cut),
            Mount("/models", StaticFiles(directory=models)),
            WebSocketRoute("/ws", GatewayApp(gateway)),
        ],
        lifespan=gateway.lifespan,
    )
    standing = server(app, port=0)
    worker = Worker(cap, [Company])
    working = asyncio.create_task(worker.run())
    serving = asyncio.create_task(standing.serve())
    while not standing.started:
        await asyncio.sleep(0.01)
    print(standing.port, flush=True)
    await serving
    worker.stop()
    await working
    await cap.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
