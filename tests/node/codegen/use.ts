// A program on the generated types: what is null, what is text and what a filter takes must fit, or tsc refuses it.
import type { ResultOf, VariablesOf } from "@graphql-typed-document-node/core";
import { ClientsDocument } from "./made.js";

export const variables: VariablesOf<typeof ClientsDocument> = {
  first: 20,
  filter: { country: { in: ["DE", "FR"] }, contracts: { some: { totalValue: { currency: "EUR", gte: "100.00" } } } },
};

export function lines(result: ResultOf<typeof ClientsDocument>): string[] {
  return result.clients.nodes.flatMap((client) => {
    const manager: string = client.accountManager?.familyName ?? "nobody";
    return client.contracts.nodes.map((contract) => {
      const amount: string = contract.totalValue?.amount ?? "0";
      return `${client.name ?? client.id} (${manager}): ${contract.contractNo ?? "?"} ${amount}`;
    });
  });
}

// @ts-expect-error Amounts are text.
export const wrong: VariablesOf<typeof ClientsDocument> = { first: 1, filter: { country: { eq: 49 } } };
