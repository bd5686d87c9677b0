// Runs the script for NetSuite where there is none: its modules as far as it uses them, on Node's own cryptography. Prints what it posts.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const [script, secret] = process.argv.slice(2);
const posted = [];
const modules = {
  "N/crypto": {
    HashAlg: { SHA256: "sha256" },
    createSecretKey: ({ secret: id, encoding }) => ({ text: { custsecret_hub: secret }[id], encoding }),
    createHmac: ({ algorithm, key }) => {
      const hmac = createHmac(algorithm, Buffer.from(key.text, "utf8"));
      return { update: ({ input, inputEncoding }) => hmac.update(input, inputEncoding), digest: ({ outputEncoding }) => hmac.digest(outputEncoding).toUpperCase() };
    },
  },
  "N/encode": { Encoding: { UTF_8: "utf8", HEX: "hex" } },
  "N/https": { post: (request) => { if (request.url === "https://down.example") throw new Error("unreachable"); posted.push(request); } },
  "N/log": { error: ({ details }) => posted.push({ logged: details }) },
  "N/runtime": { getCurrentScript: () => ({ getParameter: ({ name }) => ({ custscript_hub_secret: "custsecret_hub", custscript_hub_url: modules.url }[name]) }) },
};
let exported;
globalThis.define = (names, make) => { exported = make(...names.map((name) => modules[name])); };
(0, eval)(readFileSync(script, "utf8"));
modules.url = "https://hub.example/webhooks/erp";
exported.afterSubmit({ type: "edit", newRecord: { type: "customer", id: 647 } });
exported.afterSubmit({ type: "delete", newRecord: null, oldRecord: { type: "timebill", id: 9001 } });
modules.url = "https://down.example";
exported.afterSubmit({ type: "edit", newRecord: { type: "customer", id: 647 } });
console.log(JSON.stringify(posted));
