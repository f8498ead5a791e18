// The page of one stay: what the user does, one thing after another, and what it shows. What other views share with it
// is in page.js.

import { latest } from "./latest.js";
import { LANGUAGES, isLanguage, language, onLanguage, setLanguage, t } from "./messages.js";
import { act, addView, cursor, demoNetwork, engine, onCursor, onShow, onView, open, openView, repaint, setPaint, showView, shown } from "./page.js";
import * as quickly from "./quick.js";
import * as outside from "./outside.js";
import * as settings from "./settings.js";
import { earlyBytes } from "./starting.js";
import * as arrangement from "./view/arrangement.js";
import * as controls from "./view/controls.js";
import * as card from "./view/card.js";
import * as alone from "./view/alone.js";
import * as course from "./view/course.js";
import { find, make } from "./view/dom.js";
import * as face from "./view/face.js";
import * as drop from "./view/drop.js";
import * as effects from "./view/effects.js";
import { Grids } from "./view/grids.js";
import * as help from "./view/help.js";
import * as image from "./view/image.js";
import * as menu from "./view/menu.js";
import * as methods from "./view/methods.js";
import * as picker from "./view/picker.js";
import * as prediction from "./view/prediction.js";
import * as reference from "./view/reference.js";
import * as readout from "./view/readout.js";
import * as reading from "./view/reading.js";
import * as report from "./view/report.js";
import * as strip from "./view/strip.js";
import * as table from "./view/table.js";
import * as account from "./view/account.js";
import * as compare from "./view/compare.js";
import * as cohort from "./view/cohort.js";
import * as replay from "./view/replay.js";
import * as taking from "./view/taking.js";
import * as text from "./view/text.js";
import * as tools from "./view/tools.js";
import * as tour from "./view/tour.js";
import * as trust from "./view/trust.js";
import * as verdict from "./view/verdict.js";
import { Remediable } from "./view/errors.js";
import { unpacked } from "./view/unpack.js";
import * as whatif from "./view/whatif.js";
import * as words from "./view/words.js";

/** @import { Cell } from "./page.js" */
/** @import { Glanced, ModelFile, OpenRequest, Progress, StayFile, View } from "./protocol.js" */
/** @import { Opened } from "./view/drop.js" */
/** @import { Demo } from "./view/picker.js" */

/**
 * The network that the page begins with, and those of other training seeds, shown together with it. A file of one's own
 * names its own.
 */
const [MODEL = "", ...SEEDS] = find("meta[name=vitrine-network]", HTMLMetaElement).content.split(" ");

// Takes back what index.html says of scripts that do not run.
document.documentElement.dataset.scripted = "";

const grids = new Grids();
/** The network that the page begins with, as far as it has come. @type {Promise<ModelFile> | undefined} */
let home;
/** The sizes last painted for; none before the first picture. */
let painted = "";

/** Reads the cell under the cursor. */
const inspect = latest(async (/** @type {Cell} */ cell) => {
  const seen = await engine.request("inspect", cell);
  if (!seen) return;
  readout.show(seen, cell.row);
  card.show(seen, cell);
}, (error) => console.warn("the cell under the cursor could not be read", error));

start();

function start() {
  face.start();
  startLanguage();
  controls.startTheme();
  addView({ id: "stay", label: "view.stay", element: find("#view-stay", HTMLElement) });
  setPaint(() => {
    const request = grids.request();
    painted = JSON.stringify(request);
    return { ...request, ...controls.picture() };
  });
  onShow(show);
  onView(nameNetwork);
  quickly.setSight(sight);
  quickly.onGlance(glance);
  onCursor((cell) => {
    grids.mark(cell);
    inspect(cell);
  });
  for (const view of [strip, card, alone, reading, course, help, table, tools, tour, effects, trust, verdict, account, whatif, replay, compare, cohort, taking, text, image]) view.start();
  controls.watch((what) => (what === "picture" ? repaint() : act(t("explaining"), t("failed.explain"), explain)));
  find("#as-paper", HTMLButtonElement).addEventListener("click", () => {
    controls.switchPaper();
    act(t("explaining"), t("failed.explain"), explain);
  });
  drop.watch(take);
  for (const id of ["stay-file", "model-file"]) watchFiles(find(`#${id}`, HTMLInputElement));
  menu.watch(find("#export", HTMLDetailsElement));
  const more = find("#more-open", HTMLButtonElement);
  more.addEventListener("click", () => (more.ariaExpanded = String(more.ariaExpanded !== "true")));
  find("#theme", HTMLButtonElement).addEventListener("click", () => {
    controls.switchTheme();
    repaint();
  });
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", repaint);
  }
  watchSize();
  outside.start();
  act(t("loading"), t("failed.load"), ({ signal }) => loadDemo(signal), "loading");
}

/** Says index.html's own words in the reader's language, and offers the others. */
function startLanguage() {
  const choice = find("#language", HTMLSelectElement);
  choice.replaceChildren(...Object.entries(LANGUAGES).map(([code, name]) => {
    return make("option", { value: code, lang: code }, name);
  }));
  setLanguage(language());
  choice.value = language();
  controls.localise();
  choice.addEventListener("change", () => {
    settings.set({ lang: choice.value });
    if (isLanguage(choice.value)) setLanguage(choice.value);
  });
  onLanguage(() => {
    controls.localise();
    picker.name();
    repaint();
  });
}

/**
 * The first visit: the demo network and its first stay, already explained.
 * @param {AbortSignal} signal
 */
async function loadDemo(signal) {
  const file = async (/** @type {string} */ path) => {
    const onnx = (await earlyBytes(path, signal)) ?? (await (await picker.ask(path, signal)).arrayBuffer());
    return { name: path.replace("models/", ""), onnx };
  };
  const first = file(MODEL);
  const further = Promise.all(SEEDS.map(file));
  home = Promise.all([first, further]).then(([model, others]) => (others.length > 0 ? { ...model, others } : model));
  // Where the first picture fails, nobody waits for them.
  for (const it of [further, home]) it.catch(() => {});
  // As a pane of a chart the page has no patients of its own: it waits for its host's.
  if (face.isStay()) {
    await open({ model: await home, method: controls.method() }, { signal });
    find("#title", HTMLElement).textContent = t("face.waiting");
    return;
  }
  const beginning = await picker.fill(signal, pick);
  const stay = await picker.load(picker.named(settings.get("stay")) ?? beginning, signal);
  const model = await first;
  await open({ model, stay, method: controls.method() }, { signal });
  tools.restore();
  openView(settings.get("view") ?? "stay");
  settings.onReturn(goBack);
  if (SEEDS.length === 0) return;
  // The first picture does not wait for the others; what all of them agree on follows. Each is read by itself, so that what
  // the first picture asks for is answered in between.
  for (const it of await further) {
    // Who opened something else meanwhile does not wait for them either.
    signal.throwIfAborted();
    await engine.request("prepare", it);
  }
  const all = await home;
  await open({ model: all }, { signal });
}

/** @param {Demo} picked */
function pick(picked) {
  act(t("opening", { what: picked.name }), t("failed.open"), (action) => openDemo(picked, action.signal));
}

/** Shows the view and the demo stay that the address names. How it is explained stays as it is. */
function goBack() {
  const [view, wanted] = [settings.get("view") ?? "stay", settings.get("stay")];
  // The address names no record of one's own: where it names no stay, such a one stays open.
  const demo = wanted === undefined && shown()?.stay?.isDemo === false ? undefined : picker.named(wanted);
  controls.keep();
  if (view !== document.body.dataset.view) openView(view);
  if (demo && demo.file !== shown()?.stay?.name) pick(demo);
}

/**
 * @param {Demo} demo
 * @param {AbortSignal} signal
 */
async function openDemo(demo, signal) {
  try {
    const stay = await picker.load(demo, signal);
    await openOther({ stay }, signal).catch((error) => {
      throw isHome() || signal.aborted || !home ? error : new Remediable(t("both.why", { stay: picker.title(stay) }), { label: t("both"), run: () => openBoth(stay) });
    });
  } finally {
    picker.mark(shown()?.stay);
  }
}

/** Whether the network that is open is the one that the page began with, as its file has it. */
function isHome() {
  const { model } = engine.opened;
  return model?.name === MODEL.replace("models/", "") && model.manifest === undefined;
}

/**
 * Opens a demo stay with the network that the page began with.
 * @param {StayFile} stay
 */
function openBoth(stay) {
  act(t("opening", { what: picker.title(stay) }), t("failed.open"), async ({ signal }) => {
    await openOther({ stay, model: await home }, signal);
  });
}

/** @param {File[] | Promise<File[]>} given dropped or picked */
async function take(given) {
  const files = await given;
  if (files.length === 0) return;
  const what = files.length > 3 ? t("files", { count: files.length }) : files.map(({ name }) => name).join(", ");
  act(t("opening", { what }), t("failed.open"), async (action) => {
    drop.refuseForeign(files);
    const { files: inner, leftOut } = await unpacked(files, action.signal);
    const was = JSON.stringify(shown()?.of);
    const said = await openFiles(inner, action, leftOut);
    // Whatever view they were dropped on: what was opened is what is seen, but for many stays, which have a view of their own.
    if (JSON.stringify(shown()?.of) !== was) showView("stay");
    return said;
  });
}

/**
 * @param {File[]} files
 * @param {import("./page.js").Action} action
 * @param {string[]} leftOut what could not be taken out of archives
 */
async function openFiles(files, action, leftOut) {
  if (leftOut.length === 0 && (await drop.isOverlay(files))) return layOver(await drop.read(files), action.signal);
  if (!(await drop.offer(files, action, leftOut))) await openOther(await drop.read(files), action.signal);
}

/**
 * Opens another stay or model, or lays a manifest over the model that is open. The form then says how it was explained: a
 * number that was refused must not stand beside a picture that was made without it.
 * @param {Opened} opened
 * @param {AbortSignal} signal
 */
async function openOther({ model, stay, manifest }, signal) {
  /** @type {OpenRequest} */
  const request = { model: manifest ? laidOver(manifest) : model, stay, isAlone: true };
  await open(shown()?.method ? request : { ...request, method: controls.method() }, { signal });
  const method = shown()?.method;
  if (method) controls.show(method);
  arrangement.refit();
}

/**
 * Lays a manifest over the model that is open, and says so.
 * @param {Opened} opened
 * @param {AbortSignal} signal
 */
async function layOver(opened, signal) {
  await openOther(opened, signal);
  const { name = "", text = "" } = opened.manifest ?? {};
  const count = text.split(`"${words.TO_BE_FILLED}`).length - 1;
  return t(count > 0 ? "manifest.left" : "manifest.laid", { name, model: shown()?.model.file ?? "", count });
}

/**
 * The model that is open, with another manifest.
 * @param {NonNullable<Opened["manifest"]>} manifest
 * @returns {ModelFile}
 */
function laidOver({ name, text }) {
  const { model } = engine.opened;
  if (!model) throw new Error(t("manifest.alone", { name }));
  return { ...model, manifest: text, manifestName: name };
}

/** @param {import("./page.js").Action} action */
async function explain({ signal, tell }) {
  const key = controls.kind() === "shapley" ? "method.progress.runs" : "method.progress";
  const onProgress = (/** @type {Progress} */ { done, total }) => tell(t(key, { done, total }), total ? done / total : 0);
  try {
    await reference.prepare(signal);
    await open({ method: controls.method() }, { signal, onProgress });
  } catch (error) {
    // Given up: the form says again how what is seen was explained.
    const method = shown()?.method;
    if (signal.aborted && method) controls.show(method);
    throw error;
  }
}

/** @param {View} view */
function show(view) {
  nameNetwork();
  // The form may follow later: a saved view brings a method of its own.
  const isPaper = view.foreign === undefined && methods.kindOf(view.method) === "lrp" && controls.part() === "value";
  methods.showCaption(view, isPaper);
  if (view.fallback && view.method) controls.show(view.method);
  report.showFacts(view.model);
  controls.offerTargets(view.model, view.method);
  if (!view.stay) return;
  prediction.show(view.stay, picker.mark(view.stay));
  const isFirst = picker.slug(view.stay) === picker.slug({ name: picker.named(undefined)?.file ?? "", isDemo: true });
  settings.go({ stay: isFirst ? undefined : picker.slug(view.stay) });
  prediction.nameColours(controls.palette());
  prediction.showPaper(isPaper, view.fallback);
  controls.noteScales(view.stay, view.of.model);
  report.showReport(view.stay, view.model);
  grids.show(view.stay, view.model);
}

/** Says which network is shown: a demo of another has its own, whatever network is open. */
function nameNetwork() {
  const { model } = shown() ?? {};
  const named = model ? words.network(model) : "";
  const file = model?.manifest.file;
  find("#model-name", HTMLElement).textContent = demoNetwork() ?? (file ? t("model.manifest", { model: named, file }) : named);
}

/** What a glance has to show: nothing where it would not do, since more than the pictures is in sight, or rows move. */
function sight() {
  if (controls.isByRelevance() || table.isOpen() || document.body.dataset.view !== "stay") return undefined;
  const [{ slots, numbers }, chart, cell] = [grids.sight(), course.sight(), cursor() ?? whatif.sight()];
  /** @type {import("./protocol.js").Slot[]} */
  const all = chart ? [...slots, "course"] : slots;
  return { slots: all, numbers, course: chart, cell: cell && /** @type {[number, number]} */ ([cell.row, cell.step]) };
}

/** @param {Glanced} glance */
function glance(glance) {
  prediction.glance(glance.summary);
  grids.glance(glance);
  course.glance(glance);
  controls.noteEnds(glance.scales, glance.isMagnitude, glance.knownSteps);
  const at = cursor();
  if (glance.cell && at) {
    readout.glance(glance.cell, at.row);
    card.show(glance.cell, at);
  }
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
      const isVisible = find("#pictures", HTMLElement).offsetParent !== null;
      // Before the first picture there is nothing to be painted anew.
      if (painted && isVisible && JSON.stringify(grids.request()) !== painted) repaint();
    }, 100);
  });
  observer.observe(find("#pictures", HTMLElement));
}
