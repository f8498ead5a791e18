// `<vitrine-explainer>`: a stay explained, as an element of somebody else's page. docs/embedding.md is the contract.
//
// It runs in the host page's own origin and under the host's policy. Where the host must not see what is opened, or
// must not be trusted, the sandboxed frame is the way.

import { Engine } from "./engine.js";
import { isOfRecord, stateOf } from "./state.js";
import { make } from "./view/dom.js";
import { hex } from "./view/hex.js";

/** @import { Method, ModelFile, Paint, Picture, StayFile, View } from "./protocol.js" */

/** What a host may show of it. @typedef {{ outcome: string, probability: number, isProbability: boolean, threshold: number, predictedLabel: number, raising: import("./protocol.js").Finding[], lowering: import("./protocol.js").Finding[], raisingTogether?: import("./protocol.js").JointFinding, loweringTogether?: import("./protocol.js").JointFinding, assumed: import("./protocol.js").Summary["assumed"], coverage: import("./protocol.js").Coverage, residual: number, record: string, isOfRecord: boolean, state: import("./state.js").State | undefined }} Prediction */

const PICTURES = /** @type {const} */ ([["lrp", "Relevance"], ["input", "Input"], ["gradient", "Gradient"]]);
const NOTICE = "Research and education only. Not a medical device. Relevance is not causation.";
const ROW = 16;

const STYLE = `
  :host { display: block; container-type: inline-size; color-scheme: light dark;
    color: var(--vitrine-ink, CanvasText); background-color: var(--vitrine-paper, Canvas); font: var(--vitrine-font, 14px/1.45 system-ui, sans-serif); }
  :host([hidden]) { display: none; }
  :host([theme=light]) { color-scheme: light; }
  :host([theme=dark]) { color-scheme: dark; }
  article { padding: var(--vitrine-space, 12px); font-variant-numeric: tabular-nums; }
  header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; }
  h2 { margin: 0; font-size: 1.05em; }
  output { font-size: 1.3em; font-weight: 600; }
  p { margin: 6px 0; }
  .quiet, figcaption, footer { color: var(--vitrine-quiet, GrayText); }
  figcaption, footer, .labels { font-size: 12px; }
  .pictures { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 10px; align-items: start; }
  .labels { padding-top: 17px; position: relative; }
  .labels span { position: absolute; right: 0; white-space: nowrap; line-height: 1; }
  figure { margin: 0; min-width: 0; }
  figure:not([data-name=lrp]) { display: none; }
  canvas { display: block; image-rendering: pixelated; max-width: 100%; }
  .legend { display: flex; align-items: center; gap: 8px; margin-top: 6px; }
  [role=alert]:empty, [hidden] { display: none; }
  [role=alert] { border-left: 3px solid; padding-left: 8px; }
  @container (min-width: 900px) {
    .pictures { grid-template-columns: max-content repeat(3, minmax(0, 1fr)); }
    figure:not([data-name=lrp]) { display: block; }
  }
`;

export class VitrineExplainer extends HTMLElement {
  static observedAttributes = ["model", "record", "palette", "part", "theme"];

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
  #parts = {
    alert: Object.assign(make("p"), { role: "alert" }),
    name: make("h2"),
    outcome: make("span", { class: "quiet" }),
    probability: make("output"),
    reading: make("p"),
    pictures: make("div", { class: "pictures" }),
    labels: make("div", { class: "labels" }),
  };

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    const { alert, name, outcome, probability, reading, pictures, labels } = this.#parts;
    labels.ariaHidden = "true";
    pictures.append(labels, ...PICTURES.map(([key, title]) => figure(key, title)));
    const article = make("article", {}, alert, make("header", {}, name, outcome, probability), reading, pictures, make("footer", {}, NOTICE));
    for (const [part, element] of Object.entries({ risk: probability, reading, pictures, notice: article.lastElementChild })) {
      element?.setAttribute("part", part);
    }
    this.#root.append(article);
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
    const defaults = { epsilon: 0.01, biasFactor: 0, rule: "arras2017", gates: "all" };
    void this.#open({ method: /** @type {Method} */ ({ ...defaults, ...this.#view?.method, ...value }) });
  }

  /** What is predicted, or nothing as long as no stay is open. @returns {Prediction | undefined} */
  get prediction() {
    const view = this.#view;
    const stay = view?.stay;
    if (!stay) return undefined;
    const state = stateOf(view, { part: this.#part(), verdict: null });
    const { outcome, probability, isProbability, threshold, predictedLabel, raising, lowering, raisingTogether, loweringTogether, assumed, coverage } = stay.summary;
    return { outcome, probability, isProbability, threshold, predictedLabel, raising, lowering, raisingTogether, loweringTogether, assumed, coverage, residual: stay.residual, record: stay.name, isOfRecord: isOfRecord(view), state };
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
      const all = this.#view ? request : { method: { method: /** @type {const} */ ("deep-shap") }, ...this.#asked };
      if (!this.#view && !all.model) return;
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

  /** @returns {Paint} */
  #paint() {
    const density = devicePixelRatio || 1;
    const styles = getComputedStyle(this);
    const shown = this.#root.querySelector("figure");
    this.#width = shown?.clientWidth || 480;
    return {
      width: Math.max(96, Math.floor(this.#width * density)),
      cellHeight: Math.round(ROW * density),
      groupGap: Math.round(8 * density),
      line: Math.max(1, Math.round(density)),
      legendWidth: Math.round(140 * density),
      barHeight: Math.round(9 * density),
      totalsWidth: Math.round(60 * density),
      stepsHeight: Math.round(24 * density),
      palette: /** @type {NonNullable<Paint["palette"]>} */ (this.getAttribute("palette") ?? "puor"),
      part: this.#part(),
      background: hex(styles.backgroundColor),
      ink: hex(styles.color),
    };
  }

  /** @param {View} view */
  #show(view) {
    this.#view = view;
    const { alert, name, outcome, probability, reading, labels } = this.#parts;
    alert.textContent = "";
    const { stay, model } = view;
    if (!stay) return;
    const { summary, layout } = stay;
    name.textContent = stay.name;
    outcome.textContent = summary.outcome;
    probability.textContent = new Intl.NumberFormat(undefined, summary.isProbability ? { style: "percent", maximumFractionDigits: 1 } : {}).format(summary.probability);
    reading.textContent = [side("Raised by", summary.raising, summary.raisingTogether), side("Lowered by", summary.lowering, summary.loweringTogether)].filter(Boolean).join(" ");
    const density = devicePixelRatio || 1;
    labels.replaceChildren(...model.channels.map(({ label }) => make("span", {}, label)));
    labels.style.width = `${Math.max(...model.channels.map(({ label }) => label.length))}ch`;
    model.channels.forEach((_, row) => {
      const top = layout.tops[row];
      const label = labels.children[row];
      if (!(label instanceof HTMLElement)) return;
      label.hidden = top === undefined;
      if (top !== undefined) label.style.top = `${17 + top / density + (layout.cellHeight / density - 12) / 2}px`;
    });
    for (const [key] of PICTURES) drawFigure(this.#root.querySelector(`figure[data-name=${key}]`), stay.pictures[key], density, `${key} of ${stay.name}: ${model.channels.length} channels, ${model.steps} steps`);
    this.dispatchEvent(new CustomEvent("vitrine-prediction", { detail: this.prediction, bubbles: true, composed: true }));
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.alert.textContent = message;
    this.dispatchEvent(new CustomEvent("vitrine-error", { detail: { message }, bubbles: true, composed: true }));
  }

  #resized() {
    const width = this.#root.querySelector("figure")?.clientWidth ?? 0;
    if (this.#view?.stay && Math.abs(width - this.#width) > 1) void this.#open({});
  }
}

/**
 * @param {string} key
 * @param {string} title
 */
function figure(key, title) {
  const grid = make("canvas");
  grid.setAttribute("role", "img");
  const bar = make("canvas");
  bar.ariaHidden = "true";
  const low = make("span");
  const high = make("span");
  const element = make("figure", {}, make("figcaption", {}, title), grid, make("figcaption", { class: "legend" }, low, bar, high));
  element.dataset.name = key;
  return element;
}

/**
 * @param {HTMLElement | null} element
 * @param {Picture} picture
 * @param {number} density
 * @param {string} words
 */
function drawFigure(element, { bitmap, legend, ticks }, density, words) {
  const [grid, bar] = element?.querySelectorAll("canvas") ?? [];
  const [low, high] = element?.querySelectorAll(".legend span") ?? [];
  if (!grid || !bar || !low || !high) return;
  grid.ariaLabel = words;
  draw(grid, bitmap, density);
  draw(bar, legend, density);
  const format = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
  [low.textContent, high.textContent] = [format.format(ticks[0]), format.format(ticks[2])];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {number} density
 */
function draw(canvas, bitmap, density) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.style.width = `${bitmap.width / density}px`;
  canvas.style.height = `${bitmap.height / density}px`;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
}

/**
 * What did it, each alone or all together, in the words of the page.
 * @param {string} words
 * @param {import("./protocol.js").Finding[]} findings
 * @param {import("./protocol.js").JointFinding | undefined} together
 */
function side(words, findings, together) {
  if (together) return `${words} ${together.channels.join(", ")} together (without all of them ${percent(together.without)}); none alone is decisive.`;
  return findings.length ? `${words} ${findings.map(told).join(", ")}.` : "";
}

/** @param {import("./protocol.js").Finding} it */
function told({ channel, hours: [from, to], isOfMeasuring, without }) {
  return `${isOfMeasuring ? `that ${channel} was measured` : channel} (${from}–${to} h; without it ${percent(without)})`;
}

/** @param {number} share */
function percent(share) {
  return new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

if (!customElements.get("vitrine-explainer")) customElements.define("vitrine-explainer", VitrineExplainer);
