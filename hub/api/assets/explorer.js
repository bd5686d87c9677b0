// GraphiQL against this server. The key stays in this tab (sessionStorage) and goes into the Authorization header.
"use strict";

globalThis.__webpack_nonce__ = document.querySelector('meta[name="style-nonce"]').content;

const EXAMPLES = [
  ["A client, and where its values come from", `# Ctrl-Enter runs it, Ctrl-Space completes.
# The book on the left explains every field.
query Clients {
  clients(first: 5, orderBy: [{ field: NAME }]) {
    totalCount
    nodes {
      id
      name
      provenance {
        name {
          value
          system
          rule
          provisional
          alternates { system value }
        }
      }
      sources { system externalId state }
      contacts(first: 3) {
        nodes { givenName familyName email }
      }
    }
  }
}
`],
  ["One record by a system's own id", `query BySystem($id: String!) {
  client(source: { system: "crm", externalId: $id }) {
    id
    name
    history(first: 10) {
      nodes {
        version
        op
        at
        cause
        fields { field before after }
      }
    }
  }
}
`, { id: "4711" }],
  ["Filter over related records", `query Projects($country: String!) {
  projects(
    filter: {
      client: { country: { eq: $country } }
      timeEntries: { some: {} }
    }
    orderBy: [{ field: NAME }]
    first: 20
  ) {
    totalCount
    nodes { code name client { name country } }
    pageInfo { hasNextPage endCursor }
  }
}
`, { country: "DE" }],
  ["What waits for a person", `query Tasks {
  stewardTasks(state: "open", first: 20) {
    totalCount
    nodes {
      id
      cause
      subject
      count
      team
      dueAt
      reason
      remedy
    }
  }
}
`],
  ["Messages that were refused", `query Refused {
  inbox(outcome: "quarantined", first: 20) {
    nodes {
      id
      system
      externalId
      receivedAt
      problems { cause field reason remedy }
    }
  }
}
`],
  ["The feed: every change in its position", `query Feed($after: String) {
  changes(after: $after, first: 20) {
    cursor
    hasMore
    changes {
      position
      entity
      recordId
      version
      op
      after
      at
    }
  }
}
`],
  ["Follow changes live", `subscription Live {
  changes(progress: true) {
    cursor
    change {
      position
      entity
      op
      recordId
      after
    }
  }
}
`],
  ["Fix a value (a dry run: nothing is stored)", `mutation Override($id: ID!) {
  override(
    entity: "client"
    id: $id
    field: "name"
    value: "ACME"
    reason: "As agreed by telephone"
    dryRun: true
  ) {
    decisionId
    record { id version }
    errors { code message field remedy }
  }
}
`, { id: "" }],
];

const $ = (id) => document.getElementById(id);
const state = { key: sessionStorage.getItem("hub-key") || "", example: null };

function headersOf(key, given) {
  return { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}), ...given };
}

function fetcherOf(key) {
  return (asked, options) => {
    const operations = options?.documentAST?.definitions.filter((one) => one.kind === "OperationDefinition") ?? [];
    const running = operations.find((one) => operations.length === 1 || one.name?.value === asked.operationName);
    const headers = headersOf(key, options?.headers);
    return running?.operation === "subscription" ? events(asked, headers) : answer(asked, headers);
  };
}

async function answer(asked, headers) {
  const response = await fetch("graphql", {
    method: "POST", credentials: "omit", body: JSON.stringify(asked),
    headers: { accept: "application/graphql-response+json, application/json", ...headers },
  });
  const told = await response.json();
  if (asked.operationName === "IntrospectionQuery" && !told.data) show(told.errors?.[0]?.message, true);
  return told;
}

// Server-sent events: one answer per event `next`, until `complete`.
async function* events(asked, headers) {
  const stop = new AbortController();
  try {
    const response = await fetch("graphql/stream", {
      method: "POST", credentials: "omit", body: JSON.stringify(asked), signal: stop.signal,
      headers: { ...headers, accept: "text/event-stream" },
    });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) { yield await response.json(); return; }
    let rest = "";
    for await (const text of texts(response.body.getReader())) {
      const parts = (rest + text).split(/\r?\n\r?\n/);
      rest = parts.pop();
      for (const lines of parts.map((part) => part.split(/\r?\n/))) {
        if (lines.includes("event: complete")) return;
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart()).join("\n");
        if (lines.includes("event: next") && data) yield JSON.parse(data);
      }
    }
  } finally { stop.abort(); }
}

async function* texts(reader) {
  const decoder = new TextDecoder();
  for (let got = await reader.read(); !got.done; got = await reader.read()) yield decoder.decode(got.value, { stream: true });
}

function show(text, isBad) { $("who").textContent = text || ""; $("who").className = isBad ? "bad" : ""; }

async function whoami() {
  if (!state.key) { show("Without a key nobody is answered: `hub key` makes one, `make demo` prints some.", false); return; }
  const told = await answer({ query: "{ me { tenant role name system } }" }, headersOf(state.key)).catch(() => null);
  const me = told?.data?.me;
  show(me ? `${me.name}: ${me.role} of ${me.tenant}` : told?.errors?.[0]?.message ?? "No answer", !me);
}

const root = ReactDOM.createRoot($("graphiql"));
const explorer = GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false });
let fetcher = fetcherOf(state.key);

function render() {
  const [, query, variables] = EXAMPLES[state.example ?? 0];
  const chosen = state.example === null ? {} : { query, variables: variables ? JSON.stringify(variables, null, 2) : "" };
  root.render(React.createElement(GraphiQL, {
    fetcher, plugins: [explorer], defaultQuery: query, defaultEditorToolsVisibility: "variables", shouldPersistHeaders: false,
    inputValueDeprecation: true, schema: state.key ? undefined : null, ...chosen,
  }));
}

EXAMPLES.forEach(([title], at) => $("examples").append(new Option(title, at)));
$("examples").selectedIndex = -1;
$("examples").onchange = () => { state.example = Number($("examples").value); render(); };
$("key").value = state.key;
$("key").onchange = () => {
  state.key = $("key").value.trim();
  sessionStorage.setItem("hub-key", state.key);
  fetcher = fetcherOf(state.key);
  render();
  whoami();
};
render();
whoami();
