// What the page and its worker say to each other. Types only: the browser never loads this file. Each concern states its
// requests in a file of its own under `protocol/`.

import type { RecordQuestion } from "../pkg/vitrine.js";
import type { Context } from "./worker/context.js";
import type { State } from "./worker/state.js";

/**
 * The requests by their names: `request` is what the page sends, `answer` what it gets, `progress` what it may be told
 * on the way. Files under `protocol/` add to this.
 */
export interface Requests {}

/** A handler of the worker. Handlers that take long call `await context.pause()` between slices. */
export type Handler<K extends keyof Requests> = (
  state: State,
  request: Requests[K]["request"],
  context: Context,
) => Requests[K]["answer"] | Promise<Requests[K]["answer"]>;

/** What a file of `worker/` exports. */
export type Handlers = { [K in keyof Requests]?: Handler<K> };

/** From the page to the worker. */
export type Message =
  /** `shown` is the view that the page shows: null for none. */
  | { id: number; type: keyof Requests; payload: unknown; shown?: string | null }
  | { id: number; cancel: true };

/** From the worker to the page. */
export type Reply =
  /** The worker could not be started. */
  | { broken: string }
  | ({ id: number } & (
  | { answer: unknown }
  | { progress: unknown }
  /** `fatal`: the engine trapped, and this worker must be thrown away. `question`: what can be chosen, where a choice would do. */
  | { error: string; fatal: boolean; cancelled: boolean; question?: RecordQuestion }
));

export * from "./protocol/alone.js";
export * from "./protocol/cohort.js";
export * from "./protocol/cohort-trust.js";
export * from "./protocol/edit.js";
export * from "./protocol/demos.js";
export * from "./protocol/glance.js";
export * from "./protocol/inspect.js";
export * from "./protocol/methods.js";
export * from "./protocol/open.js";
export * from "./protocol/outside.js";
export * from "./protocol/take.js";
