// Takes the screenshots of docs/screenshots/: the page as it is, in a real browser.
//
// Every main view wide, narrow, dark and as it is printed, and single states besides.
//
//   VITRINE_PKG=target/pkg-dev node tools/screenshots.mjs [WORD...]     only those whose name contains one of the words

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { dropAndWait, launch, settled, visit } from "../tests/browser/browser.mjs";
import { ROOT, serve } from "../tests/browser/server.mjs";
import { withPalette } from "./palette-png.mjs";

const FOLDER = join(ROOT, "docs/screenshots");
const LARGEST = 200_000;
const words = process.argv.slice(2);

const strongest = async (page) => {
  await page.focus('canvas[data-grid="lrp"]');
  await page.keyboard.press("n");
  await page.waitForSelector("#readout div");
};
const press = (selector, ready) => async (page) => {
  await page.$eval(selector, (button) => button.click());
  await page.waitForSelector(ready);
};

/** Asks for an action, and waits until it has ended. */
const act = (selector) => async (page) => {
  await page.evaluate(() => (document.body.dataset.state = "asked"));
  await page.$eval(selector, (button) => button.click());
  await settled(page);
};
/** The demo stays as a cohort, with labels as their descriptions give them. */
const cohort = async (page) => {
  const folder = join(ROOT, "www/stays");
  const stays = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
  const files = readdirSync(folder).filter((name) => name.endsWith("_timeseries.csv"));
  const list = stays.map(({ file, trueLabel }) => `${file},${trueLabel ?? 0}`).join("\n");
  const records = files.map((name) => ({ name, content: readFileSync(join(folder, name), "utf8") }));
  await dropAndWait(page, [...records, { name: "listfile.csv", content: `stay,y_true\n${list}\n` }]);
};
const demo = (id, ready) => async (page) => {
  await page.select("#demo-stay", id);
  await page.waitForSelector(ready);
  await settled(page);
};

/** The windows that every main view is looked at in. */
const LOOKS = {
  wide: { width: 1440, height: 1000 },
  narrow: { width: 360, height: 800 },
  dark: { width: 1440, height: 1000, dark: true },
  print: { width: 1040, height: 720, isPrint: true },
};

/** The main views, and how each is reached. */
const VIEWS = {
  stay: strongest,
  trust: async (page) => {
    await act("#trust-ask")(page);
    await page.waitForSelector(".trust-numbers");
    await page.$eval("#trust-ask", (button) => button.scrollIntoView({ block: "start" }));
  },
  compare: async (page) => {
    await page.$eval("#view-tab-compare", (tab) => tab.click());
    await act("#compare-run")(page);
  },
  cohort,
  text: demo("text", ".sentence span[data-relevance]"),
  image: demo("image", 'canvas[data-demo="class"]'),
};

/** Each view in each window: `wide`, `narrow`, `dark` and `print` are the stay's; `cohort` is wide, `cohort-narrow` narrow. */
const LOOKED_AT = Object.entries(VIEWS).flatMap(([view, reach]) =>
  Object.entries(LOOKS).map(([look, options]) => {
    const name = view === "stay" ? look : look === "wide" ? view : `${view}-${look}`;
    return [name, { ...options, reach }];
  }),
);

/** Each picture: the window, and what is done before it is taken. */
const SHOTS = {
  ...Object.fromEntries(LOOKED_AT),
  "very-wide": { width: 1920, height: 1080, reach: strongest },
  zoom: { width: 1440, height: 1000, reach: press('[data-tool="zoom-6"]', "#numbers span") },
  table: { width: 1440, height: 900, reach: press('[data-tool="table"]', "#table tbody tr") },
  whatif: {
    width: 1440,
    height: 900,
    reach: async (page) => {
      await strongest(page);
      await page.$eval("#whatif-value", (field) => (field.value = "15"));
      for (const button of ["#whatif [data-t='whatif.set']", "#whatif [data-t='whatif.search']"])
        await act(button)(page);
      await page.$eval("#whatif", (panel) => panel.scrollIntoView({ block: "start" }));
    },
  },
  menu: { width: 1440, height: 700, reach: press("#export summary", "#export[open]") },
  report: {
    width: 1040,
    height: 900,
    isPrint: true,
    reach: async (page) => {
      await page.evaluate(() => (window.print = () => {}));
      await act("#export [data-t='export.print']")(page);
    },
  },
  "cohort-blank": { width: 1440, height: 700, reach: press("#view-tab-cohort", ".cohort-blank") },
  help: { width: 1440, height: 900, reach: press("#help-open", "#help[open]") },
  tour: { width: 1440, height: 1000, reach: press("#tour-start", "#tour:not([hidden])") },
  armenian: { width: 1440, height: 1000, hash: "#lang=hy", reach: strongest },
  signs: { width: 1440, height: 1000, hash: "#palette=vik&inRows=trace&signs=glyphs&rows=relevance" },
  busy: {
    width: 1440,
    height: 900,
    reach: async (page) => {
      // Long enough to be seen at work.
      await page.$eval("#orders", (field) => (field.value = "200"));
      await page.select("#method-kind", "shapley");
      await page.waitForSelector("#cancel:not([hidden])");
    },
  },
  loading: { width: 1440, height: 1000, state: "loading", stall: ".onnx" },
  error: {
    width: 1440,
    height: 900,
    reach: async (page) => {
      await page.evaluate(() => {
        const data = "Hours,Heart Rate\n1.0,fast\n";
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", data);
        document.body.dispatchEvent(
          new ClipboardEvent("paste", { clipboardData, data, dataType: "text/plain", bubbles: true }),
        );
      });
      await page.waitForSelector("[role=alert] button");
    },
  },
};

const running = await launch();
mkdirSync(FOLDER, { recursive: true });
try {
  for (const [name, shot] of Object.entries(SHOTS)) {
    if (words.length === 0 || words.some((word) => name.includes(word))) await take(name, shot);
  }
} finally {
  await running.close();
}

async function take(name, { hash = "", reach, stall, state, isPrint, ...options }) {
  const server = await serve({ stall: (path) => Boolean(stall) && path.endsWith(stall) });
  try {
    const page =
      state === "loading"
        ? await bare(server, options)
        : (await visit(running.browser, server.page + hash, options)).page;
    await reach?.(page);
    if (isPrint) {
      await page.emulateMediaType("print");
      // Paper leaves more room: the pictures are painted anew.
      await new Promise((done) => setTimeout(done, 1000));
    }
    // What changed is dimmed for a moment.
    await new Promise((done) => setTimeout(done, 600));
    const png = withPalette(await page.screenshot());
    if (png.length > LARGEST) throw new Error(`${name}: ${png.length} bytes, more than ${LARGEST}`);
    writeFileSync(join(FOLDER, `${name}.png`), png);
    console.log(`${name}.png  ${(png.length / 1000).toFixed(0)} kB`);
    await page.close();
  } finally {
    await server.close();
  }
}

/** The page before its first picture. */
async function bare(server, { width, height }) {
  const page = await running.browser.newPage();
  await page.setViewport({ width, height });
  await page.goto(server.page);
  return page;
}
