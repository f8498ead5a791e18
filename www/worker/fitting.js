// A network for a record: as long as the record, where the network leaves that open.

import { Model, Models, Stay, templateRecord, visible } from "../../pkg/vitrine.js";
import { isFatal, message, named } from "./errors.js";

/** @import { ModelFile, StayFile } from "../protocol.js" */

/** The networks of one opening, as one. */
export class Networks {
  #one;

  /**
   * @param {Model[]} each is freed, or lives on in this
   * @param {boolean} [isOneFile] whether it is what one file says, and nothing beside it
   */
  constructor(each, isOneFile = false) {
    this.#one = asOne(each);
    this.isOneFile = isOneFile;
  }

  /** As one model, of as many steps as the files say, or the engine assumes. The caller frees it. */
  asRead() {
    return this.#one.share();
  }

  /**
   * As one model for stays as long as a record. The caller frees it.
   * @param {Pick<StayFile, "text" | "options">} record
   */
  fit({ text, options }) {
    return this.#one.forRecord(text, options);
  }

  /**
   * As one model for stays of so many steps, where the files leave that open: as long as a record whose last step has a
   * value. The caller frees it.
   * @param {(model: Model) => number} steps what is no length is left to whoever uses the model
   */
  ofLength(steps) {
    const wanted = steps(this.#one);
    const { step_hours: hours, channels: [channel] } = this.#one.manifest;
    if (!this.#one.openSteps || !channel || !Number.isInteger(wanted)) return this.asRead();
    return this.fit({ text: `Hours,${channel.name}\n${(wanted - 0.5) * hours},0\n` });
  }

  /**
   * Does something with the networks fitted to a record.
   * @template T
   * @param {Pick<StayFile, "text" | "options">} record
   * @param {(model: Model) => T} run
   */
  with(record, run) {
    const model = this.fit(record);
    try {
      return run(model);
    } finally {
      model.free();
    }
  }

  free() {
    this.#one.free();
  }
}

/**
 * Reads the networks of a file, and of those that are shown with it as one.
 * @param {ModelFile} file
 * @param {(Networks | undefined)[]} [known] those of them that have been read already
 */
export function readNetworks({ manifest, manifestName, externalData, others = [], ...first }, known = []) {
  const each = [first, ...others].map(({ name, onnx }, index) => {
    try {
      return known[index]?.asRead() ?? new Model(new Uint8Array(onnx), manifest, externalData);
    } catch (error) {
      if (isFatal(error)) throw error;
      // Whichever of the two files is wrong is named.
      const isOfManifest = manifestName !== undefined && message(error).startsWith("manifest");
      return named(visible(isOfManifest ? manifestName : name), () => { throw error; });
    }
  });
  return new Networks(each, each.length === 1 && manifest === undefined && externalData === undefined);
}

/**
 * Reads a record for networks that are fitted to it.
 * @param {Networks} networks
 * @param {StayFile} file
 */
export function parseFitting(networks, { name, text, options }) {
  return named(name, () => {
    const model = networks.fit({ text, options });
    try {
      return { model, stay: Stay.parse(text, model, { ...options, name }) };
    } catch (error) {
      model.free();
      throw error;
    }
  });
}

/**
 * The stay of which nothing is known: every variable at its normal value, and none observed.
 * @param {Model} model
 */
export function unmeasured(model) {
  const template = Stay.parse(templateRecord(model), model);
  try {
    return template.knownUntil(model, 0);
  } finally {
    template.free();
  }
}

/**
 * Several networks as one, of which each lives on in it.
 * @param {Model[]} models
 */
function asOne(models) {
  const [only] = models;
  if (only && models.length === 1) return only;
  try {
    const all = new Models(models);
    const one = all.asOne();
    all.free();
    return one;
  } finally {
    for (const model of models) model.free();
  }
}
