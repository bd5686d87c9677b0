// Verifies deliveries with the reference library. Reads {"secret"} and then {"headers", "body"} a line; prints how many it
// verified, and how many it refused after one byte was changed.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

let webhook;
let verified = 0;
let refused = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (!webhook) {
    webhook = new Webhook(told.secret);
    continue;
  }
  webhook.verify(told.body, told.headers);
  verified += 1;
  try {
    webhook.verify(told.body + " ", told.headers);
  } catch {
    refused += 1;
  }
}
console.log(JSON.stringify({ verified, refused }));
