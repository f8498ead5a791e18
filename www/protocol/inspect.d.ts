// What stands under the cursor.

import type { Inspection } from "../../pkg/vitrine.js";

declare module "../protocol.js" {
  interface Requests {
    inspect: { request: InspectRequest; answer: Inspection | undefined; progress: never };
  }
}

export interface InspectRequest {
  row: number;
  step: number;
}

export type { Inspection };
