// Which packages answer here; shows that scripts of this folder find them.
import { version } from "graphql";

console.log(JSON.stringify({ node: process.version, graphql: version }));
