// socket.io on Node, as its documentation would write it, for benchmarks/gateway.py.
//
//   node gateway_rival.mjs STORE_SOCKET PORT
//
// Events come from PUBLISH bench:<room>, over a plain socket, and are handed over in the process that holds the
// sockets: no adapter between processes, which is in its favour.
import { createServer } from "node:http";
import { connect } from "node:net";
import { Server } from "socket.io";

const [store, port] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });

io.on("connection", (socket) => {
  socket.on("join", (room) => {
    socket.join(room);
    socket.emit("joined");
  });
});

// pmessage replies only: *4, then four bulk strings.
const subscription = connect(store);
let text = "";
subscription.setEncoding("latin1");
subscription.write("PSUBSCRIBE bench:*\r\n");
subscription.on("data", (data) => {
  text += data;
  for (let at = 0; ; ) {
    const parts = [];
    let end = text.indexOf("\r\n", at) + 2;
    while (end > 1 && parts.length < 4 && text[end] === "$") {
      const line = text.indexOf("\r\n", end);
      const size = Number(text.slice(end + 1, line));
      if (line < 0 || text.length < line + 4 + size) break;
      parts.push(text.slice(line + 2, line + 2 + size));
      end = line + 4 + size;
    }
    if (parts.length === 4) io.to(parts[2].slice(6)).emit("event", parts[3]);
    else if (text[at] === "*" && text[at + 1] === "3" && text.indexOf(":1\r\n", at) > 0) {
      end = text.indexOf(":1\r\n", at) + 4; // the answer to PSUBSCRIBE
    } else {
      text = text.slice(at);
      break;
    }
    at = end;
  }
});

http.listen(Number(port), "127.0.0.1", 4096, () => console.log("ready", port));
