// What the page and its worker say to each other. Types only: the browser never loads this file.

import type { Driver, GridLayout, ImportReport, Inspection, Ledger, Note, PaintOptions, Summary } from "../pkg/vitrine.js";

/** The three pictures, by the names that the page's canvases carry. */
export type GridName = "input" | "lrp" | "gradient";

/** A model as opened: kept by the page, so that a restarted worker can be given it again. */
export interface ModelFile {
  name: string;
  onnx: ArrayBuffer;
  manifest?: string;
  externalData?: Record<string, Uint8Array>;
}

/** A record as opened. */
export interface StayFile {
  name: string;
  text: string;
  /** As the list of demo stays says, or unknown. */
  trueLabel?: number;
  /** Whether it came with the page. */
  isDemo?: boolean;
}

/** Options of layer-wise relevance propagation. */
export interface Method {
  epsilon: number;
  biasFactor: number;
  rule: "arras2017" | "arras2019";
  gates: "all" | "half" | "prop" | "abs";
  explain: "paper" | "score" | "probability";
}

/** Options of the pictures: those of the engine, and the colour bars' width in device pixels. */
export type Paint = PaintOptions & { legendWidth: number };

/** Opens whatever is given, keeps the rest, explains and paints: all of it, or nothing. */
export interface OpenRequest {
  type: "open";
  model?: ModelFile;
  stay?: StayFile;
  method?: Method;
  paint?: Paint;
}

export interface InspectRequest {
  type: "inspect";
  row: number;
  step: number;
}

export type Request = OpenRequest | InspectRequest;

/** One picture and its colour bar, painted by the engine. */
export interface Picture {
  bitmap: ImageBitmap;
  legend: ImageBitmap;
  /** Numbers at the start, middle and end of the colour bar. */
  ticks: [number, number, number];
}

export interface ModelFacts {
  file: string;
  name: string;
  description: string;
  steps: number;
  columns: number;
  stepHours: number;
  outputs: string[];
  /** Number of weights and biases. */
  parameters: number;
  channels: { label: string; group: string; unit: string }[];
}

/** Everything that the page shows. */
export interface View {
  model: ModelFacts;
  /** How the stay was explained, if it was. */
  method?: Method;
  /** Absent as long as no stay is open. */
  stay?: StayView;
}

export interface StayView {
  name: string;
  isDemo: boolean;
  trueLabel?: number;
  report: ImportReport;
  summary: Summary;
  score: number;
  residual: number;
  ledger: Ledger;
  layout: GridLayout;
  pictures: Record<GridName, Picture>;
}

export type Answer = { id: number } & (
  | { view: View }
  | { inspection: Inspection | undefined }
  /** `fatal`: the engine trapped, and this worker must be thrown away. */
  | { error: string; fatal: boolean }
);

export type { Driver, GridLayout, Inspection, Note, PaintOptions, Summary };
