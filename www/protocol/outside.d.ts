// What leaves the page for other programs, and what is asked about a record before it is read.

import type { AssessmentContext, RecordFiles, RecordTable, SelfTest, StayMapping } from "../../pkg/vitrine.js";

declare module "../protocol.js" {
  interface Requests {
    /** The prediction as a FHIR RiskAssessment, JSON text. */
    riskAssessment: { request: Pick<AssessmentContext, "recorded" | "subject" | "target">; answer: string; progress: never };
    /** The engine's comparison of itself with stored values; records are texts by file. */
    selfTest: { request: { stored: string; onnx: ArrayBuffer; records: Record<string, string> }; answer: SelfTest; progress: never };
    /** The texts of a file that may be compressed. */
    recordFiles: { request: { name: string; bytes: ArrayBuffer }; answer: RecordFiles; progress: never };
    /** What a table holds. */
    recordTable: { request: { text: string; columns?: StayMapping["columns"] }; answer: RecordTable; progress: never };
  }
}

export {};
