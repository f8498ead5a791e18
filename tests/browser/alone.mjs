// A whole session of the one file in a browser, for a process without a network: leak.test.mjs runs this in a namespace of
// its own that holds nothing but its loopback, over which puppeteer speaks with the browser. Prints what was seen.
//
//   node alone.mjs FILE URL     URL: a server of the world outside, which must not be reached

import { networkInterfaces } from "node:os";
import { pathToFileURL } from "node:url";

import { dropAndWait, launch, settled, text } from "./browser.mjs";
import { acting, pressing } from "./doing.mjs";

const [file, outside] = process.argv.slice(2);
const reached = await fetch(outside).then(
  () => true,
  () => false,
);
const engine = await launch();
try {
  const page = await engine.browser.newPage();
  await page.goto(String(pathToFileURL(file)));
  await settled(page);
  await dropAndWait(page, [{ name: "mine.csv", content: "Hours,Heart Rate,pH\n0.5,96,7.31\n20,140,7.2\n" }], "ready");
  const title = await text(page, "#title");
  await acting(page, async () =>
    page.select("#demo-stay", await page.$eval("#demo-stay", (list) => list.options[2].value)),
  );
  await page.$eval("#about", (panel) => (panel.open = true));
  await pressing(page, "#self-test button");
  const seen = {
    reached,
    interfaces: Object.keys(networkInterfaces()),
    title,
    network: await text(page, "#network"),
    verdict: await text(page, "#self-test .verdict"),
    browser: await engine.browser.version(),
  };
  console.log(JSON.stringify(seen));
} finally {
  await engine.close();
}
