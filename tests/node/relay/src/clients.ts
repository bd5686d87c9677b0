// What a portal written with Relay holds: a paged list, a fragment that pages through `node`, and a mutation.
import { graphql } from "relay-runtime";

export const list = graphql`
  query clientsQuery($first: Int!, $after: String) {
    clients(first: $first, after: $after, filter: { country: { in: ["DE", "FR"] } }, orderBy: [{ field: NAME }])
      @connection(key: "list_clients") {
      totalCount
      edges {
        node {
          id
          ...clients_contacts
        }
      }
    }
  }
`;

export const contacts = graphql`
  fragment clients_contacts on Client
  @refetchable(queryName: "clientsContactsQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 10 }, after: { type: "String" }) {
    name
    contacts(first: $first, after: $after) @connection(key: "clients_contacts") {
      edges {
        node {
          familyName
          provenance {
            familyName {
              system
            }
          }
        }
      }
    }
  }
`;

export const whatever = graphql`
  query clientsNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on GoldenRecord {
        version
      }
      ... on Project {
        client {
          ...clients_contacts
        }
      }
    }
  }
`;

export const rename = graphql`
  mutation clientsRenameMutation($id: ID!, $name: String!, $version: Int!) {
    upsertClient(id: $id, values: { name: $name }, expectedVersion: $version) {
      client {
        id
        name
        version
      }
      errors {
        code
        message
        field
      }
    }
  }
`;
