// The text and the image demo, opened from the demo list; and a new user's network, fresh from torch.nn.LSTM, dropped on
// the page (docs/recipes.md) until its pictures stand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { findingsInBoth } from "./axe.mjs";
import { PATIENCE, dropAndWait, file, pictures, settled, sheets, shoot, text } from "./browser.mjs";
import { acting } from "./doing.mjs";
import { once, pages } from "./pages.mjs";

const stage = pages({ isOfOne: true });
const on = (options, run) => stage.on(run, options);

async function openText(page) {
  await page.select("#demo-stay", "text");
  await page.waitForSelector(".sentence span[data-relevance]", { timeout: PATIENCE });
  await settled(page);
}

/** Writes a sentence and waits until it is explained. */
async function write(page, sentence) {
  await page.$eval(
    "#sentence",
    (area, sentence) => {
      area.value = sentence;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    },
    sentence,
  );
  const first = sentence.match(/\p{L}+/u)[0];
  await page.waitForFunction(
    (first) => document.querySelector(".sentence span")?.textContent === first,
    { timeout: PATIENCE },
    first,
  );
  await settled(page);
}

/** [word, relevance, colour] of every word. */
const spans = (page) =>
  page.$$eval(".sentence span", (all) =>
    all.map((it) => [
      it.textContent,
      it.dataset.relevance && Number(it.dataset.relevance),
      getComputedStyle(it).backgroundColor,
    ]),
  );
const probability = (page) => page.$eval("[data-probability]", (it) => Number(it.dataset.probability));

async function openImage(page) {
  await page.select("#demo-stay", "image");
  await page.waitForSelector('canvas[data-demo="class"]', { timeout: PATIENCE });
  await settled(page);
}

/** How many colours a picture has, and its size. */
const colours = (page, name) =>
  page.$eval(`canvas[data-demo="${name}"]`, (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return [new Set(new Uint32Array(data.buffer)).size, canvas.width, canvas.height];
  });

test("a sentence opens from the demo list, its words in the colours of their relevance", () =>
  on({}, async (page, { complaints }) => {
    await openText(page);
    assert.ok((await probability(page)) > 0.9);
    const words = await spans(page);
    assert.equal(words.map(([word]) => word).join(" "), "A wonderful moving film with a brilliant cast !");
    const of = (word) => words.find(([text]) => text === word);
    assert.ok(of("wonderful")[1] > 0 && of("brilliant")[1] > 0);
    assert.notEqual(of("wonderful")[2], of("with")[2]);
    await shoot(page, "text");
    assert.deepEqual(complaints, []);
  }));

test("a sentence of one's own is explained as it is written, and a negation lowers the score", () =>
  on({ dark: true }, async (page) => {
    await openText(page);
    await write(page, "the film is good");
    const plain = await probability(page);
    await write(page, "this film is not good");
    assert.ok((await probability(page)) < 0.5 && plain > 0.5);
    assert.ok((await spans(page)).find(([word]) => word === "not")[1] < 0);
    await write(page, "zxqw <b>good</b>");
    assert.equal(await page.$(".sentence b"), null, "foreign text stays text");
    await page.click("[data-example='1']");
    await page.waitForFunction(() => document.querySelector(".sentence span").textContent === "The");
    await settled(page);
    await shoot(page, "text-dark");
  }));

test("a digit opens from the demo list with its relevance, its gradient and what its class would like to see", () =>
  on({}, async (page, { complaints }) => {
    await openImage(page);
    for (const name of ["ink", "relevance", "gradient", "class"]) {
      const [n, width, height] = await colours(page, name);
      assert.ok(n > 8, `${name}: ${n} colours`);
      assert.equal(width, height);
      assert.equal(width % 8, 0, "pixels are whole device pixels");
    }
    assert.equal(await page.$$eval("[data-image]", (all) => all.length), 20);
    assert.match(await page.$eval('#view-image .classes [aria-pressed="true"]', (it) => it.textContent), /^0: /);
    await shoot(page, "image");
    await page.click("[data-target='8']");
    await page.waitForFunction(() =>
      /8/.test(document.querySelector('canvas[data-demo="class"]').getAttribute("aria-label")),
    );
    await page.click("[data-image='7']");
    await page.waitForFunction(
      () => document.querySelector('[data-image="7"]').getAttribute("aria-pressed") === "true",
    );
    await settled(page);
    assert.deepEqual(complaints, []);
  }));

once("axe-core finds nothing on either demo, light and dark", () =>
  on({}, async (page) => {
    for (const open of [openText, openImage]) {
      await open(page);
      if (open === openText) await write(page, "Not the terrible, wonderful, boring film of last year.");
      assert.deepEqual(await findingsInBoth(page), []);
    }
  }),
);

test("both demos fit a narrow page", () =>
  on({ width: 400, height: 860, dark: true }, async (page) => {
    for (const open of [openText, openImage]) {
      await open(page);
      const [needs, has] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      assert.ok(needs <= has, `${needs} pixels in ${has}`);
      await page.evaluate(() => document.querySelector("#views").scrollIntoView());
      await page.$eval(open === openText ? "#view-text" : "#view-image", (it) => it.scrollIntoView());
      await shoot(page, open === openText ? "text-narrow" : "image-narrow");
    }
  }));

once("a stay of the list leads back to its pictures, and another network has no tab but while it is open", () =>
  on({}, async (page) => {
    const tabs = () =>
      page.$$eval("#views [role=tab]", (all) => all.filter((it) => it.checkVisibility()).map((it) => it.textContent));
    const stays = ["Stay", "Compare", "Many stays"];
    assert.deepEqual(await tabs(), stays);
    assert.equal(await page.$eval("#demo-stay optgroup", (it) => it.label), "Other networks");
    await openText(page);
    assert.deepEqual(await tabs(), [...stays, "Text"]);
    assert.equal(await text(page, "#model-name"), "sentiment.onnx", "the network that is shown");
    await openImage(page);
    assert.equal(await text(page, "#model-name"), "digits.onnx");
    await acting(page, () => page.click("#theme"));
    assert.equal(await text(page, "#model-name"), "digits.onnx", "also when all is painted anew");
    await acting(page, () => page.select("#demo-stay", "stable_timeseries.csv"));
    assert.equal(await page.$eval("#view-stay", (it) => it.hidden), false);
    assert.equal(await page.$eval("#view-text", (it) => it.hidden), true);
    assert.deepEqual(await tabs(), stays);
    assert.match(await text(page, "#model-name"), /in-hospital mortality/);
  }),
);

once("the list names what is open: a demo, a stay, or a record of one's own, in every width and on paper", () =>
  on({}, async (page) => {
    const chosen = () => page.$eval("#demo-stay", (it) => [it.value, it.selectedOptions[0]?.textContent]);
    const own = ["", "own.csv"];
    await openImage(page);
    assert.equal((await chosen())[0], "image");
    await dropAndWait(page, [{ name: "own.csv", content: "Hours,Heart Rate\n0.5,71\n20,140\n" }], "ready");
    assert.deepEqual(await chosen(), own);
    await openImage(page);
    await page.click("#view-tab-stay");
    assert.deepEqual(await chosen(), own, "from a demo back to the record");
    const { width, height } = page.viewport();
    await sheets(page);
    for (const narrow of [400, width]) {
      await page.setViewport({ width: narrow, height });
      await page.waitForFunction((size) => document.querySelector("#demo-stay").size > 1 === size > 900, {}, narrow);
      assert.deepEqual(await chosen(), own, `${narrow} px`);
    }
    // The first stay is one press away.
    await acting(page, () => page.select("#demo-stay", "septic-shock_timeseries.csv"));
    assert.match(await text(page, "#title"), /^Septic shock/);
    assert.equal((await chosen())[0], "septic-shock_timeseries.csv");
  }),
);

once("a record, a network or a map is seen, whatever view it is dropped on", () =>
  on({}, async (page) => {
    const view = () => page.evaluate(() => document.body.dataset.view);
    const record = (name) => ({ name, content: "Hours,Heart Rate\n0.5,71\n20,140\n" });
    const other = "in-hospital-mortality-2.onnx";
    const rows = Array.from({ length: 48 }, (_, hour) => `Heart Rate,${hour},0.1`);
    const files = [
      record("own.csv"),
      { name: other, content: await file(`www/models/${other}`) },
      { name: "map.csv", content: `channel,hour,relevance\n${rows.join("\n")}\n` },
    ];
    for (const it of files) {
      if (it.name === other) await openImage(page);
      else await page.click("#view-tab-cohort");
      assert.notEqual(await view(), "stay");
      await dropAndWait(page, [it], "ready");
      assert.equal(await view(), "stay", it.name);
    }
    // What is refused leaves the view, and so do many stays and their labels.
    await openText(page);
    await dropAndWait(page, [{ name: "bad.csv", content: "Hours,Heart Rate\n1.0,fast\n" }], "error");
    assert.equal(await view(), "text");
    await dropAndWait(page, [record("a.csv"), record("b.csv")], "ready");
    assert.equal(await view(), "cohort");
    await dropAndWait(page, [{ name: "listfile.csv", content: "stay,y_true\na.csv,1\nb.csv,0\n" }], "ready");
    assert.equal(await view(), "cohort");
  }),
);

once("from torch.nn.LSTM to a picture: the recipe's file, dropped on the page", () =>
  on({}, async (page) => {
    const before = await pictures(page);
    await dropAndWait(
      page,
      [{ name: "model.onnx", content: await file("tests/fixtures/recipes/readme.onnx") }],
      "ready",
    );
    const after = await pictures(page);
    for (const name of ["lrp", "gradient"]) {
      assert.notEqual(after[name].digest, before[name].digest, name);
      assert.ok(after[name].colours > 20, `${name}: ${after[name].colours} colours`);
    }
    assert.match(await text(page, "#residual"), /residual/i);
  }),
);
