// Node's loader, told that the page around `www/embed.js` is `page.mjs`, and the package the one under test.

import { dirname, join, resolve as path } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const PKG = path(HERE, "../../..", process.env.VITRINE_PKG ?? "pkg");

export async function resolve(specifier, context, next) {
  if (specifier.endsWith("pkg/vitrine.js"))
    return { url: pathToFileURL(join(PKG, "vitrine.js")).href, shortCircuit: true };
  // The page and its views need a document; what the worker imports does not.
  const isPage = context.parentURL?.endsWith("/www/embed.js") && !/protocol|state|method-fields/.test(specifier);
  if (isPage) return { url: pathToFileURL(join(HERE, "page.mjs")).href, shortCircuit: true };
  return next(specifier, context);
}
