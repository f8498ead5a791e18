// Writes www/vendor/hyparquet.js: of the one npm package that the page has (package.json, "dependencies"), the parts that it
// uses, as one module with the package's licence in front. It is committed, so that www/ is served as it is.
//
//   node tools/vendor.mjs           writes it; needs esbuild and the package (`tools/npm.sh`)
//   node tools/vendor.mjs --check   fails where it is not what this would write

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const OUT = join(ROOT, "www/vendor/hyparquet.js");
const PACKAGE = join(ROOT, "node_modules/hyparquet");

const { name, version, license } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
const text = readFileSync(join(PACKAGE, "LICENSE"), "utf8").trim().replaceAll("\r\n", "\n");
const { outputFiles } = await build({
  stdin: { contents: 'export { parquetMetadata, parquetRead } from "hyparquet";', resolveDir: ROOT },
  bundle: true,
  write: false,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "error",
});
const module = `/*!\n${name} ${version} ${license}\n\n${text}\n*/\n${outputFiles[0].text}`;

if (process.argv.includes("--check")) {
  if (readFileSync(OUT, "utf8") !== module) {
    console.error("www/vendor/hyparquet.js is not what package-lock.json asks for; run `node tools/vendor.mjs`");
    process.exit(1);
  }
} else {
  writeFileSync(OUT, module);
  console.error(`www/vendor/hyparquet.js: ${name} ${version}, ${module.length} bytes`);
}
