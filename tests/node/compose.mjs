// Compose the hub's subgraph (standard input) with one of somebody else's that knows clients by CRM id and projects by ours.
// Prints what a gateway makes of it, or exits with 1 and the errors.
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const surveys = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@external"])

  type Query { surveys: [Survey!]! }
  type Survey { id: ID!, score: Int!, client: Client!, project: Project, paid: Money }
  type Client @key(fields: "recordKey { system externalId }") { recordKey: RecordKey, satisfaction: Int }
  type RecordKey @shareable { system: String!, externalId: String! }
  type Project @key(fields: "id") { id: ID!, surveys: [Survey!]! }
  type Money @shareable { amount: Decimal!, currency: String }
  scalar Decimal
`;

const composed = composeServices([
  { name: "hub", typeDefs: parse(readFileSync(0, "utf8")), url: "http://hub/graphql" },
  { name: "surveys", typeDefs: parse(surveys), url: "http://surveys/graphql" },
]);
if (composed.errors) {
  for (const error of composed.errors) console.error(error.message);
  process.exit(1);
}
const api = composed.schema.toAPISchema();
console.log(JSON.stringify({
  survey: api.type("Survey").fields().map((field) => `${field.name}: ${field.type}`),
  satisfaction: String(api.type("Client").field("satisfaction").type),
  legalName: String(api.type("Client").field("legalName").type),
  hints: composed.hints?.map((hint) => hint.message) ?? [],
}));
