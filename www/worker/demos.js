// Sentences and images: the same engine, with models of their own that are read once and kept.

import { Model, Sentence, classModel, paintPicture } from "../../pkg/vitrine.js";
import { named } from "./errors.js";

/** @import { PictureOptions } from "../../pkg/vitrine.js" */
/** @import { DemoModel, DemoPicture, Handlers } from "../protocol.js" */

/** @type {Map<string, Model>} */
const models = new Map();

/** @type {Handlers} */
export const handlers = {
  sentence(_, { model: file, text, method, colours }) {
    const model = read(file);
    const sentence = Sentence.parse(text, model);
    try {
      const explanation = model.explain(sentence.input, { method, explain: "score" });
      const { probability, score, residual } = explanation;
      const painted = sentence.paint(explanation, colours);
      explanation.free();
      return { outcome: model.manifest.outcomes[0]?.name ?? "", probability, score, residual, sentence: painted };
    } finally {
      sentence.free();
    }
  },

  image(_, { model: file, ink, target: wanted, cell, line, colours }, context) {
    const model = read(file);
    const input = upright(ink, model);
    const classes = Array.from(model.predict(input), (probability, index) => ({ name: model.manifest.outcomes[0]?.classes?.[index] ?? String(index), probability }));
    const target = wanted ?? classes.reduce((best, one, index) => (one.probability > (classes[best]?.probability ?? 0) ? index : best), 0);
    const lrp = model.explain(input, { method: "lrp", target, explain: "score" });
    const gradient = model.explain(input, { method: "abs-gradient", target, explain: "score" });
    const { score, residual } = lrp;
    const pictures = {
      ink: paint(model, input, { ...colours, cell, line, scale: "ink" }),
      relevance: paint(model, lrp.relevance, { ...colours, cell, line, scale: "signed", outline: input }),
      gradient: paint(model, gradient.relevance, { ...colours, cell, line, scale: "magnitude", outline: input }),
    };
    lrp.free();
    gradient.free();
    context.transfer(...Object.values(pictures).map(({ bitmap }) => bitmap));
    return { classes, target, score, residual, ...pictures };
  },

  classPicture(_, { model: file, target, cell, colours }, context) {
    const model = read(file);
    const { input, probability, scores } = classModel(model, target);
    const picture = paint(model, Float32Array.from(input), { ...colours, cell, scale: "ink" });
    context.transfer(picture.bitmap);
    return { picture, probability, scores };
  },
};

/** @param {DemoModel} file */
function read({ name, onnx }) {
  const model = models.get(name) ?? named(name, () => new Model(new Uint8Array(onnx)));
  models.set(name, model);
  return model;
}

/**
 * An image's ink, row by row and 0 to 16, as the model reads it: column by column and 0 to 1.
 * @param {number[]} ink
 * @param {Model} model
 */
function upright(ink, { steps, columns }) {
  return Float32Array.from({ length: steps * columns }, (_, place) => (ink[(place % columns) * steps + Math.floor(place / columns)] ?? 0) / 16);
}

/**
 * @param {Model} model
 * @param {Float32Array} values
 * @param {PictureOptions} options
 * @returns {DemoPicture}
 */
function paint(model, values, options) {
  const canvas = new OffscreenCanvas(1, 1);
  const limit = paintPicture(canvas, model, values, options);
  return { bitmap: canvas.transferToImageBitmap(), limit };
}
