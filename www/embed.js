// The page as a pane of another: messages with the host page, in the envelope of SMART Web Messaging over a channel of
// their own. docs/embedding.md is the contract, version 1.
//
// The host is not asked who it is: the handshake goes, with the channel, to the origins of the allow-list alone, and the
// browser delivers it to nobody else. After that nothing is heard but what comes through the channel.

import { engine, onFailure, onShow, open, act, prepared, shown } from "./page.js";
import { t } from "./messages.js";
import { changed } from "./method-fields.js";
import { isOfRecord, stateOf } from "./state.js";
import * as controls from "./view/controls.js";
import * as face from "./view/face.js";
import * as paper from "./view/paper.js";
import { bytes, png, svg } from "./view/taking.js";
import * as trust from "./view/trust.js";

/** @import { View } from "./protocol.js" */

export const VERSION = 1;

/** @typedef {{ messagingHandle?: string, messageId: string, messageType: string, payload?: any }} Envelope */

/** @type {MessagePort | undefined} */
let port;
let handle = "";
/** The origin that the channel was delivered to. */
let host = "";
/** Whether the embedding asked, when it loaded this page, to be told of files that the reader opens, too. */
let sharesOwn = false;
/** The records that the host opened, by their numbers. @type {Set<number>} */
const given = new Set();
/** Why the page could not begin: news to a host that shakes hands later. @type {object | undefined} */
let failed;
/** Most requests that wait for their answers at a time. */
const WAITING_MAX = 64;
/** How many wait now. */
let waiting = 0;
/** How many of the host's own openings are under way. */
let asking = 0;
/** Of the page, in CSS pixels. */
let height = 0;
/** @type {Set<() => void>} */
const hostListeners = new Set();

/** Offers a channel to the host, where there is one. */
export function start() {
  if (window.parent === window) return;
  const asked = new URLSearchParams(location.hash.slice(1));
  handle = asked.get("handle") ?? "";
  sharesOwn = asked.get("share") === "opened";
  document.documentElement.dataset.embedded = "";
  onShow(tellPrediction);
  // What a file of the reader's own holds is not the host's to know: then only that something failed.
  onFailure(({ outcome, message, isLoading }) => {
    const isTold = sharesOwn || isLoading || asking > 0;
    const told = isTold ? { outcome, message } : { outcome };
    if (isLoading) failed = told;
    port?.postMessage(envelope("vitrine.error", told));
  });
  face.watch({
    // Where the reader looks in a file of their own is not the host's to know either.
    cursor: (place) => isShared(shown()) && port?.postMessage(envelope("vitrine.cursor", place)),
    height: (pixels) => {
      height = pixels;
      port?.postMessage(envelope("vitrine.height", { height }));
    },
  });
  for (const origin of allowed()) offer(origin);
}

/**
 * Calls back when a host is there.
 * @param {() => void} listener
 */
export function onHost(listener) {
  hostListeners.add(listener);
}

/** Who embeds this page, and what it is told of; nothing where nobody does. */
export function connected() {
  return host ? { host, sharesOwn } : undefined;
}

/**
 * Whether the host may know what is shown: what it opened itself and what came with the page, and the reader's own files
 * only where it asked for them at load, which the page then says.
 * @param {View | undefined} view
 */
function isShared(view) {
  // A map from elsewhere is the reader's own file, too.
  return sharesOwn || (view?.foreign === undefined && (view?.stay?.isDemo === true || (view !== undefined && given.has(view.of.record))));
}

/** The origins that may embed this page, as its own HTML says; `self` is where the page itself comes from. */
function allowed() {
  const text = document.querySelector("meta[name=vitrine-hosts]")?.getAttribute("content") ?? "self";
  return text.split(/\s+/).filter(Boolean).map((origin) => (origin === "self" ? location.origin : origin));
}

/**
 * One channel for each origin; the one that is delivered is answered, the others are never heard of again.
 * @param {string} origin
 */
function offer(origin) {
  if (!/^https?:\/\//.test(origin)) return;
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    if (port && port !== channel.port1) return;
    port = channel.port1;
    if (host !== origin) {
      host = origin;
      for (const listener of hostListeners) listener();
    }
    void receive(data);
  };
  const handshake = envelope("status.handshake", { version: VERSION, name: "vitrine" });
  window.parent.postMessage(handshake, origin, [channel.port2]);
}

/**
 * @param {string} messageType
 * @param {unknown} payload
 */
function envelope(messageType, payload) {
  return { messagingHandle: handle, messageId: crypto.getRandomValues(new Uint32Array(4)).join("-"), messageType, payload };
}

/** @param {unknown} message */
async function receive(message) {
  if (!isEnvelope(message)) return;
  const { messageId, messageType, payload } = message;
  // The host's answer to the handshake carries no type; what is open already is news to it.
  if ("responseToMessageId" in message) {
    port?.postMessage(envelope("vitrine.height", { height }));
    if (failed) port?.postMessage(envelope("vitrine.error", failed));
    return tellPrediction(shown());
  }
  if (handle && message.messagingHandle !== handle) return answer(messageId, { status: "error", error: { message: "the messaging handle is not the one that this page was opened with" } });
  if (waiting === WAITING_MAX) return answer(messageId, { status: "error", error: { message: `${WAITING_MAX} requests wait for their answers; ask again when some have come` } });
  waiting += 1;
  try {
    const run = Object.hasOwn(REQUESTS, messageType) ? REQUESTS[messageType] : undefined;
    if (!run) throw new Error(`the message type "${String(messageType).slice(0, 60)}" is not known; version ${VERSION} knows ${Object.keys(REQUESTS).join(", ")}`);
    answer(messageId, { status: "ok", ...(await run(payload ?? {})) });
  } catch (error) {
    answer(messageId, { status: "error", error: { message: error instanceof Error ? error.message : String(error) } });
  } finally {
    waiting -= 1;
  }
}

/**
 * @param {unknown} message
 * @returns {message is Envelope}
 */
function isEnvelope(message) {
  return typeof message === "object" && message !== null && "messageId" in message;
}

/**
 * @param {string} responseToMessageId
 * @param {object} payload
 */
function answer(responseToMessageId, payload) {
  port?.postMessage({ ...envelope("", payload), messageType: undefined, responseToMessageId, additionalResponsesExpected: false });
}

/** @type {Record<string, (payload: any) => object | Promise<object>>} */
const REQUESTS = {
  "status.handshake": () => ({ version: VERSION, name: "vitrine" }),
  "vitrine.model.load": ({ name = "model.onnx", onnx, manifest, externalData }) => {
    if (!(onnx instanceof ArrayBuffer)) throw new Error("payload.onnx: give the ONNX file as an ArrayBuffer");
    return opened({ model: { name: String(name), onnx, manifest: manifest && text(manifest), externalData } });
  },
  "vitrine.stay.load": ({ name = "record", text: given, resource, options, trueLabel }) => {
    const record = given ?? resource;
    if (record === undefined) throw new Error("payload.text: give the record as text, or a FHIR resource as payload.resource");
    return opened({ stay: { name: String(name), text: text(record), options, trueLabel } });
  },
  "vitrine.method.set": async (method) => {
    const next = changed(shown()?.method ?? controls.method(), method, "payload");
    const answer = await opened({ method: next });
    controls.show(next);
    return answer;
  },
  "vitrine.theme.set": ({ theme }) => {
    if (!["light", "dark", "system"].includes(theme)) throw new Error('payload.theme: is not one of "light", "dark", "system"');
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    return opened({});
  },
  "vitrine.view.set": async (asked) => {
    if (typeof asked !== "object" || Array.isArray(asked)) throw new Error("payload: give what is to be set as an object");
    await face.set(asked);
    return opened({});
  },
  "vitrine.prediction.get": () => ({ prediction: prediction(shown()) }),
  "vitrine.export": async ({ kind, ...context }) => {
    const make = Object.hasOwn(EXPORTS, kind) ? EXPORTS[kind] : undefined;
    if (!make) throw new Error(`payload.kind: is not one of ${Object.keys(EXPORTS).join(", ")}`);
    const { type, name, run } = make;
    // What follows the last change has to be on screen first.
    await prepared();
    if (!isShared(shown())) throw new Error("the reader has opened a file of their own, which is not this page's to take; load the frame with #share=opened where readers are to share what they open");
    return { type, name, content: await run(context) };
  },
};

/** @type {Record<string, { type: string, name: string, run: (context: any) => Promise<string | Uint8Array> }>} */
const EXPORTS = {
  "risk-assessment": { type: "application/fhir+json", name: "risk-assessment.json", run: assess },
  csv: { type: "text/csv", name: "vitrine.csv", run: () => engine.request("takeCsv", undefined) },
  svg: { type: "image/svg+xml", name: "vitrine.svg", run: svg },
  png: { type: "image/png", name: "vitrine.png", run: async () => bytes(await png()) },
  report: { type: "text/html", name: "vitrine-report.html", run: () => paper.file() },
  view: { type: "application/json", name: "vitrine-view.json", run: () => engine.request("takeJson", undefined) },
};

/** What a host may say of an assessment: when, of whom, of which output. How it was explained is not the host's to say. */
const ASSESSMENT = ["recorded", "subject", "target"];

/** @param {Record<string, any>} context */
function assess(context) {
  for (const key of Object.keys(context)) {
    if (!ASSESSMENT.includes(key)) throw new Error(`payload.${key}: is not one of kind, ${ASSESSMENT.join(", ")}`);
  }
  return engine.request("riskAssessment", context);
}

/** @param {unknown} given */
function text(given) {
  return typeof given === "string" ? given : JSON.stringify(given);
}

/**
 * Opens something as the user would, in turn, and gives the new prediction.
 * @param {Parameters<typeof open>[0]} request
 * @returns {Promise<object>}
 */
function opened(request) {
  const what = request.stay?.name ?? request.model?.name ?? t("explaining");
  return new Promise((resolve, reject) => {
    act(t("opening", { what }), t("failed.open"), async ({ signal }) => {
      asking += 1;
      try {
        const method = request.method ?? (shown()?.method ? undefined : controls.method());
        // Noted before it is shown: what is shown is told at once.
        await open(method ? { ...request, method } : request, { signal, onOpened: ({ of }) => (request.stay || request.model ? given.add(of.record) : given) });
        resolve({ prediction: prediction(shown()) });
      } catch (error) {
        reject(error);
        throw error;
      } finally {
        // After it was told.
        setTimeout(() => (asking -= 1));
      }
    });
  });
}

/** @param {View | undefined} view */
function tellPrediction(view) {
  if (!port || !(view?.stay || view?.alone)) return;
  if (isShared(view)) port.postMessage(envelope("vitrine.prediction", { prediction: prediction(view) }));
  else port.postMessage(envelope("vitrine.withheld", { reason: "the reader has opened a file of their own" }));
}

/**
 * What a host may show of it: the numbers as the engine gave them.
 * @param {View | undefined} view
 */
function prediction(view) {
  if (!view?.stay || !isShared(view)) return undefined;
  const { name, isDemo, summary, residual, report } = view.stay;
  const { outcome, probability, isProbability, threshold, predictedLabel, unit, mostLikely, raising, lowering, raisingTogether, loweringTogether, assumed, coverage } = summary;
  const { rows, rowsRead, source } = report;
  return {
    model: view.model.name,
    stay: { name, isDemo, rows, rowsRead, source },
    outcome, probability, isProbability, threshold, predictedLabel, unit, mostLikely, raising, lowering, raisingTogether, loweringTogether, assumed, coverage, residual,
    isOfRecord: isOfRecord(view),
    state: stateOf(view, { part: controls.part(), verdict: trust.verdict() ?? null }),
    notice: t("notice"),
  };
}
