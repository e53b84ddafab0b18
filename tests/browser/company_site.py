"""A page of the company (tests/shared/company.py): its compiled models, a gateway, a worker and an embedded server.

Run `python -m tests.browser.company_site FOLDER`; it prints its port. `?as=ann` says who looks.
"""

import asyncio
import json
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from capsule.compiler.build import build
from capsule.feeds import Capsule, Publish, Transaction
from capsule.server.asgi import GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.standalone import server
from capsule.worker.worker import Worker
from tests.shared.company import FEEDS, NAME, Company

PAGE = """<!doctype html><title>company</title><ul id=people></ul><ul id=reviews></ul><p id=budget></p><p id=state></p>
<script type=module>
import { connect, Company } from "/models/main.js";
const user = new URLSearchParams(location.search).get("as");
const session = connect({ url: `/ws?as=${user}`, root: Company, scope: "company.acme" });
const { root } = session;
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
Object.assign(window, { root, session });
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

    gateway = Gateway(cap, authenticate=lambda handshake: handshake.query.get("as"), roots=[Company])
    app = Starlette(
        routes=[
            Route("/", page),
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
