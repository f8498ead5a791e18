// `<vitrine-explainer>`: a stay explained, as an element of somebody else's page. docs/embedding.md is the contract.
//
// It runs in the host page's own origin and under the host's policy. Where the host must not see what is opened, or
// must not be trusted, the sandboxed frame is the way.

import { Engine } from "./engine.js";
import { t } from "./messages.js";
import { changed } from "./method-fields.js";
import { setShown } from "./shown.js";
import { isOfRecord, stateOf } from "./state.js";
import * as axis from "./view/axis.js";
import { Cells } from "./view/cells.js";
import { make } from "./view/dom.js";
import { cellUnder } from "./view/foot.js";
import { hex } from "./view/hex.js";
import { kindOf, meaningShown } from "./view/meaning.js";
import * as words from "./view/words.js";

/** @import { GridLayout, Method, ModelFacts, ModelFile, Paint, StayFile, StayView, TrustVerdict, View } from "./protocol.js" */
/** @import { Key } from "./messages.js" */
/** @import { Cell } from "./page.js" */

/** What a host may show of it. @typedef {{ outcome: string, probability: number, isProbability: boolean, threshold: number, predictedLabel: number, unit: string, mostLikely?: import("./protocol.js").Summary["mostLikely"], raising: import("./protocol.js").Finding[], lowering: import("./protocol.js").Finding[], raisingTogether?: import("../pkg/vitrine.js").JointFinding, loweringTogether?: import("../pkg/vitrine.js").JointFinding, assumed: import("./protocol.js").Summary["assumed"], coverage: import("./protocol.js").Coverage, residual: number, record: string, isOfRecord: boolean, state: import("./state.js").State | undefined }} Prediction */

/** The pictures in the page's order, with what stands over them. @type {readonly (readonly ["lrp" | "input" | "gradient", Key])[]} */
const PICTURES = [["lrp", "caption.effect"], ["input", "tab.input"], ["gradient", "caption.gradient"]];
const [ROW, TRACK, GROUP, CAPTION] = [17, 5, 20, 48];
/** How an element explains that nobody told how. @type {Method} */
const FIRST = { method: "deep-shap" };
/** How long nothing has to happen before the explanation is checked, in milliseconds. */
const IDLE = 1200;

const STYLE = `
  :host { display: block; container-type: inline-size; color-scheme: light dark;
    color: var(--vitrine-ink, CanvasText); background-color: var(--vitrine-paper, Canvas); font: var(--vitrine-font, 14px/1.45 system-ui, sans-serif); }
  :host([hidden]) { display: none; }
  :host([theme=light]) { color-scheme: light; }
  :host([theme=dark]) { color-scheme: dark; }
  article { position: relative; padding: var(--vitrine-space, 12px); font-variant-numeric: tabular-nums; }
  header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; }
  h2 { margin: 0; font-size: 1.05em; }
  output { font-size: 2em; line-height: 1.1; font-weight: 600; }
  p { margin: 6px 0; }
  .quiet, figcaption span, .legend, .note, .axis, footer, .labels b { color: var(--vitrine-quiet, color-mix(in srgb, currentColor 72%, transparent)); }
  figcaption, .legend, .note, footer, .labels, .axis, .card { font-size: 12px; line-height: 1.3; }
  .verdict { font-weight: 600; }
  .pictures { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 10px; align-items: start; }
  .labels { position: relative; margin-top: ${CAPTION}px; }
  .labels > * { position: absolute; left: 0; white-space: nowrap; line-height: 1; font-weight: 400; }
  .labels > span { left: 8px; }
  figure { margin: 0; min-width: 0; }
  figure:not([data-name=lrp]) { display: none; }
  figcaption { display: flex; flex-wrap: wrap; align-content: end; column-gap: 6px; height: ${CAPTION}px; overflow: hidden; }
  .plot { position: relative; width: max-content; max-width: 100%; }
  canvas { display: block; image-rendering: pixelated; max-width: 100%; }
  .cells { position: absolute; inset: 0; cursor: crosshair; touch-action: pan-y; }
  .cursor { position: absolute; outline: 1.5px solid; }
  .cursor.unset { outline: 0; }
  .cursor:focus-visible { outline: 2px solid; outline-offset: 1px; }
  .sr-only { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .axis { position: relative; height: 20px; }
  .axis span { position: absolute; top: 3px; transform: translateX(-50%); white-space: nowrap; }
  .axis span.first { transform: none; }
  .axis span.last { transform: translateX(-100%); }
  .legend { display: grid; grid-template-columns: auto auto; column-gap: 12px; width: max-content; max-width: 100%; }
  .legend canvas { grid-column: 1 / -1; }
  .legend span:nth-of-type(even) { text-align: right; }
  .note { margin: 2px 0 0; }
  .card { position: absolute; z-index: 1; display: grid; max-width: 300px; padding: 6px 9px; pointer-events: none; color: inherit; background: var(--vitrine-paper, Canvas); border: 1px solid; border-radius: 4px; }
  .card > b + span { font-size: 1.4em; font-weight: 600; }
  .card > :empty { display: none; }
  [role=alert]:empty, [hidden] { display: none; }
  [role=alert] { border-left: 3px solid; padding-left: 8px; }
  @container (min-width: 900px) {
    .pictures { grid-template-columns: max-content repeat(3, minmax(0, 1fr)); }
    figure:not([data-name=lrp]) { display: block; }
  }
`;

export class VitrineExplainer extends HTMLElement {
  static observedAttributes = ["model", "record", "palette", "scaling", "part", "track", "theme"];

  /** @type {Engine | undefined} */
  #engine;
  /** @type {View | undefined} */
  #view;
  /** What was set before the element stood in a document. @type {{ model?: ModelFile, stay?: StayFile, method?: Method }} */
  #asked = {};
  /** Openings run one after another. */
  #last = Promise.resolve();
  #width = 0;
  #observer = new ResizeObserver(() => this.#resized());
  #root = this.attachShadow({ mode: "open" });
  /** @type {Cells[]} */
  #cells = [];
  /** The cell that the card is of. @type {Cell | undefined} */
  #at;
  /** What the checks found of the explanation that is shown. @type {TrustVerdict | null} */
  #verdict = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** @type {AbortController | undefined} */
  #checking;
  #parts = {
    alert: Object.assign(make("p"), { role: "alert" }),
    name: make("h2"),
    outcome: make("span", { class: "quiet" }),
    probability: make("output"),
    rests: make("p", { class: "quiet" }),
    verdict: make("p", { class: "verdict" }),
    reading: make("p"),
    card: make("div", { class: "card" }, make("b"), make("span"), make("span", { class: "quiet" }), make("span"), make("b")),
    pictures: make("div", { class: "pictures" }),
    labels: make("div", { class: "labels" }),
  };

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    const { alert, name, outcome, probability, rests, verdict, reading, card, pictures, labels } = this.#parts;
    labels.ariaHidden = "true";
    // What it says is said of the cell by the picture itself, too.
    card.role = "status";
    card.hidden = true;
    verdict.hidden = true;
    pictures.append(labels, ...PICTURES.map(([key]) => this.#figure(key)));
    const notice = make("footer", {}, t("notice"));
    const article = make("article", {}, alert, make("header", {}, probability, outcome, name), rests, verdict, reading, pictures, card, notice);
    for (const [part, element] of Object.entries({ risk: probability, verdict, reading, card, pictures, notice })) element.setAttribute("part", part);
    this.#root.append(article);
    pictures.addEventListener("pointerleave", () => this.#hideCard());
    pictures.addEventListener("focusout", () => this.#hideCard());
  }

  connectedCallback() {
    // A host's policy may forbid workers, or the addresses of scripts.
    try {
      this.#engine ??= new Engine();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#observer.observe(this);
    if (this.#asked.model || this.#asked.stay) void this.#open(this.#asked);
  }

  disconnectedCallback() {
    this.#observer.disconnect();
    this.#rest();
    this.#engine?.stop();
    this.#engine = undefined;
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} value
   */
  attributeChangedCallback(name, before, value) {
    if (value === before) return;
    if (name === "model" || name === "record") {
      if (value) void this.#fetch(name, value);
    } else if (this.#view) {
      void this.#open({});
    }
  }

  /** An ONNX network: its bytes, or a file with what belongs to it. @param {ArrayBuffer | ModelFile} value */
  set model(value) {
    void this.load({ model: value });
  }

  /** A record: its text, or a file with a name and options. @param {string | StayFile} value */
  set record(value) {
    void this.load({ record: value });
  }

  /** Options of the explanation; what is not given stays. @param {Partial<Method>} value */
  set method(value) {
    try {
      void this.#open({ method: changed(this.#view?.method ?? this.#asked.method ?? FIRST, value, "method") });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What is predicted, or nothing as long as no stay is open. @returns {Prediction | undefined} */
  get prediction() {
    const view = this.#view;
    const stay = view?.stay;
    if (!stay) return undefined;
    const state = stateOf(view, { part: this.#part(), verdict: this.#verdict });
    const { outcome, probability, isProbability, threshold, predictedLabel, unit, mostLikely, raising, lowering, raisingTogether, loweringTogether, assumed, coverage } = stay.summary;
    return { outcome, probability, isProbability, threshold, predictedLabel, unit, mostLikely, raising, lowering, raisingTogether, loweringTogether, assumed, coverage, residual: stay.residual, record: stay.name, isOfRecord: isOfRecord(view), state };
  }

  /**
   * Opens a network, a record, or both together; the promise is kept when the pictures stand.
   * @param {{ model?: ArrayBuffer | ModelFile, record?: string | StayFile }} what
   * @returns {Promise<Prediction | undefined>}
   */
  async load({ model, record }) {
    /** @type {{ model?: ModelFile, stay?: StayFile }} */
    const request = {};
    if (model) request.model = model instanceof ArrayBuffer ? { name: "model.onnx", onnx: model } : model;
    if (record) request.stay = typeof record === "string" ? { name: "record", text: record } : record;
    await this.#open(request);
    return this.prediction;
  }

  /**
   * @param {"model" | "record"} what
   * @param {string} address
   */
  async #fetch(what, address) {
    try {
      const response = await fetch(new URL(address, document.baseURI));
      if (!response.ok) throw new Error(`${address}: the server answers ${response.status}`);
      const name = address.split("/").at(-1) ?? address;
      if (what === "model") await this.load({ model: { name, onnx: await response.arrayBuffer() } });
      else await this.load({ record: { name, text: await response.text() } });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {{ model?: ModelFile, stay?: StayFile, method?: Method }} request */
  #open(request) {
    this.#asked = { ...this.#asked, ...request };
    const engine = this.#engine;
    if (!engine) return Promise.resolve();
    this.#last = this.#last.then(async () => {
      // Before there is a network, a record waits for it.
      const all = this.#view ? request : { method: FIRST, ...this.#asked };
      if (!this.#view && !all.model) return;
      this.#rest();
      try {
        this.#show(await engine.open({ ...all, paint: this.#paint() }));
      } catch (error) {
        this.#fail(error);
      }
    });
    return this.#last;
  }

  #part() {
    return /** @type {NonNullable<Paint["part"]>} */ (this.getAttribute("part") ?? "both");
  }

  #scaling() {
    return /** @type {NonNullable<Paint["scaling"]>} */ (this.getAttribute("scaling") ?? "root");
  }

  /** @returns {Paint} */
  #paint() {
    const density = devicePixelRatio || 1;
    const styles = getComputedStyle(this);
    const shown = this.#root.querySelector("figure");
    this.#width = shown?.clientWidth || 480;
    return {
      width: Math.max(96, Math.floor(this.#width * density)),
      cellHeight: Math.round(ROW * density),
      track: this.#part() === "both" && this.getAttribute("track") !== "none" ? Math.round(TRACK * density) : 0,
      groupGap: Math.round(GROUP * density),
      line: Math.max(1, Math.round(density)),
      legendWidth: Math.round(140 * density),
      barHeight: Math.round(9 * density),
      totalsWidth: Math.round(60 * density),
      stepsHeight: Math.round(24 * density),
      palette: /** @type {NonNullable<Paint["palette"]>} */ (this.getAttribute("palette") ?? "puor"),
      scaling: this.#scaling(),
      part: this.#part(),
      background: hex(styles.backgroundColor),
      ink: hex(styles.color),
    };
  }

  /** @param {View} view */
  #show(view) {
    const isOther = JSON.stringify([view.of, view.method]) !== JSON.stringify([this.#view?.of, this.#view?.method]);
    this.#view = view;
    setShown(view);
    const { alert, name, outcome, probability, rests, reading } = this.#parts;
    alert.textContent = "";
    const { stay, model } = view;
    if (!stay) return;
    const { summary, layout } = stay;
    const isSaid = meaningShown(view) === "effect";
    name.textContent = stay.name;
    outcome.textContent = words.headline(stay);
    probability.textContent = words.output(summary.probability, summary);
    rests.textContent = [words.rests(summary.coverage), words.sureness(summary)].filter(Boolean).join(" ");
    reading.textContent = isSaid ? words.told(summary) : words.reading(stay);
    this.#name(model, layout);
    this.#cells.forEach((cells, at) => {
      const [key, title] = PICTURES[at] ?? PICTURES[0] ?? ["lrp", "caption.effect"];
      const caption = t(key === "lrp" && !isSaid ? `caption.${meaningShown(view) === "slope" ? "slope" : "magnitude"}` : title);
      const said = key === "lrp" ? t(`method.${/** @type {"lrp"} */ (kindOf(view.method))}`) : "";
      this.#draw(key, stay, [caption, said], isSaid);
      cells.describe(`${caption}, ${t("pane.size", { channels: model.channels.length, steps: model.steps })}`, model, layout);
      cells.place(this.#at ?? { row: layout.order[0] ?? 0, step: layout.firstStep }, model, layout, devicePixelRatio || 1, false);
    });
    if (isOther) this.#say(null);
    this.#hideCard();
    this.dispatchEvent(new CustomEvent("vitrine-prediction", { detail: this.prediction, bubbles: true, composed: true }));
    if (this.#verdict === null && isSaid && summary.coverage.charted > 0) this.#soon = setTimeout(() => void this.#check(), IDLE);
  }

  /**
   * The names of the rows and of their groups.
   * @param {ModelFacts} model
   * @param {GridLayout} layout
   */
  #name({ channels }, { tops, groups, height, cellHeight }) {
    const density = devicePixelRatio || 1;
    const standing = (/** @type {"b" | "span"} */ tag, /** @type {string} */ text, /** @type {number} */ top) => {
      const it = make(tag, {}, text);
      it.style.top = `${top}px`;
      return it;
    };
    const rows = channels.flatMap((channel, row) => {
      const top = tops[row];
      return top === undefined ? [] : [standing("span", words.channel(channel), top / density + (cellHeight / density - 12) / 2)];
    });
    const headings = groups.filter(({ name }) => name).map(({ name, top }) => standing("b", words.group(name), top / density - 15));
    const { labels } = this.#parts;
    labels.replaceChildren(...headings, ...rows);
    labels.style.height = `${height / density}px`;
    labels.style.width = `${Math.max(...channels.map((channel) => words.channel(channel).length)) + 1}ch`;
  }

  /**
   * A picture with its hours, its legend, and its cells for pointer and keyboard.
   * @param {string} key
   */
  #figure(key) {
    const grid = make("div", { class: "cells", role: "grid" });
    const [canvas, bar, hours] = [make("canvas"), make("canvas"), make("div", { class: "axis" })];
    canvas.dataset.grid = key;
    for (const it of [canvas, bar, hours]) it.ariaHidden = "true";
    const cells = new Cells(grid, { onKey: (event) => this.#press(event), onFocus: () => {} });
    this.#cells.push(cells);
    const point = (/** @type {PointerEvent} */ event) => this.#point(event, canvas);
    grid.addEventListener("pointermove", point);
    grid.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      point(event);
      cells.focus();
    });
    const element = make("figure", {}, make("figcaption", {}, make("b"), make("span")), make("div", { class: "plot" }, canvas, grid), hours,
      make("div", { class: "legend" }, bar, ...[1, 2, 3, 4].map(() => make("span"))), make("p", { class: "note" }));
    element.dataset.name = key;
    return element;
  }

  /**
   * @param {"lrp" | "input" | "gradient"} key
   * @param {StayView} stay
   * @param {[string, string]} caption
   * @param {boolean} isSaid whether the picture says what raised and lowered the output
   */
  #draw(key, { layout, pictures, isMagnitude }, [title, said], isSaid) {
    const element = this.#root.querySelector(`figure[data-name=${key}]`);
    const [canvas, bar] = element?.querySelectorAll("canvas") ?? [];
    const [hours, legend] = [element?.querySelector(".axis"), element?.querySelectorAll(".legend span, .note") ?? []];
    if (!element || !canvas || !bar || !(hours instanceof HTMLElement)) return;
    const density = devicePixelRatio || 1;
    const { bitmap, legend: colours, ticks } = pictures[key];
    draw(canvas, bitmap, density);
    draw(bar, colours, density);
    axis.show(hours, layout, this.#view?.model.stepHours ?? 1, density);
    const [name, how] = element.querySelectorAll("figcaption > *");
    if (name && how) [name.textContent, how.textContent] = [title, said];
    const isPlain = key !== "lrp" || isMagnitude;
    const [low, high] = key === "input" ? ["legend.input.low", "legend.input.high"] : isPlain ? ["legend.gradient.low", "legend.gradient.high"] : isSaid ? ["legend.lrp.low", "legend.lrp.high"] : ["legend.slope.low", "legend.slope.high"];
    const number = isPlain ? words.number : words.signedNumber;
    const model = this.#view?.model;
    const track = layout.tracks.some((height) => height > 0) ? t("track.legend") : "";
    const note = key === "input" && model ? `${words.marks()} ${words.tinted(model)}`
      : [track, words.scale(pictures[key], { scaling: this.#scaling(), isSigned: !isPlain })].filter(Boolean).join(" ");
    const texts = [number(ticks[0]), number(ticks[2]), t(/** @type {Key} */ (low)), t(/** @type {Key} */ (high)), note];
    legend.forEach((it, at) => (it.textContent = texts[at] ?? ""));
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  #point(event, canvas) {
    const layout = this.#view?.stay?.layout;
    if (!layout) return;
    const cell = cellUnder(event, canvas, layout, devicePixelRatio || 1);
    if (cell) this.#go(cell);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const layout = this.#view?.stay?.layout;
    const [down, across] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
    if (event.key === "Escape") this.#hideCard();
    if (!layout || down === undefined || across === undefined) return;
    event.preventDefault();
    const { row, step } = this.#at ?? { row: layout.order[0] ?? 0, step: layout.firstStep };
    const place = Math.max(0, Math.min(layout.order.length - 1, layout.order.indexOf(row) + down));
    this.#go({ row: layout.order[place] ?? row, step: Math.max(layout.firstStep, Math.min(layout.firstStep + layout.nSteps - 1, step + across)) });
  }

  /**
   * Stands the cursor on a cell, and shows what stands there.
   * @param {Cell} cell
   */
  #go(cell) {
    const { stay, model } = this.#view ?? {};
    const isSame = this.#at?.row === cell.row && this.#at.step === cell.step && this.#at.isFoot === cell.isFoot;
    if (!stay || !model || (isSame && !this.#parts.card.hidden)) return;
    this.#at = cell;
    setShown(this.#view);
    for (const cells of this.#cells) cells.place(cell, model, stay.layout, devicePixelRatio || 1, true);
    void this.#tell(cell).catch((error) => this.#fail(error));
  }

  /** @param {Cell} at */
  async #tell(at) {
    const seen = await this.#engine?.request("inspect", at);
    const [view, { card }] = [this.#view, this.#parts];
    if (!seen || !view || this.#at !== at) return;
    setShown(view);
    const without = card.lastElementChild;
    [...words.card(seen, at), ""].forEach((text, place) => {
      const line = card.children[place];
      if (line) line.textContent = text;
    });
    card.hidden = false;
    this.#stand();
    const output = await this.#engine?.request("without", at);
    setShown(this.#view);
    if (this.#at === at && output !== undefined && without) without.textContent = words.without(output, seen, view.stay?.summary);
  }

  /** Puts the card below its cell, within the element. */
  #stand() {
    const { card, pictures } = this.#parts;
    const cell = [...pictures.querySelectorAll(".cursor:not(.unset)")].map((it) => it.getBoundingClientRect()).find(({ width }) => width > 0);
    const box = card.parentElement?.getBoundingClientRect();
    if (!cell || !box) return;
    card.style.left = `${Math.max(0, Math.min(cell.left - box.left, box.width - card.offsetWidth))}px`;
    card.style.top = `${cell.bottom - box.top + 8}px`;
  }

  #hideCard() {
    this.#parts.card.hidden = true;
  }

  /** Checks the explanation by itself, as the page does: whatever is done meanwhile comes first. */
  async #check() {
    const [engine, view] = [this.#engine, this.#view];
    const controller = new AbortController();
    this.#checking = controller;
    try {
      const trust = await engine?.request("trust", {}, { signal: controller.signal, isPatient: true });
      if (!trust || this.#view !== view || controller.signal.aborted) return;
      setShown(view);
      this.#say(trust.verdict, words.verdict(trust));
      this.dispatchEvent(new CustomEvent("vitrine-verdict", { detail: { verdict: trust.verdict }, bubbles: true, composed: true }));
    } catch (error) {
      if (!controller.signal.aborted) this.#fail(error);
    }
  }

  #rest() {
    clearTimeout(this.#soon);
    this.#checking?.abort(new Error(t("cancelled")));
  }

  /**
   * @param {TrustVerdict | null} verdict
   * @param {string} [text]
   */
  #say(verdict, text = "") {
    this.#verdict = verdict;
    this.#parts.verdict.textContent = text;
    this.#parts.verdict.hidden = text === "";
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.alert.textContent = message;
    this.dispatchEvent(new CustomEvent("vitrine-error", { detail: { message }, bubbles: true, composed: true }));
  }

  #resized() {
    const width = this.#root.querySelector("figure")?.clientWidth ?? 0;
    // Hidden it has no width, and nothing is to be painted.
    if (this.#view?.stay && width > 0 && Math.abs(width - this.#width) > 1) void this.#open({});
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {number} density
 */
function draw(canvas, bitmap, density) {
  // Shown once more, it is drawn already.
  if (bitmap.width === 0) return;
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.style.width = `${bitmap.width / density}px`;
  canvas.style.height = `${bitmap.height / density}px`;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
}

if (!customElements.get("vitrine-explainer")) customElements.define("vitrine-explainer", VitrineExplainer);
