// A reader: `node reader.mjs SCOPE [SINCE]` prints what happens in a scope, one line of JSON each, until it is stopped.
//
//   {"snapshot":"12-81","feeds":[[feed,[[id,item],...]],...]}   begin anew with this
//   {"event":"13-2041","tx":[[operation id,[event,...]],...]}   the next event; none is missing before it
//   {"current":"13-2041"}                                       that was all, for now

import { Follower } from "./follower.mjs";
import { Scope } from "./scope.mjs";
import { Server } from "./server.mjs";
import { State } from "./state.mjs";

const [scope, since] = process.argv.slice(2);
if (!scope) {
  console.error("usage: node reader.mjs SCOPE [SINCE]");
  process.exit(2);
}
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const server = await Server.connect(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
const follower = new Follower(
  new Scope(server, scope),
  {
    onSnapshot: (snapshot) => say({ snapshot: snapshot.id, feeds: new State(snapshot).feeds() }),
    onEvent: ({ id, tx }) => say({ event: id, tx }),
    onCurrent: (id) => say({ current: id }),
  },
  since,
);
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    follower.close();
    server.close();
  });
}
