// Why a request has no answer.

/** Thrown inside a handler whose request was cancelled. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
  }
}

/**
 * Runs something that may fail, and has its error name the file.
 * @template T
 * @param {string} file
 * @param {() => T} run
 * @returns {T}
 */
export function named(file, run) {
  try {
    return run();
  } catch (error) {
    if (isFatal(error)) throw error;
    const text = message(error);
    throw new Error(text.includes(file) ? text : `${file}: ${text}`, { cause: error });
  }
}

/** @param {unknown} error */
export function message(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What can be chosen where the engine would not choose, if that is why it refused.
 * @param {unknown} error
 * @returns {import("../../pkg/vitrine.js").RecordQuestion | undefined}
 */
export function question(error) {
  if (!(error instanceof Error)) return undefined;
  const { question: asked, cause } =
    /** @type {Error & { question?: import("../../pkg/vitrine.js").RecordQuestion }} */ (error);
  return asked ?? question(cause);
}

/**
 * A trap, an exhausted stack or an exhausted memory: the instance cannot be trusted any more.
 * @param {unknown} error
 */
export function isFatal(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}
