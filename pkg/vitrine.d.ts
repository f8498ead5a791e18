/* tslint:disable */
/* eslint-disable */

/** Further files of a model, by the name that the ONNX file gives them (`model.onnx.data`). */
export type ExternalData = Record<string, Uint8Array>;

/** How an explanation is made. */
export interface ExplainOptions {
    /** Default "lrp". Methods that this version does not have are refused. */
    method?: "lrp" | "gradient" | "abs-gradient" | "gradient-x-input" | "integrated-gradients" | "smooth-grad" | "deep-shap" | "occlusion";
    /** Index of the explained output, default 0. */
    target?: number;
    /** "paper": the sign-mask rule (lrp) and the derivative of the probability (gradient). Default "paper" for one sigmoid output, else "score". */
    explain?: "paper" | "score" | "probability";
    /** Not below 0; default 0.01. */
    epsilon?: number;
    /** In 0..1; default 0. */
    biasFactor?: number;
    /** Default "arras2017". */
    rule?: "arras2017" | "arras2019";
    /** Default "all". */
    gates?: "all" | "half" | "prop" | "abs";
    /** For methods that need them. */
    steps?: number;
    baseline?: Float32Array;
}

/** Where the explained score went; every field is NaN for a gradient, which decomposes nothing. */
export interface Ledger { cells: number; masks: number; biases: number; initialStates: number; epsilon: number }

/** How a record is read. */
export interface StayOptions {
    /** Default "auto". */
    format?: "auto" | "mimic3" | "physionet2012" | "fhir" | "long";
    /** The name shown, for example the file's. */
    name?: string;
}

/** One remark on a record; line 0 is the whole record, an empty channel the whole row. */
export interface Note { line: number; channel: string; message: string }

/** What happened while a record was read. */
export interface ImportReport {
    format: string; rows: number; rowsRead: number; rowsSkipped: Note[]; observed: number[]; implausible: Note[]; notes: Note[];
}

/** How a clinical value becomes column values. */
export type Encoding =
| { kind: "continuous"; mean: number; std: number; normal: number }
| { kind: "one-hot"; categories: string[]; ordinals: number[]; normal: string };

/** One variable of the record: one row of the grid. */
export interface Channel {
    name: string; label: string; group: string; unit: string; columns: number[]; mask?: number;
    plausible?: [number, number]; encoding: Encoding;
}

/** What a model's inputs and outputs mean. */
export interface Manifest {
    format: string; name: string; description: string; steps: number; step_hours: number; columns: number;
    outcomes: { name: string; threshold: number }[]; channels: Channel[];
}



/** Which picture: the input, or an explanation (signed relevance, or magnitudes for a gradient). */
export type PictureKind = "input" | "relevance";

/** How a picture is painted. Lengths are device pixels. */
export interface PaintOptions {
    /** Room for all hours together; cells are the largest whole number of pixels that fits. Default 384. */
    width?: number;
    /** Height of a row. Default 18. */
    cellHeight?: number;
    /** Air between groups of rows. Default 6. */
    groupGap?: number;
    /** Thickness of rules. Default 1. */
    line?: number;
    /** Height of a colour bar. Default 10. */
    barHeight?: number;
    /** Colours of signed relevance. Default "puor". */
    palette?: "puor" | "rdbu" | "seismic";
    /** Which columns of a channel are summed. Default "value". */
    part?: "value" | "mask" | "both";
    /** End of the colour scale; default the largest magnitude in the picture (2 for the input). */
    limit?: number;
    /** Marks for observed, carried forward and normal values in the picture of the input. Default true. */
    marks?: boolean;
    /** Colour of zero, `#rrggbb`. Default "#ffffff". */
    background?: string;
    /** Colour of rules and marks, `#rrggbb`. Default "#202020". */
    ink?: string;
}

/** Where each cell stands, in device pixels. */
export interface GridLayout {
    width: number; height: number; cellWidth: number; cellHeight: number; line: number;
    /** Upper edge of each row, by the row's index. */
    tops: number[];
    /** The rows' indices from top to bottom. */
    order: number[];
    /** Steps between two heavier rules, 0 for none. */
    ruleEvery: number;
    nSteps: number;
}

/** Relevance (or magnitude of the gradient) of one cell: of its value columns and of its mask. */
export interface Amounts { value: number; mask: number; valueShare: number; maskShare: number }

/** Where a value comes from. `age` counts steps. */
export type Origin = { kind: "observed" } | { kind: "carried-forward"; age: number } | { kind: "normal" };

/** What stands at a row and step. */
export interface Inspection {
    channel: string; group: string;
    /** Start and end, in hours. */
    hours: [number, number];
    /** In clinical units. */
    value: number; unit: string;
    /** Text of the category, for a one-hot channel. */
    category?: string;
    origin: Origin;
    relevance?: Amounts; gradient?: Amounts;
}

/** One channel's relevance over all hours, and its share of all channels' magnitudes. */
export interface Driver { channel: string; relevance: number; share: number }

/** What an explanation says at a glance. */
export interface Summary {
    outcome: string; probability: number; isProbability: boolean; threshold: number; predictedLabel: number;
    raising: Driver[]; lowering: Driver[];
}



/**
 * Relevance of every input, with its account.
 */
export class Explanation {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Another handle on the same explanation, to be freed on its own.
     */
    share(): Explanation;
    /**
     * Whether the pictures show magnitudes instead of signed relevance.
     */
    readonly isMagnitude: boolean;
    /**
     * Where the score went.
     *
     * # Errors
     * Never in practice: a ledger is plain data.
     */
    readonly ledger: Ledger;
    /**
     * The whole score before the sigmoid, whatever part of it was decomposed.
     */
    readonly logit: number;
    /**
     * The output as the model gives it.
     */
    readonly probability: number;
    /**
     * `[steps * columns]`, row-major like the input.
     */
    readonly relevance: Float32Array;
    /**
     * The score minus everything accounted for; NaN for a gradient, which decomposes nothing.
     */
    readonly residual: number;
    /**
     * What was decomposed; for a gradient, the output that was differentiated.
     */
    readonly score: number;
}

/**
 * A recurrent network, ready to run and to be explained.
 */
export class Model {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Explains one output for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws like `predict`, and for options that are unknown or out of range.
     */
    explain(input: Float32Array | number[], options?: ExplainOptions | null): Explanation;
    /**
     * Reads an ONNX file. `manifest` is JSON text that takes the place of the file's own.
     *
     * # Errors
     * Throws where the file is damaged or cannot be explained; the message names the node and what to do.
     */
    constructor(onnx: Uint8Array | number[], manifest?: string | null, externalData?: ExternalData | null);
    /**
     * The model's outputs for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws for an input of the wrong length or with numbers that are not finite.
     */
    predict(input: Float32Array | number[]): Float32Array;
    /**
     * Columns of the input.
     */
    readonly columns: number;
    /**
     * What the model's columns and outputs mean.
     *
     * # Errors
     * Never in practice: a manifest is plain data.
     */
    readonly manifest: Manifest;
    /**
     * A name for each number that the model returns.
     */
    readonly outputs: string[];
    /**
     * Number of weights and biases.
     */
    readonly parameters: number;
    /**
     * Steps of the input.
     */
    readonly steps: number;
}

/**
 * One ICU episode, ready for a model.
 */
export class Stay {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Reads a record for a model.
     *
     * # Errors
     * Throws where the record cannot be read; the message names the line, the variable and what to do.
     */
    static parse(text: string, model: Model, options?: StayOptions | null): Stay;
    /**
     * The model's input, `[steps * columns]`, row-major, in model units.
     */
    readonly input: Float32Array;
    /**
     * The record's name, as the caller gave it.
     */
    readonly name: string;
    /**
     * What was read, skipped, and found implausible.
     *
     * # Errors
     * Never in practice: a report is plain data.
     */
    readonly report: ImportReport;
}

/**
 * Where each cell of a model's pictures stands.
 *
 * # Errors
 * When an option is wrong.
 */
export function gridLayout(model: Model, options?: PaintOptions | null): GridLayout;

/**
 * What stands at a row and step: `undefined` outside the grid.
 *
 * # Errors
 * When one of the explanations is not one, or belongs to another model.
 */
export function inspect(model: Model, stay: Stay, row: number, step: number, relevance?: Explanation | null, gradient?: Explanation | null): Inspection | undefined;

/**
 * The message of the panic that stopped this instance, if one did. After that, the instance must be thrown away.
 */
export function lastPanic(): string | undefined;

/**
 * Paints one picture onto a canvas, which takes the picture's size.
 *
 * # Errors
 * When an option is wrong, the explanation is missing or belongs to another model, or the canvas refuses.
 */
export function paint(canvas: HTMLCanvasElement | OffscreenCanvas, kind: PictureKind, model: Model, stay: Stay, explanation?: Explanation | null, options?: PaintOptions | null): void;

/**
 * Paints a picture's colour bar, and returns the numbers at its start, middle and end.
 *
 * # Errors
 * As for [`paint`].
 */
export function paintLegend(canvas: HTMLCanvasElement | OffscreenCanvas, kind: PictureKind, model: Model, stay: Stay, explanation?: Explanation | null, options?: PaintOptions | null): Float64Array;

/**
 * Keeps the message of a panic: in WebAssembly a panic is a trap without words.
 */
export function start(): void;

/**
 * The prediction at a glance: probability, threshold, label and the channels that raise and lower it most, by the
 * columns that `options.part` shows.
 *
 * # Errors
 * When the explanation belongs to another model, or an option is wrong.
 */
export function summary(model: Model, explanation: Explanation, target?: number | null, options?: PaintOptions | null): Summary;

/**
 * The version of this engine.
 */
export function version(): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_explanation_free: (a: number, b: number) => void;
    readonly __wbg_model_free: (a: number, b: number) => void;
    readonly __wbg_stay_free: (a: number, b: number) => void;
    readonly explanation_isMagnitude: (a: number) => number;
    readonly explanation_ledger: (a: number) => [number, number, number];
    readonly explanation_logit: (a: number) => number;
    readonly explanation_probability: (a: number) => number;
    readonly explanation_relevance: (a: number) => [number, number];
    readonly explanation_residual: (a: number) => number;
    readonly explanation_score: (a: number) => number;
    readonly explanation_share: (a: number) => number;
    readonly gridLayout: (a: number, b: number) => [number, number, number];
    readonly inspect: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly lastPanic: () => [number, number];
    readonly model_columns: (a: number) => number;
    readonly model_explain: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly model_manifest: (a: number) => [number, number, number];
    readonly model_new: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly model_outputs: (a: number) => [number, number];
    readonly model_parameters: (a: number) => number;
    readonly model_predict: (a: number, b: number, c: number) => [number, number, number, number];
    readonly model_steps: (a: number) => number;
    readonly paint: (a: any, b: any, c: number, d: number, e: number, f: number) => [number, number];
    readonly paintLegend: (a: any, b: any, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly start: () => void;
    readonly stay_input: (a: number) => [number, number];
    readonly stay_name: (a: number) => [number, number];
    readonly stay_parse: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly stay_report: (a: number) => [number, number, number];
    readonly summary: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly version: () => [number, number];
    readonly __wbindgen_malloc_command_export: (a: number, b: number) => number;
    readonly __wbindgen_realloc_command_export: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free_command_export: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store_command_export: (a: number) => void;
    readonly __externref_table_alloc_command_export: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_table_dealloc_command_export: (a: number) => void;
    readonly __externref_drop_slice_command_export: (a: number, b: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
