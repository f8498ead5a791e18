// The page at other sizes, densities and in the dark; and the screenshots for people to look at.

import assert from "node:assert/strict";
import { test } from "node:test";

import { dropAndWait, isFirefox, pictures, settled, sheets, shoot, text } from "./browser.mjs";
import { pages } from "./pages.mjs";
import { serve } from "./server.mjs";

const stage = pages({ isOfOne: true });
const on = (options, run) => stage.on(run, options);

/** The most relevant corner of the pictures, so that the screenshots show a readout. */
async function lookAtEnd(page, name = "lrp") {
  await page.focus(`canvas[data-grid="${name}"]`);
  await page.keyboard.press("End");
  await page.waitForFunction(() => /47–48 h/.test(document.querySelector("#readout").textContent));
}

async function assertFits(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${content} px of content in ${window} px`);
}

/** Names of what is wider than its box, or reaches out of its column. */
function cutOff(page) {
  return page.evaluate(() => {
    const boxes = [...document.querySelectorAll("#demo-stay, .button, figcaption, .axis, #labels > *, #ledger")];
    const wide = boxes.filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.id || it.textContent.trim());
    const inner = [...document.querySelectorAll(".pane .legend > *, .side *")];
    const right = (it) => it.getBoundingClientRect().right;
    // On a narrow page the side bar's parts stand in the page's own column.
    const edge = (it) => right(it.closest(".pane, .side")) || innerWidth;
    const out = inner.filter((it) => it.offsetParent && right(it) > edge(it) + 0.5);
    return [...wide, ...out.map((it) => it.textContent.trim() || it.tagName)];
  });
}

/** The hours along the axes of the pictures, where two of them touch. */
function touching(page) {
  return page.$$eval(".axis", (all) =>
    all
      .filter((it) => it.offsetParent)
      .flatMap((axis) => {
        const labels = [...axis.children].map((it) => it.getBoundingClientRect());
        return labels.flatMap(({ left }, at) =>
          at > 0 && left < labels[at - 1].right + 3 ? [axis.children[at].textContent] : [],
        );
      }),
  );
}

/** Words of the head of the page that lie over others. */
function overlaid(page) {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.querySelector("#view-stay .head"), NodeFilter.SHOW_TEXT);
    const boxes = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(node);
      if (!node.parentElement.checkVisibility() || node.parentElement.closest(".menu > div")) continue;
      for (const box of range.getClientRects())
        if (box.width > 1) boxes.push({ words: node.textContent.trim(), ...box.toJSON() });
    }
    const meet = (a, b) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
    return boxes.flatMap((a, at) =>
      boxes.slice(at + 1).flatMap((b) => (meet(a, b) ? [`${a.words} / ${b.words}`] : [])),
    );
  });
}

/** The colour of the page's background, and that of a picture's quietest pixel: a gap between groups of rows. */
function quiet(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('canvas[data-grid="lrp"]');
    const rows = [...document.querySelectorAll("#labels .row")].map((row) => parseFloat(row.style.top));
    const height = parseFloat(document.querySelector("#labels .row").style.height);
    const density = canvas.width / parseFloat(canvas.style.width);
    const above = rows.findIndex((top, at) => rows[at + 1] - top > height + 4);
    const y = Math.round((rows[above] + height + 3) * density);
    const [red, green, blue] = canvas.getContext("2d").getImageData(2, y, 1, 1).data;
    return [getComputedStyle(document.body).backgroundColor, `rgb(${red}, ${green}, ${blue})`];
  });
}

test("wide and light", () =>
  on({}, async (page) => {
    await assertFits(page);
    const [background, zero] = await quiet(page);
    assert.equal(zero, background);
    await lookAtEnd(page);
    await shoot(page, "wide");
  }));

for (const width of [1440, 1024, 360]) {
  test(`nothing scrolls sideways at ${width} px in Armenian, whose words are longer`, () =>
    on({ width, height: 800, hash: "#lang=hy" }, assertFits));
}

/** What a list offers that is wider than the list shows. */
function cutChoices(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("select")].flatMap((list) => {
      if (list.size > 1 || !list.offsetParent) return [];
      const room = list.offsetWidth;
      list.style.cssText = "flex: none; width: max-content; max-width: none";
      const isCut = list.offsetWidth > room;
      list.style.cssText = "";
      return isCut ? [list.id] : [];
    }),
  );
}

for (const width of [1366, 390]) {
  test(`every choice of a list can be read whole at ${width} px, in both languages`, () =>
    on({ width, height: 800 }, async (page) => {
      await page.$$eval("#method details", (all) => all.forEach((it) => (it.open = true)));
      for (const language of ["hy", "en"]) {
        await page.select("#language", language);
        await page.waitForFunction((it) => document.documentElement.lang === it, {}, language);
        // Fields that belong to one method show with it, whether it has been explained yet or not.
        for (const method of ["lrp", "deep-shap", "occlusion", "shapley"]) {
          await page.evaluate((it) => {
            document.querySelector("#method-kind").value = it;
            for (const field of document.querySelectorAll("[data-for]"))
              field.hidden = !field.dataset.for.split(" ").includes(it);
          }, method);
          assert.deepEqual(await cutChoices(page), [], `${language}, ${method}`);
        }
      }
    }));
}

test("what is being done is said whole in the head, and the network's name gives way", () =>
  on({ width: 1366, height: 800 }, async (page) => {
    const cut = await page.evaluate(() => {
      const status = document.querySelector("#status");
      status.textContent = "29,250 of 29,250 runs of the network";
      document.querySelector("#cancel").hidden = false;
      return ["#model-name", "#status"]
        .map((it) => document.querySelector(it))
        .map((it) => it.scrollWidth > it.clientWidth);
    });
    assert.deepEqual(cut, [true, false]);
    await assertFits(page);
  }));

for (const [width, height] of [
  [1440, 900],
  [1180, 800],
  [1024, 768],
  [920, 768],
  [400, 860],
  [360, 800],
]) {
  test(`nothing is cut off or laid over something else at ${width} px`, () =>
    on({ width, height }, async (page) => {
      await assertFits(page);
      assert.deepEqual(await cutOff(page), []);
      assert.deepEqual(await touching(page), []);
      // A risk has at most so many letters.
      await page.$eval("#probability", (it) => (it.textContent = "> 99.9%"));
      assert.deepEqual(await overlaid(page), []);
      if (width === 1024) await shoot(page, "laptop");
    }));
}

test("a rule whose numbers no longer add up is refused, and the pictures stay", () =>
  on({}, async (page) => {
    const before = await pictures(page);
    await page.evaluate(() => {
      document.body.dataset.state = "asked";
      const gates = document.querySelector("#gates");
      // The one rule whose denominators may vanish: on this stay it gives relevance beyond all measure.
      gates.value = "prop";
      gates.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await settled(page, "error");
    assert.match(await text(page, "[role=alert]"), /no longer add up .* choose the gate rule "all"/);
    assert.equal((await pictures(page)).lrp.digest, before.lrp.digest);
    await assertFits(page);
    assert.deepEqual(await cutOff(page), []);
  }));

test("wide and dark: zero is the dark background", () =>
  on({ dark: true }, async (page) => {
    const [background, zero] = await quiet(page);
    assert.equal(zero, background);
    assert.match(background, /rgb\(\d\d, \d\d, \d\d\)/);
    await lookAtEnd(page);
    await shoot(page, "dark");
  }));

test("the theme can be switched by hand, and the pictures follow", () =>
  on({}, async (page) => {
    const before = await pictures(page);
    await page.click("#theme");
    for (let tries = 0; tries < 100; tries++) {
      const now = await pictures(page);
      if (now.lrp.digest !== before.lrp.digest && now.input.digest !== before.input.digest) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    const [background, zero] = await quiet(page);
    assert.equal(zero, background);
    assert.match(background, /rgb\(\d\d, \d\d, \d\d\)/);
  }));

test("a dense screen gets its own pixels", () =>
  on({ density: 2 }, async (page) => {
    for (const name of ["input", "lrp", "gradient"]) {
      const [device, css] = await page.$eval(`canvas[data-grid="${name}"]`, (it) => [
        it.width,
        it.getBoundingClientRect().width,
      ]);
      assert.equal(device, 2 * css);
      assert.equal(device % 48, 0, "cells are whole device pixels");
    }
    await lookAtEnd(page);
    await shoot(page, "double");
  }));

test("narrow: one picture at a time, with its labels, and no sideways scrolling", () =>
  on({ width: 400, height: 860 }, async (page) => {
    await assertFits(page);
    const visible = () =>
      page.$$eval("canvas[data-grid]", (all) => all.filter((it) => it.offsetParent).map((it) => it.dataset.grid));
    assert.deepEqual(await visible(), ["lrp"]);
    await page.click("#tab-input");
    assert.deepEqual(await visible(), ["input"]);
    await page.keyboard.press("ArrowRight");
    assert.deepEqual(await visible(), ["gradient"]);
    await page.click("#tab-lrp");
    await lookAtEnd(page);
    await page.evaluate(() => scrollTo(0, 0));
    await shoot(page, "narrow");
    await shoot(page, "narrow-whole", { fullPage: true });
  }));

test("nothing sticks out of the narrowest window, in Armenian with its long words", () =>
  on({ width: 360, height: 800 }, async (page) => {
    await page.select("#language", "hy");
    await page.waitForFunction(() => document.documentElement.lang === "hy" && document.body.dataset.state === "ready");
    await new Promise((done) => setTimeout(done, 500));
    await assertFits(page);
    await shoot(page, "narrowest-armenian");
  }));

test("nothing scrolls sideways on a phone with every panel open", () =>
  on({ width: 390, height: 844 }, async (page) => {
    await page.$$eval(".panels > details", (all) => all.forEach((it) => (it.open = true)));
    await page.waitForSelector("#account table");
    await assertFits(page);
    const [button, entries] = await page.$eval("#export", (menu) => {
      menu.open = true;
      return [...menu.children]
        .map((it) => it.getBoundingClientRect())
        .map(({ right, bottom, top }) => [right, top, bottom]);
    });
    assert.ok(Math.abs(button[0] - entries[0]) < 1 && entries[1] - button[2] < 10, "the menu hangs from its button");
  }));

test("a window that changes its size gets pictures of the new size", () =>
  on({}, async (page) => {
    const { width } = (await pictures(page)).lrp;
    await page.setViewport({ width: 1900, height: 1000 });
    await page.waitForFunction((old) => document.querySelector('canvas[data-grid="lrp"]').width > old, {}, width);
    await assertFits(page);
    await shoot(page, "very-wide");
  }));

test("before the first picture the page says what it waits for, where everything will be", async () => {
  const waiting = await serve({ stall: (path) => path.endsWith(".onnx") });
  const page = await stage.running.browser.newPage();
  try {
    await page.setViewport({ width: 1440, height: 900 });
    await page.goto(waiting.page, { waitUntil: "domcontentloaded" });
    await page.waitForFunction(() => document.querySelector("#demo-stay").options.length > 5);
    assert.equal(await page.evaluate(() => document.body.dataset.state), "loading");
    assert.match(await text(page, "#status"), /Loading the engine and the demo network/);
    const places = await page.$$eval(".plot.empty", (all) => all.map((it) => it.getBoundingClientRect().height));
    assert.equal(places.length, 3);
    assert.ok(
      places.every((height) => height >= 400),
      `${places}`,
    );
  } finally {
    await page.close();
    await waiting.close();
  }
});

test("on paper stands what can be read, and nothing to press", () =>
  on({ width: 1040, height: 720 }, async (page) => {
    const count = await sheets(page);
    assert.ok(count >= 1 && count <= 3, `${count} sheets`);
    if (isFirefox) return;
    await page.emulateMediaType("print");
    const pressed = await page.$$eval("button, select, input, .button", (all) =>
      all.filter((it) => it.checkVisibility() && !it.matches(".group")).map((it) => it.textContent || it.id),
    );
    assert.deepEqual(pressed, []);
    assert.ok(await page.$eval("#reading", (it) => it.checkVisibility()));
  }));

test("an error, as it looks", () =>
  on({}, async (page) => {
    await dropAndWait(page, [{ name: "record.csv", content: "Hours,Heart Rate\n1.0,fast\n" }], "error");
    assert.match(await text(page, "[role=alert]"), /record\.csv/);
    await assertFits(page);
    await shoot(page, "error");
    await page.$$eval("details", (all) => all.forEach((one) => (one.open = true)));
    await shoot(page, "panels", { fullPage: true });
  }));
