// Follows all changes with the npm client graphql-ws, is cut off again and again, and tells which names it heard.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const { HUB_URL, HUB_KEY } = process.env;
const query = `subscription ($after: String) {
  changes(after: $after, progress: true) { kind cursor change { after } }
}`;

let socket;
let cuts = 0;
const heard = [];
const payload = { query, variables: { after: null } };
const client = createClient({
  url: `${HUB_URL.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${HUB_KEY}` },
  retryAttempts: 100,
  shouldRetry: () => true,
  retryWait: () => new Promise((done) => setTimeout(done, 50)),
  on: { opened: (opened) => (socket = opened) },
});

await new Promise((done, failed) => {
  const stop = client.subscribe(payload, {
    next({ data, errors }) {
      if (errors) return failed(new Error(JSON.stringify(errors)));
      const { kind, cursor, change } = data.changes;
      payload.variables.after = cursor; // the client sends the payload again when it reconnects
      if (kind === "PROGRESS") return;
      heard.push(change.after.name);
      if (change.after.name === "last") {
        stop();
        return done();
      }
      if (heard.length % 10 === 5) {
        cuts += 1;
        socket.terminate();
      }
    },
    error: (error) => failed(error instanceof Error ? error : new Error(JSON.stringify(error))),
    complete: () => {},
  });
});
await client.dispose();
console.log(JSON.stringify({ heard, cuts }));
process.exit(0);
