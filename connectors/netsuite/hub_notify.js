/**
 * Tells the hub which record was saved or deleted. It names the record only; the hub reads it by itself.
 *
 * Deploy it on the record types the hub reads, after submit, and set its parameters: the hub's address for this system, and the id of
 * an API secret (Setup > Company > API Secrets) that holds the secret the hub's document names in `push`.
 *
 * @NApiVersion 2.1
 * @NScriptType UserEventScript
 */
define(["N/crypto", "N/encode", "N/https", "N/log", "N/runtime"], (crypto, encode, https, log, runtime) => {
  const hexOf = (secret, text) => {
    const key = crypto.createSecretKey({ secret, encoding: encode.Encoding.UTF_8 });
    const hmac = crypto.createHmac({ algorithm: crypto.HashAlg.SHA256, key });
    hmac.update({ input: text, inputEncoding: encode.Encoding.UTF_8 });
    return hmac.digest({ outputEncoding: encode.Encoding.HEX }).toLowerCase();
  };

  const afterSubmit = (context) => {
    const script = runtime.getCurrentScript();
    const record = context.newRecord || context.oldRecord;
    const now = new Date();
    const body = JSON.stringify({ type: String(record.type), id: String(record.id), operation: context.type, date: now.toISOString() });
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const signature = hexOf(script.getParameter({ name: "custscript_hub_secret" }), `${timestamp}.${body}`);
    try {
      https.post({
        url: script.getParameter({ name: "custscript_hub_url" }),
        headers: { "Content-Type": "application/json", "x-hub-timestamp": timestamp, "x-hub-signature": `sha256=${signature}` },
        body,
      });
    } catch (error) {
      // the save must not fail because nobody listens; the hub finds the change when it asks next
      log.error({ title: "The hub was not told", details: error.message });
    }
  };

  return { afterSubmit };
});
