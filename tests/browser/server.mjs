// A static file server for the browser tests, on 127.0.0.1 and any free port: the repository under any path, as any
// static host would serve it.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));

const TYPES = {
  ".css": "text/css",
  ".csv": "text/csv",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * @param {{ root?: string, prefix?: string, pkg?: string, refuse?: (path: string) => boolean, stall?: (path: string) => boolean, alter?: (path: string, bytes: Buffer) => Buffer | string, isKept?: boolean, types?: Record<string, string>, headers?: Record<string, string> }} [options]
 *   root: what is served, the repository if not given; prefix: the path under which it stands; pkg: the folder behind pkg/, `VITRINE_PKG` or `pkg` if not
 *   given; refuse: answers 404 for these paths; stall: never answers for these; alter: what is
 *   answered in place of a file's bytes; isKept: the browser may keep files, and what it has compiled of them; types: the
 *   types of files by their endings, where they are others; headers: further ones
 * @returns {Promise<{ page: string, origin: string, requests: string[], close: () => Promise<void> }>}
 */
export async function serve({
  root = ROOT,
  prefix = "",
  pkg = process.env.VITRINE_PKG ?? "pkg",
  refuse = () => false,
  stall = () => false,
  alter = (_, bytes) => bytes,
  isKept = false,
  types = {},
  headers = {},
} = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    requests.push(pathname);
    if (stall(pathname)) return;
    const file = refuse(pathname) ? undefined : place(decodeURIComponent(pathname), root, prefix, pkg);
    const bytes = file && (await readFile(file).catch(() => undefined));
    const type = (bytes && { ...TYPES, ...types }[extname(file)]) || "application/octet-stream";
    response.writeHead(bytes ? 200 : 404, {
      "Content-Type": type,
      "Cache-Control": isKept ? "max-age=3600" : "no-store",
      ...headers,
    });
    response.end(bytes && alter(pathname, bytes));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () =>
    new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  // The same tests, on the one file that `make single` writes, opened as with a double click.
  const { VITRINE_FILE: file } = process.env;
  return { page: file ? pathToFileURL(file).href : `${origin}${prefix}/www/`, origin, requests, close };
}

/** The file behind a path, if it lies within what is served. */
function place(pathname, root, prefix, pkg) {
  if (!pathname.startsWith(`${prefix}/`)) return undefined;
  const path = pathname.slice(prefix.length + 1) + (pathname.endsWith("/") ? "index.html" : "");
  const [base, rest] = path.startsWith("pkg/") ? [resolve(ROOT, pkg), path.slice(4)] : [root, path];
  const file = normalize(join(base, rest));
  return file.startsWith(base + sep) ? file : undefined;
}
