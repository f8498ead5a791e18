// A handwritten digit, what raised and lowered its score, where a change would matter, and what the network would like
// to see: gradient saliency and class-model visualisation of a small convolutional network, all computed by the engine.

import { onLanguage, t } from "../messages.js";
import { act, addView, engine, onShow } from "../page.js";
import * as controls from "./controls.js";
import { make, say } from "./dom.js";
import { draw } from "./grids.js";
import * as picker from "./picker.js";
import * as words from "./words.js";

/** @import { ClassPicture, DemoModel, DemoPicture, ReadImage } from "../protocol.js" */

const MODEL = "models/digits.onnx";
const IMAGES = "images/digits.json";
const SIZE = 160;

/** @typedef {{ label: number, ink: number[] }} Image */

const list = make("p", { class: "digits" });
const classes = make("p", { class: "classes" });
const said = make("p");
const pictures = make("div", { class: "digit-pictures" });
const account = make("p", { class: "quiet small" });
/** @type {Promise<{ model: DemoModel, images: Image[] }> | undefined} */
let loaded;
let chosen = 0;
/** @type {number | undefined} */
let target;
let isOpen = false;
/** The colours last painted with. */
let painted = "";

export function start() {
  const view = make("section", { class: "demo" });
  const heading = say("h2", "image.choose");
  const about = say("p", "image.about", { class: "quiet small" });
  view.append(heading, list, said, classes, pictures, account, about);
  addView({ id: "image", label: "view.image", element: view, network: MODEL.replace("models/", ""), onOpen: open });
  picker.addDemo({ id: "image", label: "demo.image" });
  onLanguage(() => isOpen && show());
  onShow(() => isOpen && JSON.stringify(colours()) !== painted && show());
}

function open() {
  isOpen = true;
  if (!pictures.childElementCount) show();
}

function colours() {
  const { palette, background, ink } = controls.picture();
  return { palette, background, ink };
}

function show() {
  act(t("explaining"), t("failed.explain"), async ({ signal }) => {
    loaded ??= load(signal);
    const { model, images } = await loaded.catch((error) => {
      loaded = undefined;
      throw error;
    });
    const image = images[chosen];
    if (!image) throw new Error(`${IMAGES}: lists no image`);
    painted = JSON.stringify(colours());
    const cell = Math.round((SIZE / 8) * devicePixelRatio);
    const request = { model, ink: image.ink, target, cell, line: Math.max(1, Math.round(1.5 * devicePixelRatio)), colours: colours() };
    const read = await engine.request("image", request, { signal });
    const ideal = await engine.request("classPicture", { model, target: read.target, cell, colours: colours() }, { signal });
    await offer(model, images, signal);
    tell(image, read, ideal);
  });
}

/** @param {AbortSignal} signal */
async function load(signal) {
  const [onnx, images] = await Promise.all([
    picker.ask(MODEL, signal).then((response) => response.arrayBuffer()),
    picker.ask(IMAGES, signal).then((response) => response.json()),
  ]);
  return { model: { name: MODEL, onnx }, images };
}

/**
 * Small pictures to choose from, in the colours of the page.
 * @param {DemoModel} model
 * @param {Image[]} images
 * @param {AbortSignal} signal
 */
async function offer(model, images, signal) {
  const density = Math.max(1, Math.round(devicePixelRatio));
  const buttons = [];
  for (const [index, { label, ink }] of images.entries()) {
    const { ink: { bitmap } } = await engine.request("image", { model, ink, cell: 4 * density, line: 1, colours: colours() }, { signal });
    const canvas = make("canvas");
    draw(canvas, bitmap, density);
    const press = () => {
      [chosen, target] = [index, undefined];
      show();
    };
    const ariaLabel = t("image.digit", { digit: String(label), number: String(index + 1) });
    buttons.push(make("button", { data: { image: String(index) }, ariaLabel, ariaPressed: String(index === chosen), press }, canvas));
  }
  const focused = list.contains(document.activeElement) ? chosen : undefined;
  list.replaceChildren(...buttons);
  if (focused !== undefined) buttons[focused]?.focus();
}

/**
 * @param {Image} image
 * @param {ReadImage} read
 * @param {ClassPicture} ideal
 */
function tell(image, read, ideal) {
  const name = read.classes[read.target]?.name ?? "";
  said.textContent = t("image.said", { label: String(image.label), name, share: words.percent(read.classes[read.target]?.probability ?? 0) });
  const hadFocus = classes.contains(document.activeElement);
  const buttons = read.classes.map(({ name, probability }, index) => {
    const press = () => {
      target = index;
      show();
    };
    return make("button", { data: { target: String(index) }, ariaPressed: String(index === read.target), press }, `${name}: ${words.percent(probability)}`);
  });
  classes.replaceChildren(make("span", { class: "quiet" }, t("image.explain")), ...buttons);
  if (hadFocus) buttons[read.target]?.focus();
  pictures.replaceChildren(
    figure("ink", read.ink, t("image.ink"), ""),
    figure("relevance", read.relevance, t("image.relevance", { name }), `±${words.number(read.relevance.limit)}`),
    figure("gradient", read.gradient, t("image.gradient", { name }), `0 – ${words.number(read.gradient.limit)}`),
    figure("class", ideal.picture, t("image.class", { name }), words.percent(ideal.probability)),
  );
  account.textContent = t("image.account", { score: words.signedNumber(read.score), residual: words.number(read.residual) });
}

/**
 * @param {string} id
 * @param {DemoPicture} picture
 * @param {string} caption
 * @param {string} scale
 */
function figure(id, { bitmap }, caption, scale) {
  const canvas = make("canvas", { data: { demo: id }, role: "img", ariaLabel: caption });
  draw(canvas, bitmap, devicePixelRatio);
  return make("figure", {}, canvas, make("figcaption", { class: "small" }, caption, " ", make("span", { class: "quiet" }, scale)));
}
