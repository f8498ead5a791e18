// How far the explanations of many stays can be believed.

import type { TrustCheck, TrustRecord, TrustRow, TrustSummary } from "../../pkg/vitrine.js";
import type { Progress } from "./edit.js";
import type { Method } from "./open.js";

declare module "../protocol.js" {
  interface Requests {
    /** A row for one record. */
    trustStays: { request: { record: TrustRecord; method: Method | undefined }; answer: TrustRow[]; progress: Progress };
    trustSummary: { request: { rows: TrustRow[]; method: Method | undefined }; answer: TrustSummary; progress: never };
  }
}

export type { TrustCheck, TrustRow, TrustSummary };
