// A static file server for this repository, on 127.0.0.1 only, with nothing but Node. The page needs no more than
// this: any static host will do.
//
//   node tools/serve.mjs [--port 8000] [--pkg DIR]     --pkg serves /pkg/ from DIR instead of pkg/

import { createReadStream, readFileSync, realpathSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const MIME = JSON.parse(readFileSync(join(ROOT, "tools/mime.json"), "utf8"));
const TRIES = 20;
/** Names of this machine. A request for any other came here by a name server's trick, from a page of somebody else's. */
const OWN = new Set(["127.0.0.1", "localhost", "[::1]"]);
/**
 * A worker takes its policy from its own response, not from the page's `<meta>`: what leak.test.mjs holds the page to holds
 * for scripts that run beside it.
 */
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/**
 * Serves the repository root. Resolves once the server listens.
 *
 * @param {{ port?: number, pkg?: string, root?: string, tries?: number }} [options]
 *   port: the first port to try, 0 for any free one; pkg: the folder behind /pkg/; tries: how many ports in a row
 * @returns {Promise<{ url: string, port: number, server: import("node:http").Server, close: () => Promise<void> }>}
 */
export async function serve({ port = 0, pkg = "pkg", root = ROOT, tries = 1 } = {}) {
  const server = createServer((request, response) => {
    answer(request, response, root, resolve(root, pkg)).catch((error) => fail(response, 500, String(error)));
  });
  const actual = await listen(server, port, tries);
  const close = () =>
    new Promise((done) => {
      server.close(() => done(undefined));
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${actual}/`, port: actual, server, close };
}

/** Tries `tries` ports from `port` on, and gives the one that was free. */
async function listen(server, port, tries) {
  for (let n = 0; ; n++) {
    try {
      return await new Promise((done, refuse) => {
        server.once("error", refuse);
        server.listen(port + n, "127.0.0.1", () => {
          server.off("error", refuse);
          done(server.address().port);
        });
      });
    } catch (error) {
      if (error.code !== "EADDRINUSE" || n + 1 >= tries) throw error;
      console.error(`port ${port + n} is taken, trying ${port + n + 1}`);
    }
  }
}

async function answer(request, response, root, pkg) {
  if (!isOwn(request.headers.host)) return fail(response, 403, "this server answers for 127.0.0.1 and localhost only");
  if (request.method !== "GET" && request.method !== "HEAD") return fail(response, 405, "only GET and HEAD");
  const path = decoded(request.url);
  if (path === null) return fail(response, 400, "the address is not valid");
  if (path === "/") return redirect(response, "/www/");
  const file = await find(path, root, pkg);
  if (file === null) return fail(response, 404, `${path}: no such file`);
  if (file.isFolder) return redirect(response, `${path}/`);
  response.writeHead(200, {
    "Content-Type": MIME[extname(file.name).toLowerCase()] ?? "application/octet-stream",
    "Content-Length": file.size,
    // While developing, a cached wasm beside a new script costs an hour of wondering.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(path.startsWith("/www/worker/") ? { "Content-Security-Policy": WORKER_POLICY } : {}),
  });
  if (request.method === "HEAD") return response.end();
  createReadStream(file.name)
    .on("error", () => response.destroy())
    .pipe(response);
}

/** @param {string | undefined} host a request's header: a name, and a port unless that is 80 */
function isOwn(host) {
  return host !== undefined && OWN.has(host.replace(/:\d+$/, "").toLowerCase());
}

function decoded(url) {
  try {
    return decodeURIComponent(new URL(url, "http://127.0.0.1").pathname);
  } catch {
    return null;
  }
}

/** The file behind a path, or null: nothing outside the folders served, nothing hidden. */
async function find(path, root, pkg) {
  if (path.includes("\0") || path.split("/").some((part) => part.startsWith("."))) return null;
  const [base, rest] = path.startsWith("/pkg/") ? [pkg, path.slice("/pkg/".length)] : [root, path.slice(1)];
  const name = join(base, rest.endsWith("/") || rest === "" ? `${rest}index.html` : rest);
  try {
    const real = realpathSync(name);
    if (!real.startsWith(realpathSync(base) + sep)) return null;
    const { size } = await stat(real).then((found) => (found.isDirectory() ? { size: -1 } : found));
    return { name: real, size, isFolder: size < 0 };
  } catch {
    return null;
  }
}

function redirect(response, location) {
  response.writeHead(302, { Location: location, "Cache-Control": "no-store" }).end();
}

function fail(response, status, message) {
  if (response.headersSent) return response.destroy();
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`${message}\n`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "8000" }, pkg: { type: "string", default: "pkg" } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error(`error: --port ${values.port}: not a port number; give one from 0 to 65535`);
    process.exit(2);
  }
  const { url } = await serve({ port, pkg: values.pkg, tries: TRIES });
  console.log(`Vitrine is at ${url}www/   (Ctrl-C stops it)`);
}
