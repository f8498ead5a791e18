// Keeps the page for use without a network: exactly the files of one build, each with its hash. tools/site.mjs fills in
// the list. Nothing that a reader opens ever passes through here: records are read from the disk.

const VERSION = "VERSION_OF_BUILD";
const FILES = ["FILES_OF_BUILD"];
const CACHE = `vitrine-${VERSION}-${registration.scope}`;
const OURS = (/** @type {string} */ name) => name.startsWith("vitrine-") && name.endsWith(registration.scope);

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !url.href.startsWith(registration.scope)) return;
  event.respondWith(answer(event.request, url));
});

/** All files or none: a build whose files do not fit together is not taken. */
async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(
    FILES.map(async ([name, hash]) => {
      const url = new URL(name, registration.scope);
      // Past the browser's own cache, which may hold a file of the build before.
      const response = await fetch(url, { cache: "no-cache", integrity: `sha256-${hash}` });
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      await cache.put(url, response);
    }),
  );
}

/**
 * A new build waits as long as a page of the old one is open: an old page with workers of a new build would be neither. A
 * page that has just been opened, and is the only one, asks for the new build, and is then loaded again.
 */
async function takeOver() {
  const pages = await clients.matchAll({ includeUncontrolled: true, type: "window" });
  if (pages.filter(({ url }) => url.startsWith(registration.scope)).length === 1) await skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (OURS(name) && name !== CACHE) await caches.delete(name);
  await clients.claim();
}

async function answer(request, url) {
  const cache = await caches.open(CACHE);
  url.search = "";
  url.hash = "";
  if (url.pathname.endsWith("/index.html")) url.pathname = url.pathname.slice(0, -"index.html".length);
  return (await cache.match(url)) ?? fetch(request);
}
