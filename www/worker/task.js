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
    while (task.advance(SLICE) < 1) {
      context.progress(/** @type {Progress} */ ({ done: task.done, total: task.total }));
      await context.pause();
    }
    return task.result();
  } finally {
    task.free();
  }
}
