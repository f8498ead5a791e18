// The worker's door. All of the engine's work is done behind it: a request goes to the handler of its name in
// `worker/`, where each concern has a file of its own, and what the handler returns goes back. docs/page.md says how to
// add one.

import { lastPanic } from "../pkg/vitrine.js";
import { handlers as account } from "./worker/account.js";
import { handlers as alone } from "./worker/alone.js";
import { Context } from "./worker/context.js";
import { handlers as cohort } from "./worker/cohort.js";
import { handlers as cohortTrust } from "./worker/cohort-trust.js";
import { handlers as edit } from "./worker/edit.js";
import { handlers as glance } from "./worker/glance.js";
import { Cancelled, isFatal, message, question } from "./worker/errors.js";
import { handlers as demos } from "./worker/demos.js";
import { lock } from "./worker/lock.js";
import { handlers as inspect } from "./worker/inspect.js";
import { handlers as methods } from "./worker/methods.js";
import { handlers as open, explainGradient } from "./worker/open.js";
import { handlers as outside } from "./worker/outside.js";
import { program } from "./worker/program.js";
import { handlers as take } from "./worker/take.js";
import { State } from "./worker/state.js";

/** @import { Handler, Message, Reply } from "./protocol.js" */

/** @type {Record<string, Handler<any>>} */
const handlers = {
  ...open,
  ...inspect,
  ...outside,
  ...edit,
  ...glance,
  ...cohort,
  ...cohortTrust,
  ...take,
  ...demos,
  ...methods,
  ...account,
  ...alone,
};

const state = new State(explainGradient);
/** Before anything is opened, the worker has no way out any more. */
const ready = program.then(lock);
/** The requests under way. @type {Map<number, Context>} */
const running = new Map();

addEventListener("message", (/** @type {MessageEvent<Message>} */ { data }) => {
  if ("cancel" in data) running.get(data.id)?.cancel();
  else void serve(data);
});

/** @param {Exclude<Message, { cancel: true }>} request */
async function serve({ id, type, payload, shown }) {
  const context = new Context((progress) => reply({ id, progress }), shown);
  running.set(id, context);
  try {
    await ready;
    const handler = handlers[type];
    if (!handler) throw new Error(`the engine has no handler for "${type}"`);
    context.check();
    const answer = await state.use(() => handler(state, payload, context));
    reply({ id, answer }, context.transferred);
  } catch (error) {
    const fatal = isFatal(error);
    reply({
      id,
      error: (fatal && panic()) || message(error),
      fatal,
      cancelled: error instanceof Cancelled,
      question: question(error),
    });
  } finally {
    running.delete(id);
  }
}

/**
 * @param {Reply} it
 * @param {Transferable[]} [transfer]
 */
function reply(it, transfer = []) {
  postMessage(it, { transfer });
}

/** What the engine said when it stopped, if it could still say something. */
function panic() {
  try {
    return lastPanic();
  } catch {
    return undefined;
  }
}
