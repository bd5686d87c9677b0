// The audits of graphql-http against HUB_URL/graphql with the key HUB_KEY; prints every result as JSON.
import { serverAudits } from 'graphql-http';

const authorization = `Bearer ${process.env.HUB_KEY}`;
const fetchFn = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, authorization } });
const results = [];
for (const audit of serverAudits({ url: `${process.env.HUB_URL}/graphql`, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, ...(reason && { reason: String(reason) }) });
}
console.log(JSON.stringify(results));
