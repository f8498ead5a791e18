// A small FHIR server with SMART App Launch, to try the example with: real HTTP on 127.0.0.1, one made-up patient, pages
// of ten observations. It checks what a server checks: the client, the code with its proof (PKCE), and the token.
//
//   node examples/smart/server.mjs     prints the address that a portal would open

import { createHash, randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const PAGE = 10;
/** Hourly observations of a made-up patient: LOINC code, unit, and the value at an hour. */
const CODES = [
  ["8867-4", "/min", (hour) => 90 + hour],
  ["8480-6", "mm[Hg]", (hour) => 120 - hour],
  ["8310-5", "[degF]", () => 100.4],
  ["59408-5", "%", () => 94],
];

/** @returns {Promise<{ url: string, observations: number, pages: () => number, close: () => Promise<void> }>} */
export async function smartServer(hours = 12) {
  const observations = CODES.flatMap(([code, unit, value]) =>
    Array.from({ length: hours }, (_, hour) => observation(code, unit, value(hour), hour)),
  );
  const challenges = new Map();
  const tokens = new Set();
  let pages = 0;
  const server = createServer(async (request, response) => {
    const base = `http://127.0.0.1:${server.address().port}`;
    const url = new URL(request.url, base);
    const json = (body, status = 200) => {
      response.writeHead(status, {
        "Content-Type": "application/json",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "*",
      });
      response.end(JSON.stringify(body));
    };
    if (request.method === "OPTIONS") return json({});
    if (url.pathname === "/fhir/.well-known/smart-configuration") {
      return json({
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
        code_challenge_methods_supported: ["S256"],
        capabilities: ["launch-ehr", "client-public"],
      });
    }
    if (url.pathname === "/fhir/metadata")
      return json({ resourceType: "CapabilityStatement", fhirVersion: "4.0.1", rest: [{ mode: "server" }] });
    if (url.pathname === "/authorize") {
      const ask = Object.fromEntries(url.searchParams);
      if (ask.client_id !== "vitrine-example" || ask.aud !== `${base}/fhir` || ask.launch !== "xyz")
        return json({ error: "invalid_request" }, 400);
      const code = randomUUID();
      challenges.set(code, ask.code_challenge);
      const back = new URL(ask.redirect_uri);
      back.searchParams.set("code", code);
      back.searchParams.set("state", ask.state);
      response.writeHead(302, { Location: String(back) });
      return response.end();
    }
    if (url.pathname === "/token") {
      const form = new URLSearchParams(await body(request));
      const proof = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (challenges.get(form.get("code")) !== proof) return json({ error: "invalid_grant" }, 400);
      const token = randomUUID();
      tokens.add(token);
      return json({
        access_token: token,
        token_type: "Bearer",
        expires_in: 300,
        scope: "patient/Observation.rs",
        patient: "a",
      });
    }
    if (!tokens.has((request.headers.authorization ?? "").replace("Bearer ", "")))
      return json({ resourceType: "OperationOutcome" }, 401);
    if (url.pathname === "/fhir/Observation" && url.searchParams.get("patient") === "a") {
      pages++;
      const from = Number(url.searchParams.get("from") ?? 0);
      const link = [{ relation: "self", url: String(url) }];
      if (from + PAGE < observations.length) {
        const next = new URL(url);
        next.searchParams.set("from", String(from + PAGE));
        link.push({ relation: "next", url: String(next) });
      }
      return json({
        resourceType: "Bundle",
        type: "searchset",
        link,
        entry: observations.slice(from, from + PAGE).map((resource) => ({ resource })),
      });
    }
    json({ resourceType: "OperationOutcome" }, 404);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => new Promise((done) => (server.closeAllConnections(), server.close(done)));
  return {
    url: `http://127.0.0.1:${server.address().port}/fhir`,
    observations: observations.length,
    pages: () => pages,
    close,
  };
}

function observation(code, unit, value, hour) {
  return {
    resourceType: "Observation",
    id: `${code}-${hour}`,
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code }] },
    subject: { reference: "Patient/a" },
    effectiveDateTime: `2030-01-02T${String(hour).padStart(2, "0")}:30:00Z`,
    valueQuantity: { value, unit, system: "http://unitsofmeasure.org", code: unit },
  };
}

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { url } = await smartServer();
  const app = `http://127.0.0.1:${process.env.PORT ?? 8000}/examples/smart/launch.html`;
  console.log(`open ${app}?iss=${encodeURIComponent(url)}&launch=xyz   (Ctrl-C stops the server)`);
}
