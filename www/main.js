// The page: what the user does, one thing after another, and what it shows.
//
// body[data-state] is `loading` until the first picture, `busy` while an action runs, `error` when the last action
// failed (the page stays usable and the last good picture stands), and `ready` otherwise.

import { Engine } from "./engine.js";
import * as controls from "./view/controls.js";
import { find } from "./view/dom.js";
import * as drop from "./view/drop.js";
import * as errors from "./view/errors.js";
import { Grids } from "./view/grids.js";
import * as picker from "./view/picker.js";
import * as prediction from "./view/prediction.js";
import * as readout from "./view/readout.js";
import * as report from "./view/report.js";

/** @import { OpenRequest, Paint, View } from "./protocol.js" */
/** @import { Demo } from "./view/picker.js" */

const MODEL = "models/in-hospital-mortality.onnx";
const CANCEL_AFTER = 1000;

const engine = new Engine();
const grids = new Grids(inspect);
const status = find("#status", HTMLElement);
const cancel = find("#cancel", HTMLButtonElement);

/** @type {View | undefined} */
let shown;
/** Actions run one after another, in the order in which they were asked for. */
let last = Promise.resolve();
/** The sizes last painted for. */
let painted = "";

start();

function start() {
  controls.watch((what) => (what === "picture" ? repaint() : act("explaining anew", "Not explained", explain)));
  drop.watch(take);
  for (const id of ["stay-file", "model-file"]) watchFiles(find(`#${id}`, HTMLInputElement));
  find("#theme", HTMLButtonElement).addEventListener("click", () => {
    controls.switchTheme();
    repaint();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  cancel.addEventListener("click", () => {
    picker.cancel();
    engine.restart("cancelled").catch((error) => console.warn("the restarted engine refused what was last open", error));
  });
  watchSize();
  act("loading the engine and the demo network", "Not loaded", loadDemo, "loading");
}

/** The first visit: the demo network and its first stay, already explained. */
async function loadDemo() {
  const onnx = picker.ask(MODEL).then((response) => response.arrayBuffer());
  const demo = await picker.fill((picked) => act(`opening ${picked.name}`, "Not opened", () => openDemo(picked)));
  const stay = await picker.load(demo);
  await open({ model: { name: "in-hospital-mortality.onnx", onnx: await onnx }, stay, method: controls.method() });
}

/** @param {Demo} demo */
async function openDemo(demo) {
  try {
    await openOther({ stay: await picker.load(demo) });
  } finally {
    markOpen();
  }
}

/** @param {File[]} files dropped or picked */
function take(files) {
  if (files.length === 0) return;
  act(`opening ${files.map(({ name }) => name).join(", ")}`, "Not opened", async () => openOther(await drop.read(files)));
}

/**
 * Opens another stay or model. The form then says how it was explained: a number that was refused must not stand
 * beside a picture that was made without it.
 * @param {Pick<OpenRequest, "model" | "stay">} request
 */
async function openOther(request) {
  await open(shown?.method ? request : { ...request, method: controls.method() });
  if (shown?.method) controls.show(shown.method);
}

async function explain() {
  await open({ method: controls.method() });
}

/** Paints what is shown once more: no action of the user's, so an error that stands keeps standing. */
function repaint() {
  last = last.then(async () => {
    if (shown?.stay) await open({});
  }).catch((error) => console.warn("the pictures could not be painted anew", error));
}

/** @param {Omit<OpenRequest, "type" | "paint">} request */
async function open(request) {
  show(await engine.open({ ...request, paint: paint() }));
}

/** @returns {Paint} */
function paint() {
  const request = grids.request();
  painted = JSON.stringify(request);
  return { ...request, ...controls.picture() };
}

/** @param {View} view */
function show(view) {
  shown = view;
  find("#model-name", HTMLElement).textContent = view.model.name;
  report.showFacts(view.model);
  if (!view.stay) return;
  const { palette, part } = controls.picture();
  prediction.show(view.stay, markOpen(), part);
  prediction.nameColours(palette);
  report.showReport(view.stay, view.model);
  grids.show(view.stay, view.model);
}

function markOpen() {
  return picker.mark(shown?.stay);
}

/** Shows one cell; of cells passed over quickly, only the last. */
let inspecting = false;
async function inspect() {
  if (inspecting) return;
  inspecting = true;
  try {
    for (let done; done !== grids.cell && grids.cell; ) {
      done = grids.cell;
      const seen = await engine.inspect(done);
      if (seen) readout.show(seen);
    }
  } catch (error) {
    console.warn("the cell under the cursor could not be read", error);
  } finally {
    inspecting = false;
  }
}

/**
 * Runs one action after those before it, and says how it went.
 * @param {string} what is being done, for people
 * @param {string} otherwise how it is said to have failed
 * @param {() => Promise<void>} run
 * @param {"busy" | "loading"} [state]
 */
function act(what, otherwise, run, state = "busy") {
  last = last.then(async () => {
    document.body.dataset.state = state;
    status.textContent = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
    const patience = setTimeout(() => (cancel.hidden = false), CANCEL_AFTER);
    try {
      await run();
      errors.clear();
      settle("ready");
    } catch (error) {
      errors.show(otherwise, error instanceof Error ? error.message : String(error), {
        keeps: Boolean(shown?.stay),
        onClose: () => settle("ready"),
      });
      settle("error");
    } finally {
      clearTimeout(patience);
      cancel.hidden = true;
    }
  });
}

/** @param {"ready" | "error"} state */
function settle(state) {
  document.body.dataset.state = state;
  status.textContent = state === "error" ? "The last action failed" : "Drop a record or a model anywhere";
}

/** @param {HTMLInputElement} field */
function watchFiles(field) {
  field.addEventListener("change", () => {
    const files = [...(field.files ?? [])];
    // So that choosing the same file again, after it was corrected, is a change.
    field.value = "";
    take(files);
  });
}

/** Paints anew when the room for the pictures or the screen's density has changed. */
function watchSize() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  const observer = new ResizeObserver(() => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      if (JSON.stringify(grids.request()) !== painted) repaint();
    }, 100);
  });
  observer.observe(find("#pictures", HTMLElement));
}
