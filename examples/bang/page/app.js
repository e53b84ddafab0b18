// The page: one connection, one team, and the panels that show it.

import { connectOffline, Team } from "/models/main.js";
import { drawChat } from "./chat.js";
import { startClock } from "./clock.js";
import { showConnection } from "./connection.js";
import { Desk } from "./desk.js";
import { avatar, $ } from "./element.js";
import { listenToKeys } from "./keys.js";
import { drawMembers } from "./members.js";
import { Omnibox } from "./omnibox.js";
import { showPending } from "./pending.js";
import { drawShipped } from "./shipped.js";
import { drawTabs } from "./tabs.js";
import { TaskList } from "./tasks.js";

const { user } = document.documentElement.dataset;
const connection = await connectOffline({ url: "/ws", root: Team, scope: "team.andyet", user });
showConnection(connection);
connection.on("ready", () => start(connection.root, connection.replica.user));

function start(team, me) {
  const desk = new Desk(team, me);
  const tasks = new TaskList(desk);
  const omnibox = new Omnibox(desk);
  drawMembers(desk);
  drawShipped(desk);
  drawChat(desk);
  drawTabs(desk);
  showPending(connection);
  startClock();
  listenToKeys({ desk, tasks, omnibox });
  const name = () => {
    $("team-name").textContent = team.get("name");
    $("me").replaceChildren(avatar(desk.mine, "small"), desk.mine.get("name"));
  };
  team.on("change:name", name);
  desk.mine.on("change:name", name);
  name();
  $("desk").setAttribute("aria-busy", "false");
  requestAnimationFrame(() => (desk.drawn = true));
}
