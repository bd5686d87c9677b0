// fastify and mercurius with its JIT: hand-written SQL in resolvers, loaders for children and parents.
// Every statement is prepared once and reads only the columns that are asked for.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const tenant = Number(process.env.BENCH_TENANT);
const asText = (value) => value;
for (const type of [1082, 1114, 1184, 1700]) pg.types.setTypeParser(type, asText); // dates, instants and numerics stay text
pg.types.setTypeParser(20, Number);
const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: 10 });

const names = new Map();
function prepared(text) {
  if (!names.has(text)) names.set(text, `s${names.size}`);
  return names.get(text);
}
async function rows(text, values) {
  return (await pool.query({ name: prepared(text), text, values })).rows;
}

const COLUMNS = {
  legalName: "legal_name", registrationNo: "registration_no", updatedAt: "updated_at", startDate: "start_date",
  endDate: "end_date", percentComplete: "percent_complete", contractNo: "contract_no",
};
const HIDDEN = { projects: "id", contract: "contract_id" };
const known = new WeakMap();
// The asked scalars as columns, with the keys that children need; worked out once a document.
function columns(info) {
  const node = info.fieldNodes[0];
  if (!known.has(node)) {
    const wanted = new Set(["id"]);
    for (const { name } of node.selectionSet.selections) wanted.add(HIDDEN[name.value] ?? name.value);
    known.set(node, [...wanted].map((name) => `t.${COLUMNS[name] ?? name} AS "${name}"`).join(", "));
  }
  return known.get(node);
}

const resolvers = {
  Query: {
    async client(_, { id }, __, info) {
      return (await rows(`SELECT ${columns(info)} FROM golden.client t WHERE tenant_id = $1 AND id = $2`, [tenant, id]))[0];
    },
    clients: (_, { managerIds, state, first }, __, info) =>
      rows(
        `SELECT ${columns(info)} FROM golden.client t WHERE tenant_id = $1 AND account_manager_id = ANY ($2::uuid[])
           ${state ? "AND state = $4" : ""} ORDER BY name, id LIMIT $3`,
        state ? [tenant, managerIds, first, state] : [tenant, managerIds, first],
      ),
    clientsWithProject: (_, { tier, state, first }, __, info) =>
      rows(
        `SELECT ${columns(info)} FROM golden.client t WHERE tenant_id = $1 AND tier = $4 AND EXISTS (
           SELECT FROM golden.project p WHERE p.tenant_id = $1 AND p.client_id = t.id AND p.state = $2) ORDER BY id LIMIT $3`,
        [tenant, state, first, tier],
      ),
    projects: (_, { currencyNot, first }, __, info) =>
      rows(
        `SELECT ${columns(info)} FROM golden.project t WHERE tenant_id = $1 AND currency IS DISTINCT FROM $2 ORDER BY id LIMIT $3`,
        [tenant, currencyNot, first],
      ),
    projectsByState: (_, { managerIds }) =>
      rows(
        "SELECT state, count(*) AS count FROM golden.project WHERE tenant_id = $1 AND manager_id = ANY ($2::uuid[]) GROUP BY state ORDER BY state",
        [tenant, managerIds],
      ),
  },
};

const loaders = {
  Client: {
    async projects(queries) {
      const first = queries[0].params.first;
      const ids = queries.map(({ obj }) => obj.id);
      const found = new Map(ids.map((id) => [id, []]));
      const text = `SELECT given.id AS parent, t.id, t.code, t.name, t.state, t.contract_id
        FROM unnest($2::uuid[]) AS given (id) CROSS JOIN LATERAL (
             SELECT * FROM golden.project WHERE tenant_id = $1 AND client_id = given.id ORDER BY code, id LIMIT $3) AS t`;
      for (const row of await rows(text, [tenant, ids, first])) found.get(row.parent).push(row);
      return ids.map((id) => found.get(id));
    },
  },
  Project: {
    async contract(queries) {
      const ids = queries.map(({ obj }) => obj.contract_id);
      const text = `SELECT id, contract_no AS "contractNo", name, currency FROM golden.contract WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`;
      const found = new Map((await rows(text, [tenant, [...new Set(ids)]])).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    },
  },
};

const app = Fastify({ logger: false });
const schema = readFileSync(process.env.BENCH_SCHEMA, "utf8");
await app.register(mercurius, { schema, resolvers, loaders, jit: 1, graphiql: false, allowBatchedQueries: false });
await app.listen({ port: Number(process.env.BENCH_PORT), host: "127.0.0.1" });
