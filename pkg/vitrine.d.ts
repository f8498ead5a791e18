/// <reference lib="dom" />
/// <reference lib="esnext.disposable" />
/* tslint:disable */
/* eslint-disable */

/** A measured value: a number in clinical units, or the index of a category. */
export type Entry = { value: number } | { category: number };

/** Other readings for one channel from a step on: one a step, null where nothing was measured. */
export interface StayEdit { channel: number; start: number; readings: (Entry | null)[] }

/** A value as it is shown: a number in the channel's unit, or a category's text (with its ordinal). */
export interface ShownValue { value: number; category?: string }

/** One edit. `to` is absent where values were taken away. */
export interface EditLogEntry {
    row: number; channel: string; unit: string; start: number; hours: [number, number];
    from: ShownValue; to?: [ShownValue, ShownValue];
    isImplausible: boolean; probability: number; change: number; isDone: boolean;
}

/** Every edit and what it did; those that were undone stand last. */
export interface EditLog {
    original: number; probability: number; change: number; canUndo: boolean; canRedo: boolean; entries: EditLogEntry[];
}



/** A record that is to be measured. */
export interface TrustRecord { name: string; text: string; options?: StayOptions }

/** What was measured of one stay: as `Trust`, without the curves. A record that could not be read has an `error` instead. */
export interface TrustRow { name: string; measurements: number; answers: TrustAnswer[]; probability?: number; verdict?: Verdict; error?: string }

/** One question over many stays: the mean of its numbers with the middle 95 % of its resamples. */
export interface TrustCheck { question: TrustAnswer["question"]; stays: number; mean: Measure; decides: boolean }

/** How far explanations hold over many stays; `verdicts` counts stays by their verdict. */
export interface TrustSummary {
    stays: number; failed: number; resamples: number; checks: TrustCheck[]; verdicts: [holds: number, shaky: number, doesNotHold: number];
    /** One line a question, and one line a stay. */
    csv: string; rowsCsv: string;
}



/** Colours of words and pictures. */
export interface Colours {
    /** Colours of signed relevance. Default "puor". */
    palette?: "puor" | "rdbu" | "seismic" | "vik";
    /** Colour of zero, `#rrggbb`. Default "#ffffff". */
    background?: string;
    /** Colour of text and outlines, `#rrggbb`. Default "#202020". */
    ink?: string;
}

/** A word, where it stands in the text (in UTF-16 code units), the step that reads it, and its relevance and colours. */
export interface PaintedWord {
    text: string; start: number; end: number; step?: number; isKnown: boolean; relevance?: number;
    background: string; ink: string;
}

/** A sentence in its colours; `limit` is where the scale ends, `padding` the relevance of the steps without a word. */
export interface PaintedSentence {
    words: PaintedWord[]; limit: number; padding: number;
    scale: { relevance: number; background: string; ink: string }[];
}

/** How a class is visualised: gradient ascent on the input with an L2 penalty (Simonyan 2014). */
export interface AscentOptions { steps?: number; rate?: number; decay?: number; bounds?: [number, number] }

/** The input of the highest score for a class; `scores` at the start and at the end of the ascent. */
export interface ClassModel { input: number[]; scores: [number, number]; probability: number }

/** How an input's numbers, or relevance, are painted as a picture. Lengths are device pixels. */
export interface PictureOptions extends Colours {
    /** Side of a pixel of the picture. Default 16. */
    cell?: number;
    /** Thickness of an outline. Default 2. */
    line?: number;
    /** "ink" for values of 0 to 1, "signed" for relevance, "magnitude" for numbers that are never negative. Default "ink". */
    scale?: "ink" | "signed" | "magnitude";
    /** An input whose ink is outlined. */
    outline?: Float32Array;
}



/** Further files of a model, by the name that the ONNX file gives them (`model.onnx.data`). */
export type ExternalData = Record<string, Uint8Array>;

/** How an explanation is made. */
export interface ExplainOptions {
    /** Default "lrp". */
    method?: "lrp" | "gradient" | "abs-gradient" | "gradient-x-input" | "integrated-gradients" | "smooth-grad" | "deep-shap" | "occlusion";
    /** Index of the explained output, default 0. */
    target?: number;
    /** "paper": the sign-mask rule (lrp) and the derivative of the probability (gradient). Default "paper" for one sigmoid output, else "score". */
    explain?: "paper" | "score" | "probability";
    /** Not below 0; default 0.01. Of lrp alone, as are the next three: what a method does not use is refused. */
    epsilon?: number;
    /** In 0..1; default 0. */
    biasFactor?: number;
    /** Default "arras2017". */
    rule?: "arras2017" | "arras2019";
    /** Default "all". */
    gates?: "all" | "half" | "prop" | "abs";
    /** Most derivatives of the integral (integrated-gradients, default 4096; fewer are taken where they are enough), or noisy inputs (smooth-grad, default 50). */
    steps?: number;
    /** Noise of smooth-grad, relative to the range of the input; default 0.1. */
    noise?: number;
    /** Where random numbers begin; default 0. */
    seed?: number;
    /** What integrated-gradients and deep-shap explain the difference from, [steps * columns] in model units; default the stay in which nothing was observed. */
    baseline?: Float32Array;
}

/** Where the explained score went; every field is NaN for a gradient, which decomposes nothing. */
/** `reference`: the score of the reference stay, for methods that explain the difference from one, else 0. */
export interface Ledger { cells: number; masks: number; biases: number; initialStates: number; epsilon: number; reference: number }

/** One remark on a record; line 0 is the whole record, an empty channel the whole row. */
export interface Note { line: number; channel: string; message: string }

/** Values of one time and step that contradict each other; `channels` by name, the first one's line. They are used as they are. */
export interface Contradiction { line: number; step: number; channels: string[]; message: string }

/**
 * What happened while a record was read. Of `rows`, `rowsRead` gave a value, `rowsUnused` are no problem and gave none, and
 * the others were skipped: each reason stands once in `rowsSkipped`. `goesOnTo`: the hour of the last row, where it is after
 * those that the model sees. `unused`: variables that the model does not take. `replaced`: steps with several values of a
 * channel, and which one counts.
 */
export interface ImportReport {
    format: string; rows: number; rowsRead: number; rowsUnused: number; goesOnTo?: number; rowsSkipped: Note[]; observed: number[];
    implausible: Note[]; notes: Note[]; unused: Note[]; replaced: Note[]; contradictions: Contradiction[];
    source: RecordSource;
}

/** What has to be said before a record can be read: `option` is a field of `StayOptions`. An error's `question`, where a choice would do. */
export interface RecordQuestion { option: string; choices: { value: string; name: string; rows: number; span: string }[] }

/** How a clinical value becomes column values. */
export type Encoding =
| { kind: "continuous"; mean: number; std: number; normal: number }
| { kind: "one-hot"; categories: string[]; ordinals: number[]; normal: string };

/** One variable of the record: one row of the grid. */
export interface Channel {
    name: string; label: string; group: string; unit: string; columns: number[]; mask?: number; delta?: Delta; gap?: Gap;
    plausible?: [number, number]; noise?: number; normal_range?: [number, number]; limits?: Limits; precision?: number; imputation?: "previous" | "normal"; static?: boolean;
    encoding: Encoding;
}

/** The column of the hours since the channel was last observed, `(hours - mean) / std`: "gap" since the observation before the step, "age" 0 where it is observed. */
export interface Delta { column: number; counts?: "gap" | "age"; mean?: number; std?: number; most?: number }

/** What makes a channel the hours since anything was observed, by any channel: "gap" since the step before, "age" 0 where something is. */
export interface Gap { counts?: "gap" | "age"; most?: number }

/** [low, high] of a channel's values, and of their change an hour, in the data that the model was trained on. */
export interface Limits {
    value: [number, number]; change: [number, number];
}

/** How often predictions came true on stays that the model had not seen. */
export interface Calibration {
    data: string; networks?: number; bins: { to: number; stays: number; events: number }[];
    sets?: { coverage: number; groups: { measured: Record<string, boolean>; stays: [number, number]; event_from: number; none_to: number }[] };
}

/** What the model's numbers predict: one number, one a step, one a class, or one a class and step. */
export interface Outcome {
    name: string; threshold: number; kind?: "probability" | "number"; unit?: string; classes?: string[]; per_step?: boolean;
    calibration?: Calibration;
}

/** What a model says of an outcome, or of a class of it: by one of its numbers, or by one at each step. */
export interface Head {
    name: string;
    /** Its index in the manifest. */
    outcome: number;
    targets: number[]; isPerStep: boolean; kind: "probability" | "number"; threshold: number;
    /** Unit of a plain number, empty where there is none. */
    unit: string;
}

/** The words of a model that reads tokens. */
export interface TextInput {
    vocabulary: string[]; unknown: number; padding: number; pad: "left" | "right"; lowercase: boolean;
}

/** What a model's inputs and outputs mean. */
export interface Manifest {
    format: string; name: string; description: string; steps: number; step_hours: number; columns: number;
    outcomes: Outcome[]; channels: Channel[]; text?: TextInput;
    inputs?: { name: string; part: InputPart; columns?: number }[]; layout?: ("batch" | "steps" | "columns" | "rows")[];
}

/** What an input of the file is to the network; the last three are read at the last step. */
export type InputPart = "value" | "mask" | "delta" | "code" | "static" | "length" | "state";



/** How a record is read. */
export interface StayOptions {
    /** Default "auto". */
    format?: "auto" | "mimic3" | "physionet2012" | "fhir" | "long";
    /** The name shown, for example the file's. */
    name?: string;
    /** Whose observations are read, where the record holds those of several patients. */
    patient?: string;
    /** Of which stay the observations are read, where the record holds those of several. */
    encounter?: string;
    /**
     * What hour zero is, for records with dates: "auto" (default; the stay's start where the record gives one, else the
     * first observation), "first-observation", "encounter-start", or a date and time.
     */
    timeZero?: string;
    /** What a table's columns and variables are. */
    mapping?: StayMapping;
}

/**
 * What a table's columns are, and the model's variable for its names, codes or columns ("" leaves one out on purpose).
 * `units`: the unit of values without one, by name, code or channel. `timeUnit`: of times that are numbers. `zone`: of dates
 * and times that name none, for example "+01:00", also of FHIR. `dates`: what dates without a time are, also of FHIR.
 * `statistic`: which rows are read where they are several statistics of one thing. `ignored`: columns that look like numbers of
 * people and tell no rows apart.
 */
export interface StayMapping {
    columns?: { time?: string; variable?: string; value?: string; unit?: string; patient?: string; encounter?: string };
    variables?: Record<string, string>;
    units?: Record<string, string>;
    timeUnit?: "milliseconds" | "seconds" | "minutes" | "hours" | "days" | "spreadsheet-days";
    zone?: string;
    dates?: "midnight" | "skip";
    statistic?: "mean" | "median" | "minimum" | "maximum" | "first" | "last";
    ignored?: string[];
}



/** One number of several networks: that of each, their mean, sample standard deviation (0 for one network), least and greatest. */
export interface Spread { each: number[]; mean: number; deviation: number; least: number; greatest: number }

/** What several networks make of one output: the output itself, and the score before its sigmoid. */
export interface Together { probability: Spread; score: Spread }



/** One row's readings that would be otherwise: lowest and highest of what they were and of what they become. */
export interface CounterfactualChange {
    row: number; channel: string; unit: string; step: number; hours: [number, number];
    from: [ShownValue, ShownValue]; to: [ShownValue, ShownValue];
    edit: StayEdit;
}

/**
 * Rows that belong together, otherwise over a run of hours: held as they were at hour `at`, or towards normal, as far and as
 * fast as patients are seen to change.
 */
export interface CounterfactualPart {
    way: "held" | "normal"; rows: number[]; channels: string[]; hours: [number, number]; at?: number; isNormal: boolean;
    changes: CounterfactualChange[];
}

/** What one part does by itself. */
export interface CounterfactualAnswer { part: CounterfactualPart; probability: number; crosses: boolean }

/**
 * What would have to change for the other label: `parts`, together. Where `crosses` is false nothing within reach changes it,
 * and `parts` come nearest. `answers`: what single parts do. `ofRecord`: rows of which the manifest gives no limits, so that
 * they stay within what the record shows. `threshold` is missing for a class. `distance`: in standard deviations of the
 * channels, over all hours.
 */
export interface Counterfactual {
    original: number; threshold?: number; probability: number; crosses: boolean;
    parts: CounterfactualPart[]; distance: number; answers: CounterfactualAnswer[]; ofRecord: number[];
    /** So many parts were changed together at most. */
    nTogether: number;
    runs: number;
}

/** The output as if only the first 1, 2, ... steps had been known, and as SVG paths of the unit square. */
export interface Replay {
    outputs: number[]; curve: string;
    /** The threshold of a probability. */
    level?: string;
    /** An upright line for each number of known steps. */
    marks: string[];
    /** Numbers along the height, and their distance from the top. */
    ticks: [number, number][];
}

/** How widely is searched. */
export interface CounterfactualOptions {
    target?: number;
    /** Most parts that may change together; default 6. */
    together?: number;
    /** Rows that may not change; default those of the group "static". */
    fixed?: number[];
}



/** One stay of a cohort. */
export interface CohortRow {
    name: string; probability?: number; predictedLabel?: number; label?: number; raising: Finding[]; lowering: Finding[];
    /** Where nothing did so alone, what raised and what lowered the output together. */
    raisingTogether?: JointFinding; loweringTogether?: JointFinding;
    /** What the prediction rests on; absent where the record could not be read. */
    coverage?: Coverage;
    nSkipped: number; nImplausible: number; nNotes: number; error?: string;
}

/** How many lines of a list of labels there are of a kind, and what the first of them names. */
export interface LineCount { count: number; name: string }
/**
 * What of a list of labels came to nothing: lines that name a stay and have no label, no stay that is there, several stays
 * equally well, or one that a line with the other label names as well.
 */
export interface LabelReport { missing: LineCount; strange: LineCount; several: LineCount; opposed: LineCount }
/** A further column of the lists of labels that has two to twelve values, with the labelled stays of each. */
export interface CohortSubgroups { column: string; values: { value: string; nStays: number; nPositive: number }[] }

/** Which stays a cohort's picture is of, and what is averaged. */
export interface CohortPicture { group: "high" | "low" | "difference" | "all"; average: "signed" | "absolute" }

/** A measure with the middle 95 % of its resamples. */
export interface Measure { value: number; interval: [number, number] }
/** One point of a curve. */
export interface CurvePoint { x: number; y: number; threshold: number }
/** A band around a curve. */
export interface CurveBand { x: number; low: number; high: number }
/** The stays of one step of probability. */
export interface CalibrationBin {
    low: number; high: number; n: number; predicted: number; observed: number; interval: [number, number];
}

/**
 * What it is worth, in true positives a stay, to act on those whose probability is at least the threshold, and on everybody; to
 * act on nobody is worth 0.
 */
export interface NetBenefit { threshold: number; predicted: number; all: number }

/** How well the predictions of a cohort hold. */
export interface Measures {
    nStays: number; nPositive: number; nResamples: number;
    rocArea: Measure; averagePrecision: Measure; brier: Measure;
    roc: CurvePoint[]; rocBand: CurveBand[]; precisionRecall: CurvePoint[]; precisionRecallBand: CurveBand[];
    calibration: CalibrationBin[];
    /** The decision curve, at thresholds a hundredth apart, and the band of acting by the predictions. */
    netBenefit: NetBenefit[]; netBenefitBand: CurveBand[];
    /** The curves as SVG path data in the unit square. */
    paths: {
        roc: string; rocBand: string; precisionRecall: string; precisionRecallBand: string;
        calibration: string; calibrationIntervals: string;
        /** On an axis from the one to the other end of `netBenefitAxis`. */
        netBenefit: string; netBenefitBand: string; treatAll: string; treatNone: string; netBenefitAxis: [number, number];
    };
}



/** Sums over cells: with signs, and of their magnitudes. */
export interface AccountAmount { signed: number; absolute: number }

/** A channel, an hour, or all inputs. `share` is of all absolute sums; `isOfMeasuring`: the model reacted to the measuring, not to the value. */
export interface AccountLine { values: AccountAmount; masks: AccountAmount; share: number; isOfMeasuring: boolean }

/**
 * The ledger by channel and hour. Channels add up to `inputs`, hours too with what is `static`, which counts to no hour; inputs
 * with `rest` add up to the score.
 */
export interface Account {
    channels: AccountLine[]; hours: AccountLine[]; inputs: AccountLine;
    /** All static channels together; absent where the manifest has none. */
    static?: AccountLine;
    /** Absent for a method that does not divide the score. */
    rest?: { biases: number; initialStates: number; epsilon: number; reference: number; residual: number; score: number };
}



/** The pictures of a stay that change with it: the three grids, the totals of their hours, those of the rows, one channel's course. */
export type Slot = "input" | "lrp" | "gradient" | "input-steps" | "lrp-steps" | "gradient-steps" | "rows" | "course";

/** Lengths around the grids in device pixels, and the ends of colour scales that are held. */
export interface ScreenOptions {
    totalsWidth: number; stepsHeight: number; limits?: { lrp?: number; gradient?: number };
}

/** What is in sight. */
export interface GlanceRequest {
    slots: Slot[];
    /** The explained output, and the cell whose numbers stand beside the pictures. */
    target?: number; cell?: [number, number];
    /** The channel whose course is shown, where `slots` names it. */
    /** With `follows`, what changed of it since the last time. */
    course?: { row: number; width: number; height: number; band: number; room?: boolean; follows?: boolean };
    /** Whether measured values stand in their cells as numbers. */
    numbers?: boolean;
}

/** Whole lines of a picture that changed, of which it may have several such parts: the other lines are as they were. `height` is that of the whole picture. */
export interface Strip { slot: Slot; width: number; height: number; top: number; rgba: Uint8ClampedArray<ArrayBuffer> }

/** The end, the middle and the start of a colour scale, and how many cells lie beyond its end. */
export interface ScaleFacts { ticks: [number, number, number]; beyond: number }

/** What follows an edit at once. */
export interface Glance {
    strips: Strip[];
    summary: Prediction;
    isMagnitude: boolean;
    scales: { input?: ScaleFacts; lrp?: ScaleFacts; gradient?: ScaleFacts };
    /** Relevance of the rows, over the steps that are shown. */
    rows: Total[];
    cell?: Inspection;
    course?: { row: number; facts: CourseFacts; firstStep: number };
    /** `[rows * steps]`: NaN where a value was not measured, or is none that is written as a number. */
    numbers?: Float64Array;
}



/** What a channel contributed over all hours: relevance, and its magnitude as a share (0..1) of all effects. */
export interface Contribution { row: number; relevance: number; share: number }

/** A run of one channel's readings that raised or lowered the output together. */
export interface Finding {
    row: number; channel: string; unit: string;
    /** The step of the first reading, and the one after the last. */
    steps: [number, number];
    /** The same, in hours; none of a static channel, whose value is of no hour. */
    hours?: [number, number];
    /** The step up to which the last reading was carried forward. */
    until: number;
    /** Of values and of their being measured, over `steps[0]` to `until`; and its magnitude as a share (0..1) of all effects. */
    relevance: number; share: number;
    /** Whether more of it is of the readings' being there than of what they say. */
    isOfMeasuring: boolean;
    /** Whether its channel has the largest total of its side, in at least four of five networks. */
    isFirst: boolean;
    atPeak: ShownValue; range: [ShownValue, ShownValue]; nReadings: number;
    /** The output had nothing been known of the channel from `steps[0]` to `until`, and had these readings been normal. */
    without: number; atNormal: number;
}

/** Channels, strongest first, that moved the output together; `without`: the output had none of them been charted. */
export interface JointFinding { rows: number[]; channels: string[]; relevance: number; share: number; without: number }

/** A channel that was never charted: the network assumes its normal value, and that moved the output. */
export interface Assumed { row: number; channel: string; unit: string; value: ShownValue; relevance: number; share: number }

/** What a prediction and its explanation rest on, what is static being charted at no step; `assumedShare` is the part of all effects on values nobody measured. */
export interface Coverage {
    charted: number; channels: number; chartedSteps: number; steps: number; assumedShare: number;
    /** The hour to which the record goes on after those that the model sees, where it does. */
    goesOnTo?: number;
}

/** What held-out stays say of a prediction: how many were predicted alike, and of a hundred such in how many the outcome came about. */
export interface Sureness { data: string; alike: number; between: [above: number, to: number]; ofHundred: number; set?: OutcomeSet }

/**
 * What a prediction leaves open, at the coverage that the manifest states: the outcome, its absence. `missing`: channels by
 * their rows without which the network cannot tell, since they were never charted.
 */
export interface OutcomeSet { coverage: number; holds: [outcome: boolean, absence: boolean]; missing: number[] }

/** A reading that is hard to believe: implausible, or at odds with those of other channels at the same time. It is used as it is. */
export interface Doubt { row: number; step: number; contradicts: number[] }

/**
 * The prediction at a glance. `scoreUnit`: what relevance is counted in: log-odds, the score of a class (before a softmax), or the
 * output itself.
 */
export interface Prediction {
    outcome: string; probability: number; isProbability: boolean; scoreUnit: "log-odds" | "class" | "output"; threshold: number; predictedLabel: number;
    /** Of a plain number, as the manifest has it; empty where there is none. */
    unit: string;
    /** Of a class, which of its outcome's classes is the most likely one. */
    mostLikely?: { outcome: string; probability: number; isExplained: boolean; nClasses: number };
}

/** What an explanation says: the same for the page, the element, messages, resources, reports and tables. */
export interface Summary extends Prediction {
    /** One a channel, in the manifest's order. */
    channels: Contribution[];
    /** What raised and what lowered the output, largest total first, at most three each; only what the network bears out. */
    raising: Finding[]; lowering: Finding[];
    /** Where the first of a side did not do so alone, what raised and what lowered it together. */
    raisingTogether?: JointFinding; loweringTogether?: JointFinding;
    assumed: Assumed[];
    coverage: Coverage;
    doubts: Doubt[];
    /** Of a record as it was read, where the manifest has a calibration of as many networks. */
    sureness?: Sureness;
}



/** What a network is made of, without a record. */
export interface Anatomy {
    /** The inputs of the file: the axes (`"?"` where open), the first column in a stay and how many, and what each is. */
    inputs: { name: string; shape: string[]; column: number; columns: number; part: InputPart }[];
    /** What is computed, in order, without what only moves data; `outputs` is how many numbers a layer returns. */
    layers: { name: string; operation: string; outputs: number }[];
    parameters: number; outputs: string[];
    /** What of the file is left out: outputs that hold no numbers (`label`), and inputs that nothing reads (`unread`). */
    leftOut: { name: string; why: "label" | "unread" }[];
    /** Each method, and why it cannot explain the first output; empty where it can. */
    methods: { method: string; refusal: string }[];
    hasOpenSteps: boolean;
}



/** What a record says about where it comes from; empty where it says nothing. */
export interface RecordSource { patient: string; encounter: string; timeZero: string; basis: string[] }

/** A patient of a FHIR record: `reference` is what `StayOptions.patient` takes; `name` and `span` are for people. */
export interface RecordPatient { reference: string; name: string; observations: number; span: string }

/**
 * What a table holds: what its columns are known to be, and which names in them, or columns of a wide table, are which
 * channel in which unit.
 */
export interface RecordTable {
    columns: string[];
    roles: { time?: string; variable?: string; value?: string; unit?: string; patient?: string; encounter?: string };
    isWide: boolean;
    variables: { name: string; count: number; channel?: string; unit?: string }[];
    patients: string[];
    timeUnit?: string;
}

/** The texts of a file, which may be an archive, and what else stands in it, each with the reason why it is not read. */
export interface RecordFiles { files: { name: string; text: string }[]; leftOut: string[] }

/** What the caller of `riskAssessment` knows and the engine does not. */
export interface AssessmentContext {
    /** Index of the explained output, default 0. */
    target?: number;
    /** When the assessment was made, as a FHIR instant; without it the resource has no date and no provenance. */
    recorded?: string;
    /** The patient, for example "Patient/17"; another than the record's is refused. */
    subject?: string;
    /** How it was explained, for people. */
    method?: string;
}



/** What an export was made from, and how. `version` is this engine's unless given. */
export interface Provenance {
    model: string; modelSha256: string; data: string; dataSha256: string; nEdits?: number;
    /** What the model says about itself: the manifest's description. */
    modelCard?: string;
    /** The method with its options, for people. */
    method: string;
    /** Absent for a method that decomposes nothing. */
    residual?: number;
    version?: string;
}

/** What is written around one picture of a figure, in the reader's language. */
export interface PanelWords {
    title: string;
    /** What the two ends of the colour scale mean. */
    low: string; high: string;
    /** Over the totals of the rows, which stand on the picture's right; absent for none. */
    totals?: string;
    /** Which they are: with their sign, or of magnitudes; default as the picture's numbers are. */
    totalsOf?: "signed" | "absolute";
    /** Totals of a smaller magnitude are written as "~0"; default 0, for none. */
    least?: number;
    /** Under the legend, line by line, for example what the tracks at the feet of the rows are; absent for none. */
    note?: string;
}

/**
 * What a figure calls things, in the reader's language. What is absent is as the manifest has it, with a decimal point.
 */
export interface FigureWords {
    /** A name for each of the manifest's channels, with its unit. */
    channels?: string[];
    /** Names for groups, by what the manifest calls them. */
    groups?: Record<string, string>;
    /** What stands after the first hour of an axis, with the blank before it. */
    hour?: string;
    /** What stands before a number's decimals. */
    decimal?: string;
    /** A line under the footer. */
    notice?: string;
}

/** What a saved view says of itself: everything but the numbers. */
export interface SavedFacts {
    provenance: Provenance; target: number; stay: string;
    /** By the explanations' names, as they were given to `add`. */
    options: Record<string, unknown>;
    view: unknown;
}



/** What is taken away as one. */
export interface GroupOptions {
    /** Default "measurement": a channel in a step in which it was observed. */
    by?: "measurement" | "channel" | "hour" | "window" | "channel-window";
    /** Steps of a window, from 1; default 6. Of windows alone. */
    window?: number;
    /** Of shapleyTask alone: the orders that it samples where there are more than 12 groups, in pairs of an order and its reverse: an even number from 4; default 50. */
    orders?: number;
}

/** Measurements that were taken away as one, and what that does to the score; `channel` is absent where they are of all channels. */
export interface GroupEffect { channel?: number; from: number; to: number; effect: number; error: number }



/** What some cells add up to: `signed = raising + lowering`, `absolute = raising - lowering`; `share` of all rows. */
export interface Total { raising: number; lowering: number; signed: number; absolute: number; share: number }

/** The margins of a picture over the steps that are shown. */
export interface Totals {
    /** By the row's index. */
    rows: Total[];
    /** By the layout's groups. */
    groups: Total[];
    /** Of the shown steps. */
    steps: Total[];
    all: Total;
    /** The ends of the bars' scales. */
    rowLimit: number; stepLimit: number;
    /** Rows from the largest absolute total to the smallest. */
    ranking: number[];
}

/** Heights of a course's picture in device pixels: the whole, and the band of relevance at its foot. */
export interface CourseOptions {
    height: number; band: number;
    /** Room for other values than those that are there. Default false. */
    room?: boolean;
}

/** What stands beside a course's picture. */
export interface CourseFacts {
    /** Its width, and that of a step, in device pixels. */
    width: number; cellWidth: number;
    /** Numbers or categories along its axis, with their distance from the top in device pixels. */
    ticks: { value: number; category?: string; y: number }[];
    /** The channel's normal value, and its distance from the top. */
    normal: { value: number; y: number };
    /** The largest and the smallest value that have room, and their distances from the top. */
    plot: { high: number; top: number; low: number; bottom: number };
}



/** What the engine's comparison of itself with stored values has come to. */
export interface SelfTest {
    /** Whether every item passed. */
    passed: boolean;
    /** What was compared, file by file. */
    items: SelfTestItem[];
}

/** One comparison: of a file itself, or of what the engine makes of it. */
export interface SelfTestItem {
    file: string;
    what: "file" | "probability" | "lrp" | "gradient" | "picture";
    /** The stored value; digests are SHA-256. */
    expected: string;
    /** The value that this engine gives. */
    found: string;
    passed: boolean;
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
    palette?: "puor" | "rdbu" | "seismic" | "vik";
    /** Which columns of a channel are summed. Default "value". */
    part?: "value" | "mask" | "both";
    /**
     * How a one-hot channel's columns become one number in pictures of magnitudes, as of the gradient: added up, as in the
     * paper, or their mean, so that a channel of many categories does not outweigh one of a single column. Relevance is always
     * added up, since its sum is what it explains. Default "sum".
     */
    categories?: "sum" | "mean";
    /**
     * Height of the track at the foot of each row, the line below it included, in pictures of relevance: it is painted as the
     * relevance of the channel's being measured, and what is above it as that of its value, both on one scale. Totals
     * go on counting `part`. At most half of a row; none where `part` is "mask", or a channel has no mask. Default 0, for none.
     */
    track?: number;
    /** End of the colour scale; default what `scaling` makes it (4 for the input). Cells beyond it have a marked corner. */
    limit?: number;
    /**
     * How relevance and gradient become strengths of colour: in proportion up to the largest magnitude; by the square root,
     * which draws what is weak stronger; or in proportion up to the 98th percentile of what is not zero. Default "linear".
     * The input is tinted by how far it lies outside the normal range, in standard deviations or widths of the range,
     * whichever is less; where there is no range, by how many standard deviations from the mean.
     */
    scaling?: "linear" | "root" | "percentile";
    /**
     * Marks for observed, carried forward and normal values in the picture of the input, high in their cells where the value
     * is above the normal range, low where it is below. Default true.
     */
    marks?: boolean;
    /** Draws each row's values as a line through its cells, in the picture of relevance. Default false. */
    trace?: boolean;
    /** Plus and minus signs in the cells of signed relevance. Default false. */
    glyphs?: boolean;
    /**
     * Cells to be hatched, `row * steps + step` each, such as those that `disputedCells` names. Default none. Cells in
     * whose sign networks shown as one differ (`unsureCells`) are hatched besides, unless they are negligible.
     */
    hatched?: Uint32Array | number[];
    /** Rows' indices from top to bottom; rows left out follow in the manifest's order. Default: the manifest's order. */
    order?: number[];
    /** Names of groups whose rows are hidden. Default none. */
    collapsed?: string[];
    /** The first step shown and the one after the last. Default all. */
    window?: [number, number];
    /** Colour of zero, `#rrggbb`. Default "#ffffff". */
    background?: string;
    /** Colour of rules and marks, `#rrggbb`. Default "#202020". */
    ink?: string;
}

/** Where each cell stands, in device pixels. */
export interface GridLayout {
    width: number; height: number; cellWidth: number; cellHeight: number; line: number;
    /** Upper edge of each row, by the row's index; `undefined` where it is hidden. */
    tops: (number | undefined)[];
    /** Height of the track at the foot of each row, the line below it included, by the row's index; 0 for none. */
    tracks: number[];
    /** The shown rows' indices from top to bottom. */
    order: number[];
    /** The groups from top to bottom, with all their rows. */
    groups: { name: string; top: number; rows: number[]; isCollapsed: boolean }[];
    /** Steps between two heavier rules, 0 for none. */
    ruleEvery: number;
    /** The first step shown, and how many are. */
    firstStep: number; nSteps: number;
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
    /**
     * Where an edit put another reading there, or took it away: what the record has, absent for nothing. `isHere`: whether it is
     * this cell's own, and not that of the reading which is carried into it.
     */
    edited?: { record?: ShownValue; isHere: boolean };
    /** What the channel usually is in the well, in clinical units; of a one-hot channel in points of its ordinals. */
    normalRange?: [number, number];
    /** What was known of the channel six hours before, or as near to that as its steps are long. */
    before?: ShownValue & { hoursAgo: number };
    relevance?: Amounts; gradient?: Amounts;
}



export type Verdict = "holds" | "shaky" | "does not hold";

/** What is asked of an explanation, the number with its interval, and whether the verdict is made of it. */
export interface TrustAnswer {
    question: "follows" | "finds" | "noise" | "shuffles" | "epsilon";
    value: number; interval: [low: number, high: number]; decides: boolean;
}

/** The word of an audit and what it is made of; docs/holds.md says what each number is. */
export interface TrustNumbers {
    measurements: number;
    /** Runs of the network that the deciding answers are made of. */
    runs: number;
    /** How far the best additive picture goes with the score: what the map is measured by. */
    ceiling: number;
    /** The tenth of the measurements that the map names first: what it says of them, and what the score loses without them. */
    firstTenth: [said: number, lost: number];
    /** What it loses as a part of what the map says. */
    followed: number;
    /** The deciding answers first; before the audit is final there are no others. */
    answers: TrustAnswer[];
    /** How probable it is that the map finds what the network goes by; the verdict is a word for it. */
    probability: number;
    /** Its middle 95 %, by the sets of measurements that happened to be drawn. */
    probabilityInterval: [low: number, high: number];
    verdict: Verdict;
}

/** What `early` of a `trustTask` returns once everything that decides is known: the word is that of the result, and what
 *  decides nothing (curves, noise, shuffles, epsilon) is still to come. */
export interface TrustWord extends TrustNumbers { isFinal: false }

/** How far an explanation holds for this stay and this network: the result of a `trustTask`. */
export interface Trust extends TrustNumbers {
    isFinal: true;
    curves: { parts: number[]; deletion: [map: number[], best: number[]]; insertion: [map: number[], best: number[]] };
    shuffles: number[];
    epsilons: [epsilon: number, correlation: number][];
}

/** A map from elsewhere, `[steps * columns]`, row-major like the input. */
export interface GivenMap { relevance: Float32Array }

/** How far two explanations agree, measurement by measurement; `opposite` lists [channel, step] where they differ in sign. */
export interface MethodAgreement { rankCorrelation: number; topOverlap: number; signAgreement: number; opposite: [channel: number, step: number][] }



/**
 * Many stays. Of each stay its row is kept; its relevance goes into running sums.
 */
export class Cohort {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Reads, predicts and explains one record, and returns its row; of a record that cannot be read it says why.
     *
     * # Errors
     * Never in practice: a row is plain data.
     */
    add(model: Model, name: string, text: string): CohortRow;
    /**
     * How many cells of such a picture lie beyond the end of its colour scale.
     *
     * # Errors
     * As `paint`.
     */
    cellsBeyond(model: Model, picture: CohortPicture, options?: PaintOptions | null): number;
    /**
     * Number of stays in a group that pictures are of.
     *
     * # Errors
     * Throws for a group that there is not.
     */
    count(picture: CohortPicture): number;
    /**
     * The rows as CSV.
     */
    csv(): string;
    /**
     * What of each list of labels came to nothing, in the order in which they were taken.
     *
     * # Errors
     * Never in practice: reports are plain data.
     */
    labelReports(): LabelReport[];
    /**
     * ROC, precision-recall, calibration and decision curve with their intervals: a task whose result is `Measures`, of all
     * stays or of those of a subgroup.
     *
     * # Errors
     * Throws where not both labels occur among the stays.
     */
    measuresTask(resamples?: number | null, seed?: number | null, subgroup?: { column: string; value: string } | null): Task;
    /**
     * A cohort without stays. `options` say which output is predicted, and how it is explained.
     *
     * # Errors
     * Throws for options that are unknown or out of range.
     */
    constructor(model: Model, options?: ExplainOptions | null);
    /**
     * Paints the colour bar of such a picture, and returns the numbers at its start, middle and end.
     *
     * # Errors
     * As `paint`.
     */
    paintLegend(canvas: HTMLCanvasElement | OffscreenCanvas, model: Model, picture: CohortPicture, options?: PaintOptions | null): Float64Array;
    /**
     * Paints the mean over a group's stays onto a canvas, and returns the end of its colour scale.
     *
     * # Errors
     * Throws where a group has no stays, and for options that are wrong.
     */
    paint(canvas: HTMLCanvasElement | OffscreenCanvas, model: Model, picture: CohortPicture, options?: PaintOptions | null): number;
    /**
     * Every stay, in the order in which they were added.
     *
     * # Errors
     * Never in practice: rows are plain data.
     */
    rows(): CohortRow[];
    /**
     * The further columns of the lists by which stays can be told apart.
     *
     * # Errors
     * Never in practice: subgroups are plain data.
     */
    subgroups(): CohortSubgroups[];
    /**
     * Takes true labels from a list (`stay,y_true`) for the stays that are there and for those to come, and returns how many
     * of its lines have one. A line names a stay by its file, with or without folders and ending. Of a stay that an earlier list
     * names, too, this one says the label.
     *
     * # Errors
     * Throws for a text that is no such list; the message names the line.
     */
    takeLabels(text: string): number;
    /**
     * Takes a stay that `explainRecord` explained, here or in another worker, and returns its row with its label.
     *
     * # Errors
     * Throws for a row that is none, and for relevance of another length than the model's input.
     */
    take(model: Model, row: CohortRow, relevance?: Float64Array | number[] | null): CohortRow;
    /**
     * Whether stays of both labels have a prediction, as measures need.
     */
    readonly hasBothLabels: boolean;
}

/**
 * A stay under edit. Begins as the stay that it was made from, which stays as it is.
 */
export class Editor {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Takes the readings of `n` steps away; what was measured before them is carried forward.
     *
     * # Errors
     * Throws like `edit`.
     */
    clear(model: Model, row: number, step: number, n?: number | null): number;
    /**
     * Draws a course over a channel's chart, as a pointer does: `places` is `[step, y, step, y]`, from where to where in
     * pixels from the chart's top, and `plot` is `[top, bottom, high, low]`, the pixels of two values. With `joins` it
     * goes on with the last edit in the log.
     *
     * # Errors
     * Throws for lists of other lengths, and like `edit`.
     */
    drag(model: Model, row: number, places: Float64Array | number[], plot: Float64Array | number[], joins?: boolean | null): number;
    /**
     * Makes an edit, and returns the output after it. With `joins`, an edit of the readings that the last one changed
     * takes its place in the log.
     *
     * # Errors
     * Throws for readings outside the stay, and for values that the channel cannot hold; the stay is then as it was.
     */
    edit(model: Model, edit: StayEdit, joins?: boolean | null): number;
    /**
     * Several explanations of the stay as it stands, as `Model.explainAll` gives them; after an edit without running the
     * model once more.
     *
     * # Errors
     * Throws like `Model.explainAll`.
     */
    explainAll(model: Model, options: ExplainOptions[]): Explanation[];
    /**
     * Every edit and what it did.
     *
     * # Errors
     * Never in practice: a log is plain data.
     */
    log(model: Model): EditLog;
    /**
     * Begins. `target` is the output that the log follows.
     *
     * # Errors
     * Throws for a stay of another model, and for a target that the model does not have.
     */
    constructor(model: Model, stay: Stay, target?: number | null);
    /**
     * Moves one cell's value by `n` keystrokes: round numbers about a tenth of a standard deviation apart, or one
     * category of the clinical order each. Repeated keystrokes on one cell are one edit.
     *
     * # Errors
     * Throws for a cell outside the grid.
     */
    nudge(model: Model, row: number, step: number, n: number): number;
    /**
     * Makes the edit again that was taken back last, if there is one, and returns the output.
     *
     * # Errors
     * Throws like `undo`.
     */
    redo(model: Model): number;
    /**
     * The stay as it stands, as an object of its own: freed on its own, and not changed by later edits.
     */
    stay(): Stay;
    /**
     * Sets one cell, or `n` from it on, to what a person typed: a number, with a point or a comma, or a category's text.
     *
     * # Errors
     * Throws like `edit`, and for text that is no value of the channel.
     */
    type(model: Model, row: number, step: number, text: string, n?: number | null): number;
    /**
     * Takes the last edit back, if there is one, and returns the output.
     *
     * # Errors
     * Throws for another model than the one that the edits were made for.
     */
    undo(model: Model): number;
    /**
     * Number of edits that are in the stay.
     */
    readonly nDone: number;
}

/**
 * What the score owes to groups of measurements.
 */
export class Effects {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Each effect where its measurements stand, for painting beside other explanations.
     */
    readonly explanation: Explanation;
    /**
     * One entry a group; its steps are `from..to`. `error` is the standard error of a sampled effect, else 0.
     *
     * # Errors
     * Never in practice: groups are plain data.
     */
    readonly groups: GroupEffect[];
    /**
     * The groups' places in `groups`, from the largest effect by magnitude to the smallest.
     */
    readonly strongest: Uint32Array;
}

/**
 * A stay explained for a cohort.
 */
export class ExplainedRecord {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Its relevance `[steps * columns]`; nothing where the record could not be read.
     */
    readonly relevance: Float64Array | undefined;
    /**
     * Its row.
     *
     * # Errors
     * Never in practice: a row is plain data.
     */
    readonly row: CohortRow;
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
     * From now on, pictures show the numbers of this explanation with their signs: of a gradient, whether the output
     * would rise or fall if the input rose.
     */
    showSigns(): void;
    /**
     * How many networks agree with the sign of the mean, cell by cell, `[steps * columns]`; absent for one network.
     */
    readonly agreement: Uint32Array | undefined;
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
     * The explanation of each network, where there are several; empty else.
     */
    readonly members: Explanation[];
    /**
     * Why something is missing (`residual`), in words, where integrated gradients stopped before they were exact.
     */
    readonly note: string | undefined;
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
    /**
     * What each network predicts, and how far that spreads; absent for one network.
     *
     * # Errors
     * Never in practice: a spread is plain data.
     */
    readonly spread: Spread | undefined;
    /**
     * Cells of a map from elsewhere, a channel in a step each, that its file does not name; they count 0.
     */
    readonly unnamed: number;
}

/**
 * The explanations of many stays, each number as `Model.explain` gives it.
 */
export class ExplanationBatch {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Number of stays.
     */
    readonly count: number;
    /**
     * The output of each stay.
     */
    readonly probabilities: Float64Array;
    /**
     * `[stays * steps * columns]`, row-major like the inputs.
     */
    readonly relevance: Float32Array;
    /**
     * The residual of each stay, as `Explanation.residual`.
     */
    readonly residuals: Float64Array;
    /**
     * The score of each stay, as `Explanation.score`.
     */
    readonly scores: Float64Array;
}

/**
 * Pictures beside each other as one SVG document, with labels, legends and footer.
 */
export class Figure {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Adds a picture to the right of those that are there, with its totals below it. Those of its rows stand on its
     * right where the words say what to write over them.
     *
     * # Errors
     * As `paint`, and for words with missing fields.
     */
    add(words: PanelWords, kind: PictureKind, model: Model, stay: Stay, explanation?: Explanation | null, options?: PaintOptions | null): void;
    /**
     * A figure without pictures. The options' lengths are those of the document.
     *
     * # Errors
     * Throws when an option is wrong.
     */
    constructor(model: Model, options?: PaintOptions | null);
    /**
     * The document. The first line of the heading is the largest.
     *
     * # Errors
     * Throws for a provenance with missing or unknown fields, and for words with unknown ones or for other channels than
     * the model's.
     */
    svg(model: Model, heading: string[], provenance: Provenance, words?: FigureWords | null): string;
}

/**
 * A recurrent network, ready to run and to be explained; or several as one (`Models.asOne`).
 */
export class Model {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Several explanations of one input, for which the model runs once: one for each element of `options`.
     *
     * # Errors
     * Throws like `explain`.
     */
    explainAll(input: Float32Array, options: ExplainOptions[]): Explanation[];
    /**
     * Explains many inputs, `[stays * steps * columns]`, row-major, in model units.
     *
     * # Errors
     * Throws as `explain` does, and names the stay by its number, counted from 0.
     */
    explainBatch(inputs: Float32Array, options?: ExplainOptions | null): ExplanationBatch;
    /**
     * Several explanations of one stay: one for each element of `options`. A stay of which only the first steps are known
     * (`Stay.knownUntil`) is explained by the network run on these, where its number of steps is open; of another network,
     * what stands on later steps counts to the readings that are carried there.
     *
     * # Errors
     * Throws like `explain`.
     */
    explainStay(stay: Stay, options: ExplainOptions[]): Explanation[];
    /**
     * Explains one output for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws like `predict`, and for options that are unknown or out of range.
     */
    explain(input: Float32Array, options?: ExplainOptions | null): Explanation;
    /**
     * The same network for stays as long as a record, of a network whose number of steps is open; others are handed back
     * as they are.
     *
     * # Errors
     * Throws as `Stay.parse`, and where nothing that the model reads is observed in the record.
     */
    forRecord(text: string | Uint8Array, options?: StayOptions | null): Model;
    /**
     * Reads an ONNX file. `manifest` is JSON text that takes the place of the file's own.
     *
     * # Errors
     * Throws where the file is damaged or cannot be explained; the message names the node and what to do.
     */
    constructor(onnx: Uint8Array | ArrayBuffer, manifest?: string | null, externalData?: ExternalData | null);
    /**
     * The model's outputs for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws for an input of the wrong length or with numbers that are not finite.
     */
    predict(input: Float32Array): Float32Array;
    /**
     * Another handle on the same network, to be freed on its own.
     */
    share(): Model;
    /**
     * What the axes of the input with the steps are taken for, as a manifest's `layout` has them, where neither the file nor
     * a manifest nor what the layers do tells; empty where something does.
     */
    readonly assumedLayout: string[];
    /**
     * Columns of the input.
     */
    readonly columns: number;
    /**
     * What can be asked of the model: what it says of an outcome, or of a class of it, by one number or by one a step.
     *
     * # Errors
     * Never in practice: heads are plain data.
     */
    readonly heads: Head[];
    /**
     * Where the manifest comes from: `"inside"` the model's file; `"beside"` it, as an argument; `"in-place"` of the one
     * inside; `"built-in"` where there was none.
     */
    readonly manifestSource: "inside" | "beside" | "in-place" | "built-in";
    /**
     * What the model's columns and outputs mean.
     *
     * # Errors
     * Never in practice: a manifest is plain data.
     */
    readonly manifest: Manifest;
    /**
     * How many networks this is: their mean is predicted and explained.
     */
    readonly networks: number;
    /**
     * Whether neither the file nor a manifest says how many steps a stay has: `forRecord` then fits the model to one.
     */
    readonly openSteps: boolean;
    /**
     * A name for each number that the model returns.
     */
    readonly outputs: string[];
    /**
     * Number of weights and biases.
     */
    readonly parameters: number;
    /**
     * The rows of channels of which nothing says what they are in the well: their values are drawn by their distance from
     * the mean.
     */
    readonly rowsWithoutNormal: Uint32Array;
    /**
     * Steps of the input.
     */
    readonly steps: number;
}

/**
 * Networks that read the same columns, shown as one: their mean, how far they spread, and what they agree on.
 */
export class Models {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The networks as one `Model`, for everything that takes one: what it predicts, explains, edits, replays and audits
     * is their mean.
     */
    asOne(): Model;
    /**
     * The mean of the networks' explanations, which explains their mean score. It has `agreement` and `members`.
     *
     * # Errors
     * Throws as `Model.explain`, and names the network.
     */
    explain(input: Float32Array, options?: ExplainOptions | null): Explanation;
    /**
     * Puts networks together, each a `Model`, which stays usable, or the bytes of an ONNX file. `manifest` is JSON text
     * that takes the place of the files' own where bytes are given.
     *
     * # Errors
     * Throws where a file cannot be read, and where networks differ in steps, columns, outputs or what these mean: the
     * message names the network and what differs.
     */
    constructor(models: (Model | Uint8Array)[], manifest?: string | null);
    /**
     * The mean of the networks' outputs for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws as `Model.predict`, and names the network.
     */
    predict(input: Float32Array): Float32Array;
    /**
     * What each network makes of one output, and how far they spread; `target` is 0 unless given.
     *
     * # Errors
     * Throws as `predict`, and where there is no such output.
     */
    together(input: Float32Array, target?: number | null): Together;
    /**
     * Columns of the input.
     */
    readonly columns: number;
    /**
     * How many networks there are.
     */
    readonly count: number;
    /**
     * How many of them have to agree before what they say is said: at least four of five.
     */
    readonly enough: number;
    /**
     * What the columns and outputs of all of them mean.
     *
     * # Errors
     * Never in practice: a manifest is plain data.
     */
    readonly manifest: Manifest;
    /**
     * The networks, each by a new handle.
     */
    readonly models: Model[];
    /**
     * A name for each number that the networks return.
     */
    readonly outputs: string[];
    /**
     * Steps of the input.
     */
    readonly steps: number;
}

/**
 * A saved view that was opened.
 */
export class SavedView {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * An explanation by its name, to be freed on its own.
     *
     * # Errors
     * Throws where the file has none of that name.
     */
    explanation(name: string): Explanation;
    /**
     * Whether the file's readings, before its edits, are those of a stay.
     */
    isOf(model: Model, stay: Stay): boolean;
    /**
     * Whether a text is a saved view, by its start.
     */
    static isOne(text: string): boolean;
    /**
     * Opens a saved view with the model that it was made with.
     *
     * # Errors
     * Throws for a text that is no saved view or is damaged, and where the model is another one.
     */
    static open(model: Model, model_sha256: string, text: string): SavedView;
    /**
     * The stay with its edits. It can be taken once.
     *
     * # Errors
     * Throws the second time.
     */
    takeEditor(): Editor;
    /**
     * What the file says of itself.
     *
     * # Errors
     * Never in practice: facts are plain data.
     */
    readonly facts: SavedFacts;
}

/**
 * The pictures as they were last given away, so that the next ones can be told apart from them.
 */
export class Screen {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * A screen on which nothing is shown yet.
     *
     * # Errors
     * When an option is wrong.
     */
    constructor(options: PaintOptions | null | undefined, around: ScreenOptions);
    /**
     * Paints what is in sight and gives what changed since the last time, with the numbers beside it. `spare` is memory
     * that nobody needs any more, such as that of the strips given before: these are written into it as far as they fit.
     *
     * # Errors
     * When an explanation or the stay belongs to another model, when one is missing, or a row or slot is none.
     */
    update(model: Model, stay: Stay, relevance: Explanation, gradient: Explanation | null | undefined, request: GlanceRequest, spare?: ArrayBuffer[] | null): Glance;
}

/**
 * A sentence, ready for a text model.
 */
export class Sentence {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The words in the colours of their relevance.
     *
     * # Errors
     * Throws for options that are wrong, or an explanation of another model.
     */
    paint(explanation: Explanation, colours?: Colours | null): PaintedSentence;
    /**
     * Divides a text into words and looks them up in the model's vocabulary.
     *
     * # Errors
     * Throws where the model reads no text, or the text holds no word.
     */
    static parse(text: string, model: Model): Sentence;
    /**
     * The model's input, `[steps]`: one token a step.
     */
    readonly input: Float32Array;
}

/**
 * One ICU episode, ready for a model.
 */
export class Stay {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The stay as it would have been read after its first `steps` steps.
     *
     * # Errors
     * Throws where the stay belongs to another model.
     */
    knownUntil(model: Model, steps: number): Stay;
    /**
     * Reads a record for a model: its text, or the bytes of its file, which may be compressed.
     *
     * # Errors
     * Throws where the record cannot be read; the message names the line, the variable and what to do.
     */
    static parse(text: string | Uint8Array, model: Model, options?: StayOptions | null): Stay;
    /**
     * Another handle on the same stay, to be freed on its own.
     */
    share(): Stay;
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
 * Long work that the caller drives: `advance` until it returns 1, then take the `result`. Between two calls the
 * caller may do other things, show how far the work is, or drop the task (`free`), which cancels it.
 *
 * ```js
 * while (task.advance(12) < 1) await new Promise((resume) => setTimeout(resume));
 * const result = task.result();
 * ```
 */
export class Task {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Works for about so many milliseconds, at least one unit and only whole ones, and returns how much of the task
     * is done, in 0..1; 1 means that the result is there.
     *
     * # Errors
     * Throws what the work ran into; the task is of no further use then.
     */
    advance(milliseconds: number): number;
    /**
     * What is known already, before the task is done; `undefined` as long as nothing is, and for tasks that say nothing on
     * their way. Of `trustTask` it is a `TrustWord`: its `isFinal` is false, and that of the result is true. It can be
     * asked for any number of times, until the result is taken.
     *
     * # Errors
     * Throws where it cannot be put into words.
     */
    early(): any;
    /**
     * What the task was for. It can be taken once.
     *
     * # Errors
     * Throws where the task is not done, has failed, or its result was taken before.
     */
    result(): any;
    /**
     * Units done so far.
     */
    readonly done: number;
    /**
     * Units in all.
     */
    readonly total: number;
    /**
     * What `done` and `total` count, for example "stays".
     */
    readonly unit: string;
}

/**
 * What is on screen, on its way into a file that loads back.
 */
export class ViewFile {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Adds an explanation under a name of its own. `options` is how it was made, kept as it is given.
     *
     * # Errors
     * Throws for options that are no plain data.
     */
    add(name: string, options: any, explanation: Explanation): void;
    /**
     * The file's text: the stay before its edits, the edits, and the explanations.
     *
     * # Errors
     * Throws for an editor of another model.
     */
    json(model: Model, editor: Editor): string;
    /**
     * Begins. `view` is how the pictures are painted, kept as it is given: plain data.
     *
     * # Errors
     * Throws for a provenance with missing or unknown fields, and for a view that is no plain data.
     */
    constructor(provenance: Provenance, target: number, view: any);
}

/**
 * Where the score went, channel by channel and hour by hour, values and masks apart.
 *
 * # Errors
 * Throws when the explanation belongs to another model.
 */
export function account(model: Model, explanation: Explanation): Account;

/**
 * The same as CSV.
 *
 * # Errors
 * As `account`, and for a provenance with missing or unknown fields.
 */
export function accountCsv(model: Model, explanation: Explanation, provenance: Provenance): string;

/**
 * What a network is made of, and what each method can do.
 *
 * # Errors
 * Never in practice: what is said is plain data.
 */
export function anatomy(model: Model): Anatomy;

/**
 * How many cells of a picture lie beyond the end of its colour scale.
 *
 * # Errors
 * As for [`totals`].
 */
export function cellsBeyond(model: Model, stay: Stay, explanation: Explanation, options?: PaintOptions | null): number;

/**
 * The input that a class would like to see.
 *
 * # Errors
 * Throws for a target that the model has not, and options out of range.
 */
export function classModel(model: Model, target: number, options?: AscentOptions | null): ClassModel;

/**
 * Compares two explanations of the same input, measurement by measurement: each measurement's relevance is the sum over
 * the cells that it decides on. `topOverlap` is of the ten largest.
 *
 * # Errors
 * Throws for an input of the wrong length, and for an explanation of another input.
 */
export function compareExplanations(model: Model, input: Float32Array, first: Explanation, second: Explanation): MethodAgreement;

/**
 * What would have to change for the other label: a task whose result is a `Counterfactual`.
 *
 * # Errors
 * Throws for options that are wrong, for an output without a label, and for a network that reads words.
 */
export function counterfactualTask(model: Model, stay: Stay, options?: CounterfactualOptions | null): Task;

/**
 * Cells of the pictures, `row * steps + step` each, that one of the explanations says raise the score and another says
 * lower it, and that are negligible (below 1 % of the largest) in neither. Magnitudes have no sign and take no part.
 *
 * # Errors
 * When an option is wrong, or one of the explanations is not one or belongs to another model.
 */
export function disputedCells(model: Model, explanations: Explanation[], options?: PaintOptions | null): Uint32Array;

/**
 * Reads, predicts and explains one record for a cohort, wherever that is; `Cohort.take` adds it. `reading` says how it is
 * read.
 *
 * # Errors
 * Throws for options that are unknown or out of range.
 */
export function explainRecord(model: Model, name: string, text: string, options?: ExplainOptions | null, reading?: StayOptions | null): ExplainedRecord;

/**
 * Explains one output as `Model.explain` does, with progress: of integrated gradients in derivatives, of which fewer than
 * all that are allowed may be enough, of occlusion in measurements. The task's result is an `Explanation`.
 *
 * # Errors
 * Throws as `Model.explain`.
 */
export function explainTask(model: Model, input: Float32Array | number[] | Stay, options?: ExplainOptions | null): Task;

/**
 * Where each cell of a model's pictures stands.
 *
 * # Errors
 * When an option is wrong.
 */
export function gridLayout(model: Model, options?: PaintOptions | null): GridLayout;

/**
 * The input of the same stay, had nothing been observed from step `from` on: a baseline of the patient's own.
 *
 * # Errors
 * Throws for an input of the wrong length.
 */
export function heldInput(model: Model, input: Float32Array, from: number): Float32Array;

/**
 * What stands at a row and step: `undefined` outside the grid.
 *
 * # Errors
 * When one of the explanations is not one, or belongs to another model.
 */
export function inspect(model: Model, stay: Stay, row: number, step: number, relevance?: Explanation | null, gradient?: Explanation | null): Inspection | undefined;

/**
 * What stands in every cell, row by row.
 *
 * # Errors
 * When one of the explanations is not one, or belongs to another model.
 */
export function inspectAll(model: Model, stay: Stay, relevance?: Explanation | null, gradient?: Explanation | null): Inspection[];

/**
 * The message of the panic that stopped this instance, if one did. After that, the instance must be thrown away.
 */
export function lastPanic(): string | undefined;

/**
 * Whether a record is a table that has every column which a mapping names: `StayOptions.mapping` of the options is looked at.
 *
 * # Errors
 * Throws for options that are unknown.
 */
export function mappingFits(text: string, model: Model, options?: StayOptions | null): boolean;

/**
 * The values that were measured and are numbers, `[rows * steps]`: NaN elsewhere.
 */
export function measuredNumbers(stay: Stay): Float64Array;

/**
 * The input of a stay in which nothing was observed, `[steps * columns]`: a baseline.
 */
export function normalInput(model: Model): Float32Array;

/**
 * Takes groups of measurements away, one after the other. The task's result is an `Effects`: `effect` is what the
 * score loses without the group.
 *
 * # Errors
 * Throws for an input of the wrong length, and for options that are unknown or out of range.
 */
export function occlusionTask(model: Model, input: Float32Array | number[] | Stay, groups?: GroupOptions | null, options?: ExplainOptions | null): Task;

/**
 * Paints one picture onto a canvas, which takes the picture's size.
 *
 * # Errors
 * When an option is wrong, the explanation is missing or belongs to another model, or the canvas refuses.
 */
export function paint(canvas: HTMLCanvasElement | OffscreenCanvas, kind: PictureKind, model: Model, stay: Stay, explanation?: Explanation | null, options?: PaintOptions | null): void;

/**
 * Paints one channel's values over the shown hours, in clinical units, with its relevance as a band below.
 *
 * # Errors
 * As for [`totals`], and when there is no such row.
 */
export function paintCourse(canvas: HTMLCanvasElement | OffscreenCanvas, model: Model, stay: Stay, explanation: Explanation, row: number, options: PaintOptions | null | undefined, course: CourseOptions): CourseFacts;

/**
 * Paints a picture's colour bar, and returns the numbers at its start, middle and end.
 *
 * # Errors
 * As for [`paint`].
 */
export function paintLegend(canvas: HTMLCanvasElement | OffscreenCanvas, kind: PictureKind, model: Model, stay: Stay, explanation?: Explanation | null, options?: PaintOptions | null): Float64Array;

/**
 * Paints `[steps * columns]` numbers, an input's or their relevance, as a picture; returns where its scale ends.
 *
 * # Errors
 * Throws for options that are wrong, numbers of another model, or a canvas that refuses.
 */
export function paintPicture(canvas: HTMLCanvasElement | OffscreenCanvas, model: Model, values: Float32Array, options: PictureOptions): number;

/**
 * Paints the margins of a picture as bars: those of the rows `barWidth` wide, those of the steps `options.barHeight`
 * high and as wide as the picture.
 *
 * # Errors
 * As for [`totals`].
 */
export function paintTotals(rows: HTMLCanvasElement | OffscreenCanvas, steps: HTMLCanvasElement | OffscreenCanvas, kind: PictureKind, model: Model, stay: Stay, explanation?: Explanation | null, options?: PaintOptions | null, barWidth?: number | null): void;

/**
 * The same as the comments under a table: every line begins with `#`, and none holds what a spreadsheet would compute.
 *
 * # Errors
 * As `provenanceLines`.
 */
export function provenanceComments(provenance: Provenance): string;

/**
 * The footer that stands under everything that is taken away, line by line.
 *
 * # Errors
 * Throws for a provenance with missing or unknown fields.
 */
export function provenanceLines(provenance: Provenance): string[];

/**
 * Reads a map from elsewhere, a CSV (hour, channel or column, relevance) or a `NumPy` array, as an explanation of this
 * input, to be painted, compared and audited like any other. `target` is the output that it is of, which no file says;
 * default the first. `Explanation.unnamed` counts the cells that the file says nothing of; a table whose `value` is not that
 * of the input is of another stay, and refused.
 *
 * # Errors
 * Throws where the file cannot be read; the message names the line or the part, and what to do. And where the model has no
 * such output.
 */
export function readExplanation(model: Model, input: Float32Array, bytes: Uint8Array | ArrayBuffer, target?: number | null): Explanation;

/**
 * The texts of a file from its bytes: gzip and zip are opened, UTF-16 is decoded, and what is no text is named.
 *
 * # Errors
 * Throws where the file is no text, is damaged, or holds more than is read.
 */
export function recordFiles(name: string, bytes: Uint8Array | ArrayBuffer): RecordFiles;

/**
 * The patients of a FHIR record, for a choice to be made before it is read.
 *
 * # Errors
 * Throws where the text is no FHIR in JSON or holds no Observation.
 */
export function recordPatients(text: string): RecordPatient[];

/**
 * What a table holds, for a choice to be made before it is read. `columns` names columns as `StayMapping.columns` does.
 *
 * # Errors
 * Throws where the text is empty, or `columns` names a column that is not there.
 */
export function recordTable(text: string, model: Model, columns?: StayMapping["columns"] | null): RecordTable;

/**
 * The outputs as if only the first 1, 2, ... steps had been known: a task whose result is a `Replay`.
 *
 * # Errors
 * Throws for an output that the model does not have.
 */
export function replayTask(model: Model, stay: Stay, target?: number | null): Task;

/**
 * The prediction as a FHIR R4 `RiskAssessment`, as JSON text, with its provenance and the label of artificial
 * intelligence.
 *
 * # Errors
 * Throws where the explained output is no probability, or `recorded` no instant.
 */
export function riskAssessment(model: Model, stay: Stay, explanation: Explanation, context?: AssessmentContext | null): string;

/**
 * Compares what this engine makes of a network and of records, by file, with stored values: the text of
 * `www/self-test.json`.
 *
 * # Errors
 * Where the values are none, a file that they name is not given, or a file cannot be read.
 */
export function selfTest(reference: string, onnx: Uint8Array | ArrayBuffer, records: Record<string, string>): SelfTest;

/**
 * SHA-256 of some bytes, as 64 hexadecimal digits.
 *
 * # Errors
 * Throws for what is no bytes.
 */
export function sha256(bytes: Uint8Array | ArrayBuffer): string;

/**
 * Shapley values of groups of measurements: exact up to 12 groups, sampled beyond. The task's result is an `Effects`;
 * with the score of the stay in which nothing was observed, the effects add up to the score.
 *
 * # Errors
 * As `occlusionTask`.
 */
export function shapleyTask(model: Model, input: Float32Array | number[] | Stay, groups?: GroupOptions | null, options?: ExplainOptions | null): Task;

/**
 * Keeps the message of a panic: in WebAssembly a panic is a trap without words.
 */
export function start(): void;

/**
 * The cells of an explanation's picture, `row * steps + step` each, from the strongest to the weakest; zeros left out.
 *
 * # Errors
 * As for [`totals`].
 */
export function strongestCells(model: Model, stay: Stay, explanation: Explanation, options?: PaintOptions | null): Uint32Array;

/**
 * Sums up what `trustStaysTask` measured: means with their bootstrap intervals (by default of 1,000 resamples, from seed
 * 1), and both tables as CSV.
 *
 * # Errors
 * Throws for rows that are none.
 */
export function summariseTrust(rows: TrustRow[], resamples?: number | null, seed?: number | null): TrustSummary;

/**
 * What an explanation of a stay says. The network is run some ten times, on what the findings change. `target` is the
 * output that it explains, which need not be said.
 *
 * # Errors
 * When the explanation or the stay belongs to another model, the explanation to another stay or output, or the model has no such output.
 */
export function summary(model: Model, stay: Stay, explanation: Explanation, target?: number | null): Summary;

/**
 * A manifest to fill in, as JSON; what nothing says is marked "to be filled".
 *
 * # Errors
 * Never in practice: a manifest is plain data.
 */
export function templateManifest(model: Model): string;

/**
 * A record to fill in, as CSV: a column a variable, a line an hour, normal values in the first.
 */
export function templateRecord(model: Model): string;

/**
 * A stay and its explanation as CSV: one line a channel and hour.
 *
 * # Errors
 * Throws when the explanation or the stay belongs to another model.
 */
export function toCsv(model: Model, stay: Stay, explanation: Explanation, provenance: Provenance): string;

/**
 * The margins of a picture: of its rows, groups and steps, over the steps that are shown. Those of the input count
 * what was measured.
 *
 * # Errors
 * When an option is wrong, the explanation is missing or belongs to another model.
 */
export function totals(kind: PictureKind, model: Model, stay: Stay, explanation?: Explanation | null, options?: PaintOptions | null): Totals;

/**
 * Measures how far the explanations of some stays hold, each as `trustTask` does; the task counts stays, and its result
 * is a `TrustRow[]` in the order of the records. A record that cannot be read is a row that says why. Rows of several
 * tasks can be put together for `summariseTrust`.
 *
 * # Errors
 * Throws for options that are unknown or out of range, and for records that are none.
 */
export function trustStaysTask(model: Model, records: TrustRecord[], options?: ExplainOptions | null): Task;

/**
 * Measures how far an explanation of an input holds; the task's result is a `Trust`. What decides is measured first, and
 * from then on the task's `early` returns it, a `TrustWord`; whoever needs the word alone frees the task then. `options` say how it was made, and
 * `baseline` among them what it is against; an explanation that is given is taken as it is, else it is made first. A map
 * from elsewhere, `{ relevance }`, is asked what decides; what has to make it again is not asked.
 *
 * # Errors
 * Throws for an input or a map of the wrong length, and for options that are unknown or out of range.
 */
export function trustTask(model: Model, input: Float32Array | number[] | Stay, options?: ExplainOptions | null, explanation?: Explanation | GivenMap | null): Task;

/**
 * Cells of the pictures, `row * steps + step` each, in whose sign fewer than four of five networks agree with the mean.
 * There are none where one network explains, or where magnitudes are shown, which have no sign.
 *
 * # Errors
 * When an option is wrong, or the explanation is none or belongs to another model.
 */
export function unsureCells(model: Model, explanation: Explanation, options?: PaintOptions | null): Uint32Array;

/**
 * The version of this engine.
 */
export function version(): string;

/**
 * A name as people see it: without characters that hide or turn what stands beside them.
 */
export function visible(text: string): string;

/**
 * The output had the reading that stands in a cell, or is carried forward into it, not been taken; `undefined` where
 * there is none.
 *
 * # Errors
 * Where the stay belongs to another model, or the model has no such output.
 */
export function withoutReading(model: Model, stay: Stay, row: number, step: number, target?: number | null): number | undefined;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_cohort_free: (a: number, b: number) => void;
    readonly __wbg_editor_free: (a: number, b: number) => void;
    readonly __wbg_effects_free: (a: number, b: number) => void;
    readonly __wbg_explainedrecord_free: (a: number, b: number) => void;
    readonly __wbg_explanation_free: (a: number, b: number) => void;
    readonly __wbg_explanationbatch_free: (a: number, b: number) => void;
    readonly __wbg_figure_free: (a: number, b: number) => void;
    readonly __wbg_model_free: (a: number, b: number) => void;
    readonly __wbg_models_free: (a: number, b: number) => void;
    readonly __wbg_savedview_free: (a: number, b: number) => void;
    readonly __wbg_screen_free: (a: number, b: number) => void;
    readonly __wbg_sentence_free: (a: number, b: number) => void;
    readonly __wbg_stay_free: (a: number, b: number) => void;
    readonly __wbg_task_free: (a: number, b: number) => void;
    readonly __wbg_viewfile_free: (a: number, b: number) => void;
    readonly account: (a: number, b: number) => [number, number, number];
    readonly accountCsv: (a: number, b: number, c: any) => [number, number, number, number];
    readonly anatomy: (a: number) => [number, number, number];
    readonly cellsBeyond: (a: number, b: number, c: any, d: number) => [number, number, number];
    readonly classModel: (a: number, b: any, c: number) => [number, number, number];
    readonly cohort_add: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly cohort_cellsBeyond: (a: number, b: number, c: any, d: number) => [number, number, number];
    readonly cohort_count: (a: number, b: any) => [number, number, number];
    readonly cohort_csv: (a: number) => [number, number];
    readonly cohort_hasBothLabels: (a: number) => number;
    readonly cohort_labelReports: (a: number) => [number, number, number];
    readonly cohort_measuresTask: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly cohort_new: (a: number, b: number) => [number, number, number];
    readonly cohort_paint: (a: number, b: any, c: number, d: any, e: number) => [number, number, number];
    readonly cohort_paintLegend: (a: number, b: any, c: number, d: any, e: number) => [number, number, number, number];
    readonly cohort_rows: (a: number) => [number, number, number];
    readonly cohort_subgroups: (a: number) => [number, number, number];
    readonly cohort_take: (a: number, b: number, c: any, d: number, e: number) => [number, number, number];
    readonly cohort_takeLabels: (a: number, b: number, c: number) => [number, number, number];
    readonly compareExplanations: (a: number, b: any, c: number, d: number) => [number, number, number];
    readonly counterfactualTask: (a: number, b: number, c: number) => [number, number, number];
    readonly disputedCells: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly editor_clear: (a: number, b: number, c: any, d: any, e: number) => [number, number, number];
    readonly editor_drag: (a: number, b: number, c: any, d: number, e: number, f: number, g: number, h: number) => [number, number, number];
    readonly editor_edit: (a: number, b: number, c: any, d: number) => [number, number, number];
    readonly editor_explainAll: (a: number, b: number, c: any) => [number, number, number, number];
    readonly editor_log: (a: number, b: number) => [number, number, number];
    readonly editor_nDone: (a: number) => number;
    readonly editor_new: (a: number, b: number, c: number) => [number, number, number];
    readonly editor_nudge: (a: number, b: number, c: any, d: any, e: number) => [number, number, number];
    readonly editor_redo: (a: number, b: number) => [number, number, number];
    readonly editor_stay: (a: number) => number;
    readonly editor_type: (a: number, b: number, c: any, d: any, e: number, f: number, g: number) => [number, number, number];
    readonly editor_undo: (a: number, b: number) => [number, number, number];
    readonly effects_explanation: (a: number) => number;
    readonly effects_groups: (a: number) => [number, number, number];
    readonly effects_strongest: (a: number) => [number, number];
    readonly explainRecord: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number];
    readonly explainTask: (a: number, b: any, c: number) => [number, number, number];
    readonly explainedrecord_relevance: (a: number) => [number, number];
    readonly explainedrecord_row: (a: number) => [number, number, number];
    readonly explanation_agreement: (a: number) => [number, number];
    readonly explanation_isMagnitude: (a: number) => number;
    readonly explanation_ledger: (a: number) => [number, number, number];
    readonly explanation_logit: (a: number) => number;
    readonly explanation_members: (a: number) => [number, number];
    readonly explanation_note: (a: number) => [number, number];
    readonly explanation_probability: (a: number) => number;
    readonly explanation_relevance: (a: number) => [number, number];
    readonly explanation_residual: (a: number) => number;
    readonly explanation_score: (a: number) => number;
    readonly explanation_share: (a: number) => number;
    readonly explanation_showSigns: (a: number) => void;
    readonly explanation_spread: (a: number) => [number, number, number];
    readonly explanation_unnamed: (a: number) => number;
    readonly explanationbatch_count: (a: number) => number;
    readonly explanationbatch_probabilities: (a: number) => [number, number];
    readonly explanationbatch_relevance: (a: number) => [number, number];
    readonly explanationbatch_residuals: (a: number) => [number, number];
    readonly explanationbatch_scores: (a: number) => [number, number];
    readonly figure_add: (a: number, b: any, c: any, d: number, e: number, f: number, g: number) => [number, number];
    readonly figure_new: (a: number, b: number) => [number, number, number];
    readonly figure_svg: (a: number, b: number, c: number, d: number, e: any, f: number) => [number, number, number, number];
    readonly gridLayout: (a: number, b: number) => [number, number, number];
    readonly heldInput: (a: number, b: any, c: any) => [number, number, number, number];
    readonly inspect: (a: number, b: number, c: any, d: any, e: number, f: number) => [number, number, number];
    readonly inspectAll: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly lastPanic: () => [number, number];
    readonly mappingFits: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly measuredNumbers: (a: number) => any;
    readonly model_assumedLayout: (a: number) => [number, number];
    readonly model_columns: (a: number) => number;
    readonly model_explain: (a: number, b: any, c: number) => [number, number, number];
    readonly model_explainAll: (a: number, b: any, c: any) => [number, number, number, number];
    readonly model_explainBatch: (a: number, b: any, c: number) => [number, number, number];
    readonly model_explainStay: (a: number, b: number, c: any) => [number, number, number, number];
    readonly model_forRecord: (a: number, b: any, c: number) => [number, number, number];
    readonly model_heads: (a: number) => [number, number, number];
    readonly model_manifest: (a: number) => [number, number, number];
    readonly model_manifestSource: (a: number) => [number, number];
    readonly model_networks: (a: number) => number;
    readonly model_new: (a: any, b: number, c: number, d: number) => [number, number, number];
    readonly model_openSteps: (a: number) => number;
    readonly model_outputs: (a: number) => [number, number];
    readonly model_parameters: (a: number) => number;
    readonly model_predict: (a: number, b: any) => [number, number, number, number];
    readonly model_rowsWithoutNormal: (a: number) => [number, number];
    readonly model_share: (a: number) => number;
    readonly model_steps: (a: number) => number;
    readonly models_asOne: (a: number) => number;
    readonly models_columns: (a: number) => number;
    readonly models_count: (a: number) => number;
    readonly models_enough: (a: number) => number;
    readonly models_explain: (a: number, b: any, c: number) => [number, number, number];
    readonly models_manifest: (a: number) => [number, number, number];
    readonly models_models: (a: number) => [number, number];
    readonly models_new: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly models_outputs: (a: number) => [number, number];
    readonly models_predict: (a: number, b: any) => [number, number, number, number];
    readonly models_steps: (a: number) => number;
    readonly models_together: (a: number, b: any, c: number) => [number, number, number];
    readonly normalInput: (a: number) => [number, number];
    readonly occlusionTask: (a: number, b: any, c: number, d: number) => [number, number, number];
    readonly paint: (a: any, b: any, c: number, d: number, e: number, f: number) => [number, number];
    readonly paintCourse: (a: any, b: number, c: number, d: any, e: any, f: number, g: any) => [number, number, number];
    readonly paintLegend: (a: any, b: any, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly paintPicture: (a: any, b: number, c: any, d: any) => [number, number, number];
    readonly paintTotals: (a: any, b: any, c: any, d: number, e: number, f: number, g: number, h: number) => [number, number];
    readonly provenanceComments: (a: any) => [number, number, number, number];
    readonly provenanceLines: (a: any) => [number, number, number, number];
    readonly readExplanation: (a: number, b: any, c: any, d: number) => [number, number, number];
    readonly recordFiles: (a: number, b: number, c: any) => [number, number, number];
    readonly recordPatients: (a: number, b: number) => [number, number, number];
    readonly recordTable: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly replayTask: (a: number, b: number, c: number) => [number, number, number];
    readonly riskAssessment: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly savedview_explanation: (a: number, b: number, c: number) => [number, number, number];
    readonly savedview_facts: (a: number) => [number, number, number];
    readonly savedview_isOf: (a: number, b: number, c: number) => number;
    readonly savedview_isOne: (a: number, b: number) => number;
    readonly savedview_open: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly savedview_takeEditor: (a: number) => [number, number, number];
    readonly screen_new: (a: number, b: any) => [number, number, number];
    readonly screen_update: (a: number, b: number, c: number, d: number, e: number, f: any, g: number, h: number) => [number, number, number];
    readonly selfTest: (a: number, b: number, c: any, d: any) => [number, number, number];
    readonly sentence_input: (a: number) => [number, number];
    readonly sentence_paint: (a: number, b: number, c: number) => [number, number, number];
    readonly sentence_parse: (a: number, b: number, c: number) => [number, number, number];
    readonly sha256: (a: any) => [number, number, number, number];
    readonly shapleyTask: (a: number, b: any, c: number, d: number) => [number, number, number];
    readonly start: () => void;
    readonly stay_input: (a: number) => [number, number];
    readonly stay_knownUntil: (a: number, b: number, c: any) => [number, number, number];
    readonly stay_name: (a: number) => [number, number];
    readonly stay_parse: (a: any, b: number, c: number) => [number, number, number];
    readonly stay_report: (a: number) => [number, number, number];
    readonly stay_share: (a: number) => number;
    readonly strongestCells: (a: number, b: number, c: any, d: number) => [number, number, number, number];
    readonly summariseTrust: (a: any, b: number, c: number) => [number, number, number];
    readonly summary: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly task_advance: (a: number, b: number) => [number, number, number];
    readonly task_done: (a: number) => number;
    readonly task_early: (a: number) => [number, number, number];
    readonly task_result: (a: number) => [number, number, number];
    readonly task_total: (a: number) => number;
    readonly task_unit: (a: number) => [number, number];
    readonly templateManifest: (a: number) => [number, number, number, number];
    readonly templateRecord: (a: number) => [number, number];
    readonly toCsv: (a: number, b: number, c: number, d: any) => [number, number, number, number];
    readonly totals: (a: any, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly trustStaysTask: (a: number, b: any, c: number) => [number, number, number];
    readonly trustTask: (a: number, b: any, c: number, d: number) => [number, number, number];
    readonly unsureCells: (a: number, b: any, c: number) => [number, number, number, number];
    readonly version: () => [number, number];
    readonly viewfile_add: (a: number, b: number, c: number, d: any, e: number) => [number, number];
    readonly viewfile_json: (a: number, b: number, c: number) => [number, number, number, number];
    readonly viewfile_new: (a: any, b: any, c: any) => [number, number, number];
    readonly visible: (a: number, b: number) => [number, number];
    readonly withoutReading: (a: number, b: number, c: any, d: any, e: number) => [number, number, number, number];
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
