// Generate TypeScript for operations.graphql: node codegen.mjs <schema.graphql> <folder to write into>
import { generate } from "@graphql-codegen/cli";
import { fileURLToPath } from "node:url";

const [schema, folder] = process.argv.slice(2);
await generate({
  schema,
  documents: fileURLToPath(new URL("operations.graphql", import.meta.url)),
  silent: true,
  generates: {
    [`${folder}/made.ts`]: {
      plugins: ["typescript", "typescript-operations", "typed-document-node"],
      config: {
        strictScalars: true,
        useTypeImports: true,
        onlyOperationTypes: true,
        scalars: { Date: "string", DateTime: "string", Decimal: "string", Long: "string", JSON: "unknown", _Any: "unknown" },
      },
    },
  },
}, true);
