// A network without a record.

import type { Anatomy } from "../../pkg/vitrine.js";

declare module "../protocol.js" {
  interface Requests {
    /** What the open network is made of, and what each method can do. */
    anatomy: { request: undefined; answer: Anatomy | undefined; progress: never };
    /** A record (CSV) or a manifest (JSON) to fill in. */
    template: { request: { of: "record" | "manifest" }; answer: string; progress: never };
  }
}

export type { Anatomy };
