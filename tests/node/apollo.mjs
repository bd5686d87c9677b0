// Apollo Client against the running server (HUB_URL, HUB_KEY): pages with relayStylePagination, then what the cache holds.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client/core";
import { relayStylePagination } from "@apollo/client/utilities";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { createHash } from "node:crypto";

const asked = [];
const http = new HttpLink({
  uri: `${process.env.HUB_URL}/graphql`,
  headers: { authorization: `Bearer ${process.env.HUB_KEY}`, "apollo-require-preflight": "1" },
  fetch: async (address, options) => {
    const answer = await fetch(address, options);
    asked.push(`${options.method} ${answer.status}`);
    return answer;
  },
});
const persisted = new PersistedQueryLink({
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  useGETForHashedQueries: true,
});
const client = new ApolloClient({
  cache: new InMemoryCache({
    typePolicies: { Query: { fields: { clients: relayStylePagination(["filter", "orderBy"]) } } },
    possibleTypes: { Node: ["Client", "Contact"] },
  }),
  link: ApolloLink.from([persisted, http]),
});
const query = gql`
  query Clients($first: Int!, $after: String) {
    clients(first: $first, after: $after, orderBy: [{ field: NAME }]) {
      edges { cursor node { id name contacts(orderBy: [{ field: FAMILY_NAME }]) { nodes { id familyName } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const watched = client.watchQuery({ query, variables: { first: 2 } });
const shown = () => watched.getCurrentResult().data.clients;
await new Promise((resolve, reject) => {
  watched.subscribe((result) => {
    if (result.error) reject(result.error);
    if (result.dataState === "complete") resolve();
  });
});
let page = shown().pageInfo;
while (page.hasNextPage) page = (await watched.fetchMore({ variables: { after: page.endCursor } })).data.clients.pageInfo;
const { edges } = client.readQuery({ query, variables: { first: 2 } }).clients;
const again = await client.query({ query, variables: { first: 2 }, fetchPolicy: "network-only" });
console.log(JSON.stringify({
  names: edges.map((edge) => edge.node.name),
  contacts: edges[0].node.contacts.nodes.map((contact) => contact.familyName),
  again: again.data.clients.edges.length,
  asked,
}));
client.stop();
