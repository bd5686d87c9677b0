// Follows all changes with the npm client graphql-sse, is cut off again and again, and tells which names it heard.
import { createClient } from "graphql-sse";

const { HUB_URL, HUB_KEY } = process.env;
const query = `subscription ($after: String) {
  changes(after: $after, progress: true) { kind cursor change { after } }
}`;

let breaker = new AbortController();
let cuts = 0;
const heard = [];
const variables = { after: null };
const client = createClient({
  url: `${HUB_URL}/graphql/stream`,
  headers: { authorization: `Bearer ${HUB_KEY}` },
  retryAttempts: 100,
  retry: () => new Promise((done) => setTimeout(done, 50)),
  fetchFn: (url, options) => {
    breaker = new AbortController();
    const body = options.body && JSON.stringify({ ...JSON.parse(options.body), variables }); // from the last cursor on
    return fetch(url, { ...options, body, signal: AbortSignal.any([options.signal, breaker.signal]) });
  },
});

await new Promise((done, failed) => {
  const stop = client.subscribe({ query, variables }, {
    next({ data, errors }) {
      if (errors) return failed(new Error(JSON.stringify(errors)));
      const { kind, cursor, change } = data.changes;
      variables.after = cursor;
      if (kind === "PROGRESS") return;
      heard.push(change.after.name);
      if (change.after.name === "last") {
        stop();
        return done();
      }
      if (heard.length % 10 === 5) {
        cuts += 1;
        breaker.abort();
      }
    },
    error: (error) => failed(error instanceof Error ? error : new Error(JSON.stringify(error))),
    complete: () => {},
  });
});
client.dispose();
console.log(JSON.stringify({ heard, cuts }));
process.exit(0);
