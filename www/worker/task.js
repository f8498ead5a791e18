// Long work of the engine: in slices, so that the page hears how far it is and can give it up.

/** @import { Task } from "../../pkg/vitrine.js" */
/** @import { Progress } from "../protocol.js" */
/** @import { Context } from "./context.js" */

/** How long a task may work before others are let in, in milliseconds. */
const SLICE = 20;

/**
 * Runs a task to its end, in slices.
 * @param {Task} task
 * @param {Pick<Context, "progress" | "pause">} context
 */
export async function finish(task, context) {
  try {
    await run(task, context, () => false);
    return task.result();
  } finally {
    task.free();
  }
}

/**
 * Runs a task until it has something to say, and gives it up then.
 * @param {Task} task
 * @param {Pick<Context, "progress" | "pause">} context
 */
export async function early(task, context) {
  try {
    await run(task, context, () => task.early() !== undefined);
    return task.early();
  } finally {
    task.free();
  }
}

/**
 * Runs a task in slices until it is done, or enough is.
 * @param {Task} task
 * @param {Pick<Context, "progress" | "pause">} context
 * @param {() => boolean} isEnough
 */
export async function run(task, context, isEnough) {
  while (task.advance(SLICE) < 1 && !isEnough()) {
    context.progress(/** @type {Progress} */ ({ done: task.done, total: task.total }));
    await context.pause();
  }
}
