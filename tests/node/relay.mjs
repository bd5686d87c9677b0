// Run relay-compiler on relay/src with a schema: node relay.mjs <schema.graphql> <folder to work in>. Prints the artifacts' names.
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import compiler from "relay-compiler";

const [schema, folder] = process.argv.slice(2);
cpSync(fileURLToPath(new URL("relay", import.meta.url)), folder, { recursive: true });
mkdirSync(join(folder, "made"));
copyFileSync(schema, join(folder, "schema.graphql"));
const ran = spawnSync(compiler, ["relay.config.json"], { cwd: folder, encoding: "utf8" });
process.stderr.write(ran.status === 0 ? "" : ran.stdout + ran.stderr);
console.log(JSON.stringify(readdirSync(join(folder, "made")).sort()));
process.exit(ran.status ?? 1);
