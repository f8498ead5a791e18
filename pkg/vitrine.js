/* @ts-self-types="./vitrine.d.ts" */

/**
 * Many stays. Of each stay its row is kept; its relevance goes into running sums.
 */
export class Cohort {
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        CohortFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_cohort_free(ptr, 0);
    }
    /**
     * Reads, predicts and explains one record, and returns its row; of a record that cannot be read it says why.
     *
     * # Errors
     * Never in practice: a row is plain data.
     * @param {Model} model
     * @param {string} name
     * @param {string} text
     * @returns {CohortRow}
     */
    add(model, name, text) {
        _assertClass(model, Model);
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passStringToWasm0(name, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free_command_export(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free_command_export(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.cohort_add(this.__wbg_ptr, model.__wbg_ptr, ptr0, len0, ptr1, len1);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * How many cells of such a picture lie beyond the end of its colour scale.
     *
     * # Errors
     * As `paint`.
     * @param {Model} model
     * @param {CohortPicture} picture
     * @param {PaintOptions | null} [options]
     * @returns {number}
     */
    cellsBeyond(model, picture, options) {
        _assertClass(model, Model);
        const ret = wasm.cohort_cellsBeyond(this.__wbg_ptr, model.__wbg_ptr, picture, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0] >>> 0;
    }
    /**
     * Number of stays in a group that pictures are of.
     *
     * # Errors
     * Throws for a group that there is not.
     * @param {CohortPicture} picture
     * @returns {number}
     */
    count(picture) {
        const ret = wasm.cohort_count(this.__wbg_ptr, picture);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0] >>> 0;
    }
    /**
     * The rows as CSV.
     * @returns {string}
     */
    csv() {
        let deferred1_0;
        let deferred1_1;
        try {
            const ret = wasm.cohort_csv(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            wasm.__wbindgen_free_command_export(deferred1_0, deferred1_1, 1);
        }
    }
    /**
     * Whether stays of both labels have a prediction, as measures need.
     * @returns {boolean}
     */
    get hasBothLabels() {
        const ret = wasm.cohort_hasBothLabels(this.__wbg_ptr);
        return ret !== 0;
    }
    /**
     * What of each list of labels came to nothing, in the order in which they were taken.
     *
     * # Errors
     * Never in practice: reports are plain data.
     * @returns {LabelReport[]}
     */
    labelReports() {
        const ret = wasm.cohort_labelReports(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * ROC, precision-recall, calibration and decision curve with their intervals: a task whose result is `Measures`, of all
     * stays or of those of a subgroup.
     *
     * # Errors
     * Throws where not both labels occur among the stays.
     * @param {number | null} [resamples]
     * @param {number | null} [seed]
     * @param {{ column: string; value: string } | null} [subgroup]
     * @returns {Task}
     */
    measuresTask(resamples, seed, subgroup) {
        const val1 = +(isLikeNone(seed) ? Number.MAX_SAFE_INTEGER : (seed) >>> 0);
        const ret = wasm.cohort_measuresTask(this.__wbg_ptr, isLikeNone(resamples) ? 0 : addToExternrefTable0(resamples), val1, isLikeNone(subgroup) ? 0 : addToExternrefTable0(subgroup));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Task.__wrap(ret[0]);
    }
    /**
     * A cohort without stays. `options` say which output is predicted, and how it is explained.
     *
     * # Errors
     * Throws for options that are unknown or out of range.
     * @param {Model} model
     * @param {ExplainOptions | null} [options]
     */
    constructor(model, options) {
        _assertClass(model, Model);
        const ret = wasm.cohort_new(model.__wbg_ptr, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        CohortFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * Paints the colour bar of such a picture, and returns the numbers at its start, middle and end.
     *
     * # Errors
     * As `paint`.
     * @param {HTMLCanvasElement | OffscreenCanvas} canvas
     * @param {Model} model
     * @param {CohortPicture} picture
     * @param {PaintOptions | null} [options]
     * @returns {Float64Array}
     */
    paintLegend(canvas, model, picture, options) {
        _assertClass(model, Model);
        const ret = wasm.cohort_paintLegend(this.__wbg_ptr, canvas, model.__wbg_ptr, picture, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayF64FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 8, 8);
        return v1;
    }
    /**
     * Paints the mean over a group's stays onto a canvas, and returns the end of its colour scale.
     *
     * # Errors
     * Throws where a group has no stays, and for options that are wrong.
     * @param {HTMLCanvasElement | OffscreenCanvas} canvas
     * @param {Model} model
     * @param {CohortPicture} picture
     * @param {PaintOptions | null} [options]
     * @returns {number}
     */
    paint(canvas, model, picture, options) {
        _assertClass(model, Model);
        const ret = wasm.cohort_paint(this.__wbg_ptr, canvas, model.__wbg_ptr, picture, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * Every stay, in the order in which they were added.
     *
     * # Errors
     * Never in practice: rows are plain data.
     * @returns {CohortRow[]}
     */
    rows() {
        const ret = wasm.cohort_rows(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * The further columns of the lists by which stays can be told apart.
     *
     * # Errors
     * Never in practice: subgroups are plain data.
     * @returns {CohortSubgroups[]}
     */
    subgroups() {
        const ret = wasm.cohort_subgroups(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Takes true labels from a list (`stay,y_true`) for the stays that are there and for those to come, and returns how many
     * of its lines have one. A line names a stay by its file, with or without folders and ending. Of a stay that an earlier list
     * names, too, this one says the label.
     *
     * # Errors
     * Throws for a text that is no such list; the message names the line.
     * @param {string} text
     * @returns {number}
     */
    takeLabels(text) {
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.cohort_takeLabels(this.__wbg_ptr, ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0] >>> 0;
    }
    /**
     * Takes a stay that `explainRecord` explained, here or in another worker, and returns its row with its label.
     *
     * # Errors
     * Throws for a row that is none, and for relevance of another length than the model's input.
     * @param {Model} model
     * @param {CohortRow} row
     * @param {Float64Array | number[] | null} [relevance]
     * @returns {CohortRow}
     */
    take(model, row, relevance) {
        _assertClass(model, Model);
        var ptr0 = isLikeNone(relevance) ? 0 : passArrayF64ToWasm0(relevance, wasm.__wbindgen_malloc_command_export);
        var len0 = WASM_VECTOR_LEN;
        const ret = wasm.cohort_take(this.__wbg_ptr, model.__wbg_ptr, row, ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
}
if (Symbol.dispose) Cohort.prototype[Symbol.dispose] = Cohort.prototype.free;

/**
 * A stay under edit. Begins as the stay that it was made from, which stays as it is.
 */
export class Editor {
    static __wrap(ptr) {
        const obj = Object.create(Editor.prototype);
        obj.__wbg_ptr = ptr;
        EditorFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        EditorFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_editor_free(ptr, 0);
    }
    /**
     * Takes the readings of `n` steps away; what was measured before them is carried forward.
     *
     * # Errors
     * Throws like `edit`.
     * @param {Model} model
     * @param {number} row
     * @param {number} step
     * @param {number | null} [n]
     * @returns {number}
     */
    clear(model, row, step, n) {
        _assertClass(model, Model);
        const ret = wasm.editor_clear(this.__wbg_ptr, model.__wbg_ptr, row, step, isLikeNone(n) ? 0 : addToExternrefTable0(n));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * Draws a course over a channel's chart, as a pointer does: `places` is `[step, y, step, y]`, from where to where in
     * pixels from the chart's top, and `plot` is `[top, bottom, high, low]`, the pixels of two values. With `joins` it
     * goes on with the last edit in the log.
     *
     * # Errors
     * Throws for lists of other lengths, and like `edit`.
     * @param {Model} model
     * @param {number} row
     * @param {Float64Array | number[]} places
     * @param {Float64Array | number[]} plot
     * @param {boolean | null} [joins]
     * @returns {number}
     */
    drag(model, row, places, plot, joins) {
        _assertClass(model, Model);
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passArrayF64ToWasm0(places, wasm.__wbindgen_malloc_command_export);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passArrayF64ToWasm0(plot, wasm.__wbindgen_malloc_command_export);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free_command_export(ptr1, len1 * 8, 8); }
            if (ptr0) { wasm.__wbindgen_free_command_export(ptr0, len0 * 8, 8); }
            throw e;
        }
        const ret = wasm.editor_drag(this.__wbg_ptr, model.__wbg_ptr, row, ptr0, len0, ptr1, len1, isLikeNone(joins) ? 0xFFFFFF : joins ? 1 : 0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * Makes an edit, and returns the output after it. With `joins`, an edit of the readings that the last one changed
     * takes its place in the log.
     *
     * # Errors
     * Throws for readings outside the stay, and for values that the channel cannot hold; the stay is then as it was.
     * @param {Model} model
     * @param {StayEdit} edit
     * @param {boolean | null} [joins]
     * @returns {number}
     */
    edit(model, edit, joins) {
        _assertClass(model, Model);
        const ret = wasm.editor_edit(this.__wbg_ptr, model.__wbg_ptr, edit, isLikeNone(joins) ? 0xFFFFFF : joins ? 1 : 0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * Several explanations of the stay as it stands, as `Model.explainAll` gives them; after an edit without running the
     * model once more.
     *
     * # Errors
     * Throws like `Model.explainAll`.
     * @param {Model} model
     * @param {ExplainOptions[]} options
     * @returns {Explanation[]}
     */
    explainAll(model, options) {
        _assertClass(model, Model);
        const ret = wasm.editor_explainAll(this.__wbg_ptr, model.__wbg_ptr, options);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Every edit and what it did.
     *
     * # Errors
     * Never in practice: a log is plain data.
     * @param {Model} model
     * @returns {EditLog}
     */
    log(model) {
        _assertClass(model, Model);
        const ret = wasm.editor_log(this.__wbg_ptr, model.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Number of edits that are in the stay.
     * @returns {number}
     */
    get nDone() {
        const ret = wasm.editor_nDone(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * Begins. `target` is the output that the log follows.
     *
     * # Errors
     * Throws for a stay of another model, and for a target that the model does not have.
     * @param {Model} model
     * @param {Stay} stay
     * @param {number | null} [target]
     */
    constructor(model, stay, target) {
        _assertClass(model, Model);
        _assertClass(stay, Stay);
        const ret = wasm.editor_new(model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(target) ? 0 : addToExternrefTable0(target));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        EditorFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * Moves one cell's value by `n` keystrokes: round numbers about a tenth of a standard deviation apart, or one
     * category of the clinical order each. Repeated keystrokes on one cell are one edit.
     *
     * # Errors
     * Throws for a cell outside the grid.
     * @param {Model} model
     * @param {number} row
     * @param {number} step
     * @param {number} n
     * @returns {number}
     */
    nudge(model, row, step, n) {
        _assertClass(model, Model);
        const ret = wasm.editor_nudge(this.__wbg_ptr, model.__wbg_ptr, row, step, n);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * Makes the edit again that was taken back last, if there is one, and returns the output.
     *
     * # Errors
     * Throws like `undo`.
     * @param {Model} model
     * @returns {number}
     */
    redo(model) {
        _assertClass(model, Model);
        const ret = wasm.editor_redo(this.__wbg_ptr, model.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * The stay as it stands, as an object of its own: freed on its own, and not changed by later edits.
     * @returns {Stay}
     */
    stay() {
        const ret = wasm.editor_stay(this.__wbg_ptr);
        return Stay.__wrap(ret);
    }
    /**
     * Sets one cell, or `n` from it on, to what a person typed: a number, with a point or a comma, or a category's text.
     *
     * # Errors
     * Throws like `edit`, and for text that is no value of the channel.
     * @param {Model} model
     * @param {number} row
     * @param {number} step
     * @param {string} text
     * @param {number | null} [n]
     * @returns {number}
     */
    type(model, row, step, text, n) {
        _assertClass(model, Model);
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.editor_type(this.__wbg_ptr, model.__wbg_ptr, row, step, ptr0, len0, isLikeNone(n) ? 0 : addToExternrefTable0(n));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * Takes the last edit back, if there is one, and returns the output.
     *
     * # Errors
     * Throws for another model than the one that the edits were made for.
     * @param {Model} model
     * @returns {number}
     */
    undo(model) {
        _assertClass(model, Model);
        const ret = wasm.editor_undo(this.__wbg_ptr, model.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
}
if (Symbol.dispose) Editor.prototype[Symbol.dispose] = Editor.prototype.free;

/**
 * What the score owes to groups of measurements.
 */
export class Effects {
    static __wrap(ptr) {
        const obj = Object.create(Effects.prototype);
        obj.__wbg_ptr = ptr;
        EffectsFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        EffectsFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_effects_free(ptr, 0);
    }
    /**
     * Each effect where its measurements stand, for painting beside other explanations.
     * @returns {Explanation}
     */
    get explanation() {
        const ret = wasm.effects_explanation(this.__wbg_ptr);
        return Explanation.__wrap(ret);
    }
    /**
     * One entry a group; its steps are `from..to`. `error` is the standard error of a sampled effect, else 0.
     *
     * # Errors
     * Never in practice: groups are plain data.
     * @returns {GroupEffect[]}
     */
    get groups() {
        const ret = wasm.effects_groups(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * The groups' places in `groups`, from the largest effect by magnitude to the smallest.
     * @returns {Uint32Array}
     */
    get strongest() {
        const ret = wasm.effects_strongest(this.__wbg_ptr);
        var v1 = getArrayU32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
}
if (Symbol.dispose) Effects.prototype[Symbol.dispose] = Effects.prototype.free;

/**
 * A stay explained for a cohort.
 */
export class ExplainedRecord {
    static __wrap(ptr) {
        const obj = Object.create(ExplainedRecord.prototype);
        obj.__wbg_ptr = ptr;
        ExplainedRecordFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ExplainedRecordFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_explainedrecord_free(ptr, 0);
    }
    /**
     * Its relevance `[steps * columns]`; nothing where the record could not be read.
     * @returns {Float64Array | undefined}
     */
    get relevance() {
        const ret = wasm.explainedrecord_relevance(this.__wbg_ptr);
        let v1;
        if (ret[0] !== 0) {
            v1 = getArrayF64FromWasm0(ret[0], ret[1]).slice();
            wasm.__wbindgen_free_command_export(ret[0], ret[1] * 8, 8);
        }
        return v1;
    }
    /**
     * Its row.
     *
     * # Errors
     * Never in practice: a row is plain data.
     * @returns {CohortRow}
     */
    get row() {
        const ret = wasm.explainedrecord_row(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
}
if (Symbol.dispose) ExplainedRecord.prototype[Symbol.dispose] = ExplainedRecord.prototype.free;

/**
 * Relevance of every input, with its account.
 */
export class Explanation {
    static __wrap(ptr) {
        const obj = Object.create(Explanation.prototype);
        obj.__wbg_ptr = ptr;
        ExplanationFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ExplanationFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_explanation_free(ptr, 0);
    }
    /**
     * How many networks agree with the sign of the mean, cell by cell, `[steps * columns]`; absent for one network.
     * @returns {Uint32Array | undefined}
     */
    get agreement() {
        const ret = wasm.explanation_agreement(this.__wbg_ptr);
        let v1;
        if (ret[0] !== 0) {
            v1 = getArrayU32FromWasm0(ret[0], ret[1]).slice();
            wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        }
        return v1;
    }
    /**
     * Whether the pictures show magnitudes instead of signed relevance.
     * @returns {boolean}
     */
    get isMagnitude() {
        const ret = wasm.explanation_isMagnitude(this.__wbg_ptr);
        return ret !== 0;
    }
    /**
     * Where the score went.
     *
     * # Errors
     * Never in practice: a ledger is plain data.
     * @returns {Ledger}
     */
    get ledger() {
        const ret = wasm.explanation_ledger(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * The whole score before the sigmoid, whatever part of it was decomposed.
     * @returns {number}
     */
    get logit() {
        const ret = wasm.explanation_logit(this.__wbg_ptr);
        return ret;
    }
    /**
     * The explanation of each network, where there are several; empty else.
     * @returns {Explanation[]}
     */
    get members() {
        const ret = wasm.explanation_members(this.__wbg_ptr);
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Why something is missing (`residual`), in words, where integrated gradients stopped before they were exact.
     * @returns {string | undefined}
     */
    get note() {
        const ret = wasm.explanation_note(this.__wbg_ptr);
        let v1;
        if (ret[0] !== 0) {
            v1 = getStringFromWasm0(ret[0], ret[1]);
            wasm.__wbindgen_free_command_export(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * The output as the model gives it.
     * @returns {number}
     */
    get probability() {
        const ret = wasm.explanation_probability(this.__wbg_ptr);
        return ret;
    }
    /**
     * `[steps * columns]`, row-major like the input.
     * @returns {Float32Array}
     */
    get relevance() {
        const ret = wasm.explanation_relevance(this.__wbg_ptr);
        var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * The score minus everything accounted for; NaN for a gradient, which decomposes nothing.
     * @returns {number}
     */
    get residual() {
        const ret = wasm.explanation_residual(this.__wbg_ptr);
        return ret;
    }
    /**
     * What was decomposed; for a gradient, the output that was differentiated.
     * @returns {number}
     */
    get score() {
        const ret = wasm.explanation_score(this.__wbg_ptr);
        return ret;
    }
    /**
     * Another handle on the same explanation, to be freed on its own.
     * @returns {Explanation}
     */
    share() {
        const ret = wasm.explanation_share(this.__wbg_ptr);
        return Explanation.__wrap(ret);
    }
    /**
     * From now on, pictures show the numbers of this explanation with their signs: of a gradient, whether the output
     * would rise or fall if the input rose.
     */
    showSigns() {
        wasm.explanation_showSigns(this.__wbg_ptr);
    }
    /**
     * What each network predicts, and how far that spreads; absent for one network.
     *
     * # Errors
     * Never in practice: a spread is plain data.
     * @returns {Spread | undefined}
     */
    get spread() {
        const ret = wasm.explanation_spread(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Cells of a map from elsewhere, a channel in a step each, that its file does not name; they count 0.
     * @returns {number}
     */
    get unnamed() {
        const ret = wasm.explanation_unnamed(this.__wbg_ptr);
        return ret >>> 0;
    }
}
if (Symbol.dispose) Explanation.prototype[Symbol.dispose] = Explanation.prototype.free;

/**
 * The explanations of many stays, each number as `Model.explain` gives it.
 */
export class ExplanationBatch {
    static __wrap(ptr) {
        const obj = Object.create(ExplanationBatch.prototype);
        obj.__wbg_ptr = ptr;
        ExplanationBatchFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ExplanationBatchFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_explanationbatch_free(ptr, 0);
    }
    /**
     * Number of stays.
     * @returns {number}
     */
    get count() {
        const ret = wasm.explanationbatch_count(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * The output of each stay.
     * @returns {Float64Array}
     */
    get probabilities() {
        const ret = wasm.explanationbatch_probabilities(this.__wbg_ptr);
        var v1 = getArrayF64FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 8, 8);
        return v1;
    }
    /**
     * `[stays * steps * columns]`, row-major like the inputs.
     * @returns {Float32Array}
     */
    get relevance() {
        const ret = wasm.explanationbatch_relevance(this.__wbg_ptr);
        var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * The residual of each stay, as `Explanation.residual`.
     * @returns {Float64Array}
     */
    get residuals() {
        const ret = wasm.explanationbatch_residuals(this.__wbg_ptr);
        var v1 = getArrayF64FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 8, 8);
        return v1;
    }
    /**
     * The score of each stay, as `Explanation.score`.
     * @returns {Float64Array}
     */
    get scores() {
        const ret = wasm.explanationbatch_scores(this.__wbg_ptr);
        var v1 = getArrayF64FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 8, 8);
        return v1;
    }
}
if (Symbol.dispose) ExplanationBatch.prototype[Symbol.dispose] = ExplanationBatch.prototype.free;

/**
 * Pictures beside each other as one SVG document, with labels, legends and footer.
 */
export class Figure {
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        FigureFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_figure_free(ptr, 0);
    }
    /**
     * Adds a picture to the right of those that are there, with its totals below it. Those of its rows stand on its
     * right where the words say what to write over them.
     *
     * # Errors
     * As `paint`, and for words with missing fields.
     * @param {PanelWords} words
     * @param {PictureKind} kind
     * @param {Model} model
     * @param {Stay} stay
     * @param {Explanation | null} [explanation]
     * @param {PaintOptions | null} [options]
     */
    add(words, kind, model, stay, explanation, options) {
        _assertClass(model, Model);
        _assertClass(stay, Stay);
        const ret = wasm.figure_add(this.__wbg_ptr, words, kind, model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(explanation) ? 0 : addToExternrefTable0(explanation), isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * A figure without pictures. The options' lengths are those of the document.
     *
     * # Errors
     * Throws when an option is wrong.
     * @param {Model} model
     * @param {PaintOptions | null} [options]
     */
    constructor(model, options) {
        _assertClass(model, Model);
        const ret = wasm.figure_new(model.__wbg_ptr, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        FigureFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * The document. The first line of the heading is the largest.
     *
     * # Errors
     * Throws for a provenance with missing or unknown fields, and for words with unknown ones or for other channels than
     * the model's.
     * @param {Model} model
     * @param {string[]} heading
     * @param {Provenance} provenance
     * @param {FigureWords | null} [words]
     * @returns {string}
     */
    svg(model, heading, provenance, words) {
        let deferred3_0;
        let deferred3_1;
        try {
            _assertClass(model, Model);
            const ptr0 = passArrayJsValueToWasm0(heading, wasm.__wbindgen_malloc_command_export);
            const len0 = WASM_VECTOR_LEN;
            const ret = wasm.figure_svg(this.__wbg_ptr, model.__wbg_ptr, ptr0, len0, provenance, isLikeNone(words) ? 0 : addToExternrefTable0(words));
            var ptr2 = ret[0];
            var len2 = ret[1];
            if (ret[3]) {
                ptr2 = 0; len2 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred3_0 = ptr2;
            deferred3_1 = len2;
            return getStringFromWasm0(ptr2, len2);
        } finally {
            wasm.__wbindgen_free_command_export(deferred3_0, deferred3_1, 1);
        }
    }
}
if (Symbol.dispose) Figure.prototype[Symbol.dispose] = Figure.prototype.free;

/**
 * A recurrent network, ready to run and to be explained; or several as one (`Models.asOne`).
 */
export class Model {
    static __wrap(ptr) {
        const obj = Object.create(Model.prototype);
        obj.__wbg_ptr = ptr;
        ModelFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ModelFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_model_free(ptr, 0);
    }
    /**
     * What the axes of the input with the steps are taken for, as a manifest's `layout` has them, where neither the file nor
     * a manifest nor what the layers do tells; empty where something does.
     * @returns {string[]}
     */
    get assumedLayout() {
        const ret = wasm.model_assumedLayout(this.__wbg_ptr);
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Columns of the input.
     * @returns {number}
     */
    get columns() {
        const ret = wasm.model_columns(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * Several explanations of one input, for which the model runs once: one for each element of `options`.
     *
     * # Errors
     * Throws like `explain`.
     * @param {Float32Array} input
     * @param {ExplainOptions[]} options
     * @returns {Explanation[]}
     */
    explainAll(input, options) {
        const ret = wasm.model_explainAll(this.__wbg_ptr, input, options);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Explains many inputs, `[stays * steps * columns]`, row-major, in model units.
     *
     * # Errors
     * Throws as `explain` does, and names the stay by its number, counted from 0.
     * @param {Float32Array} inputs
     * @param {ExplainOptions | null} [options]
     * @returns {ExplanationBatch}
     */
    explainBatch(inputs, options) {
        const ret = wasm.model_explainBatch(this.__wbg_ptr, inputs, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ExplanationBatch.__wrap(ret[0]);
    }
    /**
     * Several explanations of one stay: one for each element of `options`. A stay of which only the first steps are known
     * (`Stay.knownUntil`) is explained by the network run on these, where its number of steps is open; of another network,
     * what stands on later steps counts to the readings that are carried there.
     *
     * # Errors
     * Throws like `explain`.
     * @param {Stay} stay
     * @param {ExplainOptions[]} options
     * @returns {Explanation[]}
     */
    explainStay(stay, options) {
        _assertClass(stay, Stay);
        const ret = wasm.model_explainStay(this.__wbg_ptr, stay.__wbg_ptr, options);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Explains one output for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws like `predict`, and for options that are unknown or out of range.
     * @param {Float32Array} input
     * @param {ExplainOptions | null} [options]
     * @returns {Explanation}
     */
    explain(input, options) {
        const ret = wasm.model_explain(this.__wbg_ptr, input, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Explanation.__wrap(ret[0]);
    }
    /**
     * The same network for stays as long as a record, of a network whose number of steps is open; others are handed back
     * as they are.
     *
     * # Errors
     * Throws as `Stay.parse`, and where nothing that the model reads is observed in the record.
     * @param {string | Uint8Array} text
     * @param {StayOptions | null} [options]
     * @returns {Model}
     */
    forRecord(text, options) {
        const ret = wasm.model_forRecord(this.__wbg_ptr, text, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Model.__wrap(ret[0]);
    }
    /**
     * What can be asked of the model: what it says of an outcome, or of a class of it, by one number or by one a step.
     *
     * # Errors
     * Never in practice: heads are plain data.
     * @returns {Head[]}
     */
    get heads() {
        const ret = wasm.model_heads(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Where the manifest comes from: `"inside"` the model's file; `"beside"` it, as an argument; `"in-place"` of the one
     * inside; `"built-in"` where there was none.
     * @returns {"inside" | "beside" | "in-place" | "built-in"}
     */
    get manifestSource() {
        let deferred1_0;
        let deferred1_1;
        try {
            const ret = wasm.model_manifestSource(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            wasm.__wbindgen_free_command_export(deferred1_0, deferred1_1, 1);
        }
    }
    /**
     * What the model's columns and outputs mean.
     *
     * # Errors
     * Never in practice: a manifest is plain data.
     * @returns {Manifest}
     */
    get manifest() {
        const ret = wasm.model_manifest(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * How many networks this is: their mean is predicted and explained.
     * @returns {number}
     */
    get networks() {
        const ret = wasm.model_networks(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * Reads an ONNX file. `manifest` is JSON text that takes the place of the file's own.
     *
     * # Errors
     * Throws where the file is damaged or cannot be explained; the message names the node and what to do.
     * @param {Uint8Array | ArrayBuffer} onnx
     * @param {string | null} [manifest]
     * @param {ExternalData | null} [externalData]
     */
    constructor(onnx, manifest, externalData) {
        var ptr0 = isLikeNone(manifest) ? 0 : passStringToWasm0(manifest, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        var len0 = WASM_VECTOR_LEN;
        const ret = wasm.model_new(onnx, ptr0, len0, isLikeNone(externalData) ? 0 : addToExternrefTable0(externalData));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        ModelFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * Whether neither the file nor a manifest says how many steps a stay has: `forRecord` then fits the model to one.
     * @returns {boolean}
     */
    get openSteps() {
        const ret = wasm.model_openSteps(this.__wbg_ptr);
        return ret !== 0;
    }
    /**
     * A name for each number that the model returns.
     * @returns {string[]}
     */
    get outputs() {
        const ret = wasm.model_outputs(this.__wbg_ptr);
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Number of weights and biases.
     * @returns {number}
     */
    get parameters() {
        const ret = wasm.model_parameters(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * The model's outputs for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws for an input of the wrong length or with numbers that are not finite.
     * @param {Float32Array} input
     * @returns {Float32Array}
     */
    predict(input) {
        const ret = wasm.model_predict(this.__wbg_ptr, input);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * The rows of channels of which nothing says what they are in the well: their values are drawn by their distance from
     * the mean.
     * @returns {Uint32Array}
     */
    get rowsWithoutNormal() {
        const ret = wasm.model_rowsWithoutNormal(this.__wbg_ptr);
        var v1 = getArrayU32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Another handle on the same network, to be freed on its own.
     * @returns {Model}
     */
    share() {
        const ret = wasm.model_share(this.__wbg_ptr);
        return Model.__wrap(ret);
    }
    /**
     * Steps of the input.
     * @returns {number}
     */
    get steps() {
        const ret = wasm.model_steps(this.__wbg_ptr);
        return ret >>> 0;
    }
}
if (Symbol.dispose) Model.prototype[Symbol.dispose] = Model.prototype.free;

/**
 * Networks that read the same columns, shown as one: their mean, how far they spread, and what they agree on.
 */
export class Models {
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ModelsFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_models_free(ptr, 0);
    }
    /**
     * The networks as one `Model`, for everything that takes one: what it predicts, explains, edits, replays and audits
     * is their mean.
     * @returns {Model}
     */
    asOne() {
        const ret = wasm.models_asOne(this.__wbg_ptr);
        return Model.__wrap(ret);
    }
    /**
     * Columns of the input.
     * @returns {number}
     */
    get columns() {
        const ret = wasm.models_columns(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * How many networks there are.
     * @returns {number}
     */
    get count() {
        const ret = wasm.models_count(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * How many of them have to agree before what they say is said: at least four of five.
     * @returns {number}
     */
    get enough() {
        const ret = wasm.models_enough(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * The mean of the networks' explanations, which explains their mean score. It has `agreement` and `members`.
     *
     * # Errors
     * Throws as `Model.explain`, and names the network.
     * @param {Float32Array} input
     * @param {ExplainOptions | null} [options]
     * @returns {Explanation}
     */
    explain(input, options) {
        const ret = wasm.models_explain(this.__wbg_ptr, input, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Explanation.__wrap(ret[0]);
    }
    /**
     * What the columns and outputs of all of them mean.
     *
     * # Errors
     * Never in practice: a manifest is plain data.
     * @returns {Manifest}
     */
    get manifest() {
        const ret = wasm.models_manifest(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * The networks, each by a new handle.
     * @returns {Model[]}
     */
    get models() {
        const ret = wasm.models_models(this.__wbg_ptr);
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Puts networks together, each a `Model`, which stays usable, or the bytes of an ONNX file. `manifest` is JSON text
     * that takes the place of the files' own where bytes are given.
     *
     * # Errors
     * Throws where a file cannot be read, and where networks differ in steps, columns, outputs or what these mean: the
     * message names the network and what differs.
     * @param {(Model | Uint8Array)[]} models
     * @param {string | null} [manifest]
     */
    constructor(models, manifest) {
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passArrayJsValueToWasm0(models, wasm.__wbindgen_malloc_command_export);
            len0 = WASM_VECTOR_LEN;
            ptr1 = isLikeNone(manifest) ? 0 : passStringToWasm0(manifest, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free_command_export(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__externref_drop_slice_command_export(ptr0, len0); wasm.__wbindgen_free_command_export(ptr0, len0 * 4, 4); }
            throw e;
        }
        const ret = wasm.models_new(ptr0, len0, ptr1, len1);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        ModelsFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * A name for each number that the networks return.
     * @returns {string[]}
     */
    get outputs() {
        const ret = wasm.models_outputs(this.__wbg_ptr);
        var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * The mean of the networks' outputs for `[steps * columns]` numbers, row-major, in model units.
     *
     * # Errors
     * Throws as `Model.predict`, and names the network.
     * @param {Float32Array} input
     * @returns {Float32Array}
     */
    predict(input) {
        const ret = wasm.models_predict(this.__wbg_ptr, input);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * Steps of the input.
     * @returns {number}
     */
    get steps() {
        const ret = wasm.models_steps(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * What each network makes of one output, and how far they spread; `target` is 0 unless given.
     *
     * # Errors
     * Throws as `predict`, and where there is no such output.
     * @param {Float32Array} input
     * @param {number | null} [target]
     * @returns {Together}
     */
    together(input, target) {
        const ret = wasm.models_together(this.__wbg_ptr, input, isLikeNone(target) ? 0 : addToExternrefTable0(target));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
}
if (Symbol.dispose) Models.prototype[Symbol.dispose] = Models.prototype.free;

/**
 * A saved view that was opened.
 */
export class SavedView {
    static __wrap(ptr) {
        const obj = Object.create(SavedView.prototype);
        obj.__wbg_ptr = ptr;
        SavedViewFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        SavedViewFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_savedview_free(ptr, 0);
    }
    /**
     * An explanation by its name, to be freed on its own.
     *
     * # Errors
     * Throws where the file has none of that name.
     * @param {string} name
     * @returns {Explanation}
     */
    explanation(name) {
        const ptr0 = passStringToWasm0(name, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.savedview_explanation(this.__wbg_ptr, ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Explanation.__wrap(ret[0]);
    }
    /**
     * What the file says of itself.
     *
     * # Errors
     * Never in practice: facts are plain data.
     * @returns {SavedFacts}
     */
    get facts() {
        const ret = wasm.savedview_facts(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Whether the file's readings, before its edits, are those of a stay.
     * @param {Model} model
     * @param {Stay} stay
     * @returns {boolean}
     */
    isOf(model, stay) {
        _assertClass(model, Model);
        _assertClass(stay, Stay);
        const ret = wasm.savedview_isOf(this.__wbg_ptr, model.__wbg_ptr, stay.__wbg_ptr);
        return ret !== 0;
    }
    /**
     * Whether a text is a saved view, by its start.
     * @param {string} text
     * @returns {boolean}
     */
    static isOne(text) {
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.savedview_isOne(ptr0, len0);
        return ret !== 0;
    }
    /**
     * Opens a saved view with the model that it was made with.
     *
     * # Errors
     * Throws for a text that is no saved view or is damaged, and where the model is another one.
     * @param {Model} model
     * @param {string} model_sha256
     * @param {string} text
     * @returns {SavedView}
     */
    static open(model, model_sha256, text) {
        _assertClass(model, Model);
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passStringToWasm0(model_sha256, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free_command_export(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free_command_export(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.savedview_open(model.__wbg_ptr, ptr0, len0, ptr1, len1);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return SavedView.__wrap(ret[0]);
    }
    /**
     * The stay with its edits. It can be taken once.
     *
     * # Errors
     * Throws the second time.
     * @returns {Editor}
     */
    takeEditor() {
        const ret = wasm.savedview_takeEditor(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Editor.__wrap(ret[0]);
    }
}
if (Symbol.dispose) SavedView.prototype[Symbol.dispose] = SavedView.prototype.free;

/**
 * The pictures as they were last given away, so that the next ones can be told apart from them.
 */
export class Screen {
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ScreenFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_screen_free(ptr, 0);
    }
    /**
     * A screen on which nothing is shown yet.
     *
     * # Errors
     * When an option is wrong.
     * @param {PaintOptions | null | undefined} options
     * @param {ScreenOptions} around
     */
    constructor(options, around) {
        const ret = wasm.screen_new(isLikeNone(options) ? 0 : addToExternrefTable0(options), around);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        ScreenFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * Paints what is in sight and gives what changed since the last time, with the numbers beside it. `spare` is memory
     * that nobody needs any more, such as that of the strips given before: these are written into it as far as they fit.
     *
     * # Errors
     * When an explanation or the stay belongs to another model, when one is missing, or a row or slot is none.
     * @param {Model} model
     * @param {Stay} stay
     * @param {Explanation} relevance
     * @param {Explanation | null | undefined} gradient
     * @param {GlanceRequest} request
     * @param {ArrayBuffer[] | null} [spare]
     * @returns {Glance}
     */
    update(model, stay, relevance, gradient, request, spare) {
        _assertClass(model, Model);
        _assertClass(stay, Stay);
        _assertClass(relevance, Explanation);
        var ptr0 = isLikeNone(spare) ? 0 : passArrayJsValueToWasm0(spare, wasm.__wbindgen_malloc_command_export);
        var len0 = WASM_VECTOR_LEN;
        const ret = wasm.screen_update(this.__wbg_ptr, model.__wbg_ptr, stay.__wbg_ptr, relevance.__wbg_ptr, isLikeNone(gradient) ? 0 : addToExternrefTable0(gradient), request, ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
}
if (Symbol.dispose) Screen.prototype[Symbol.dispose] = Screen.prototype.free;

/**
 * A sentence, ready for a text model.
 */
export class Sentence {
    static __wrap(ptr) {
        const obj = Object.create(Sentence.prototype);
        obj.__wbg_ptr = ptr;
        SentenceFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        SentenceFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_sentence_free(ptr, 0);
    }
    /**
     * The model's input, `[steps]`: one token a step.
     * @returns {Float32Array}
     */
    get input() {
        const ret = wasm.sentence_input(this.__wbg_ptr);
        var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * The words in the colours of their relevance.
     *
     * # Errors
     * Throws for options that are wrong, or an explanation of another model.
     * @param {Explanation} explanation
     * @param {Colours | null} [colours]
     * @returns {PaintedSentence}
     */
    paint(explanation, colours) {
        _assertClass(explanation, Explanation);
        const ret = wasm.sentence_paint(this.__wbg_ptr, explanation.__wbg_ptr, isLikeNone(colours) ? 0 : addToExternrefTable0(colours));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Divides a text into words and looks them up in the model's vocabulary.
     *
     * # Errors
     * Throws where the model reads no text, or the text holds no word.
     * @param {string} text
     * @param {Model} model
     * @returns {Sentence}
     */
    static parse(text, model) {
        _assertClass(model, Model);
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.sentence_parse(ptr0, len0, model.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Sentence.__wrap(ret[0]);
    }
}
if (Symbol.dispose) Sentence.prototype[Symbol.dispose] = Sentence.prototype.free;

/**
 * One ICU episode, ready for a model.
 */
export class Stay {
    static __wrap(ptr) {
        const obj = Object.create(Stay.prototype);
        obj.__wbg_ptr = ptr;
        StayFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        StayFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_stay_free(ptr, 0);
    }
    /**
     * The model's input, `[steps * columns]`, row-major, in model units.
     * @returns {Float32Array}
     */
    get input() {
        const ret = wasm.stay_input(this.__wbg_ptr);
        var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
        return v1;
    }
    /**
     * The stay as it would have been read after its first `steps` steps.
     *
     * # Errors
     * Throws where the stay belongs to another model.
     * @param {Model} model
     * @param {number} steps
     * @returns {Stay}
     */
    knownUntil(model, steps) {
        _assertClass(model, Model);
        const ret = wasm.stay_knownUntil(this.__wbg_ptr, model.__wbg_ptr, steps);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Stay.__wrap(ret[0]);
    }
    /**
     * The record's name, as the caller gave it.
     * @returns {string}
     */
    get name() {
        let deferred1_0;
        let deferred1_1;
        try {
            const ret = wasm.stay_name(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            wasm.__wbindgen_free_command_export(deferred1_0, deferred1_1, 1);
        }
    }
    /**
     * Reads a record for a model: its text, or the bytes of its file, which may be compressed.
     *
     * # Errors
     * Throws where the record cannot be read; the message names the line, the variable and what to do.
     * @param {string | Uint8Array} text
     * @param {Model} model
     * @param {StayOptions | null} [options]
     * @returns {Stay}
     */
    static parse(text, model, options) {
        _assertClass(model, Model);
        const ret = wasm.stay_parse(text, model.__wbg_ptr, isLikeNone(options) ? 0 : addToExternrefTable0(options));
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Stay.__wrap(ret[0]);
    }
    /**
     * What was read, skipped, and found implausible.
     *
     * # Errors
     * Never in practice: a report is plain data.
     * @returns {ImportReport}
     */
    get report() {
        const ret = wasm.stay_report(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Another handle on the same stay, to be freed on its own.
     * @returns {Stay}
     */
    share() {
        const ret = wasm.stay_share(this.__wbg_ptr);
        return Stay.__wrap(ret);
    }
}
if (Symbol.dispose) Stay.prototype[Symbol.dispose] = Stay.prototype.free;

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
    static __wrap(ptr) {
        const obj = Object.create(Task.prototype);
        obj.__wbg_ptr = ptr;
        TaskFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        TaskFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_task_free(ptr, 0);
    }
    /**
     * Works for about so many milliseconds, at least one unit and only whole ones, and returns how much of the task
     * is done, in 0..1; 1 means that the result is there.
     *
     * # Errors
     * Throws what the work ran into; the task is of no further use then.
     * @param {number} milliseconds
     * @returns {number}
     */
    advance(milliseconds) {
        const ret = wasm.task_advance(this.__wbg_ptr, milliseconds);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0];
    }
    /**
     * Units done so far.
     * @returns {number}
     */
    get done() {
        const ret = wasm.task_done(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * What is known already, before the task is done; `undefined` as long as nothing is, and for tasks that say nothing on
     * their way. Of `trustTask` it is a `TrustWord`: its `isFinal` is false, and that of the result is true. It can be
     * asked for any number of times, until the result is taken.
     *
     * # Errors
     * Throws where it cannot be put into words.
     * @returns {any}
     */
    early() {
        const ret = wasm.task_early(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * What the task was for. It can be taken once.
     *
     * # Errors
     * Throws where the task is not done, has failed, or its result was taken before.
     * @returns {any}
     */
    result() {
        const ret = wasm.task_result(this.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
    /**
     * Units in all.
     * @returns {number}
     */
    get total() {
        const ret = wasm.task_total(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * What `done` and `total` count, for example "stays".
     * @returns {string}
     */
    get unit() {
        let deferred1_0;
        let deferred1_1;
        try {
            const ret = wasm.task_unit(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            wasm.__wbindgen_free_command_export(deferred1_0, deferred1_1, 1);
        }
    }
}
if (Symbol.dispose) Task.prototype[Symbol.dispose] = Task.prototype.free;

/**
 * What is on screen, on its way into a file that loads back.
 */
export class ViewFile {
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ViewFileFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_viewfile_free(ptr, 0);
    }
    /**
     * Adds an explanation under a name of its own. `options` is how it was made, kept as it is given.
     *
     * # Errors
     * Throws for options that are no plain data.
     * @param {string} name
     * @param {any} options
     * @param {Explanation} explanation
     */
    add(name, options, explanation) {
        _assertClass(explanation, Explanation);
        const ptr0 = passStringToWasm0(name, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.viewfile_add(this.__wbg_ptr, ptr0, len0, options, explanation.__wbg_ptr);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * The file's text: the stay before its edits, the edits, and the explanations.
     *
     * # Errors
     * Throws for an editor of another model.
     * @param {Model} model
     * @param {Editor} editor
     * @returns {string}
     */
    json(model, editor) {
        let deferred2_0;
        let deferred2_1;
        try {
            _assertClass(model, Model);
            _assertClass(editor, Editor);
            const ret = wasm.viewfile_json(this.__wbg_ptr, model.__wbg_ptr, editor.__wbg_ptr);
            var ptr1 = ret[0];
            var len1 = ret[1];
            if (ret[3]) {
                ptr1 = 0; len1 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred2_0 = ptr1;
            deferred2_1 = len1;
            return getStringFromWasm0(ptr1, len1);
        } finally {
            wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
        }
    }
    /**
     * Begins. `view` is how the pictures are painted, kept as it is given: plain data.
     *
     * # Errors
     * Throws for a provenance with missing or unknown fields, and for a view that is no plain data.
     * @param {Provenance} provenance
     * @param {number} target
     * @param {any} view
     */
    constructor(provenance, target, view) {
        const ret = wasm.viewfile_new(provenance, target, view);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        ViewFileFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
}
if (Symbol.dispose) ViewFile.prototype[Symbol.dispose] = ViewFile.prototype.free;

/**
 * Where the score went, channel by channel and hour by hour, values and masks apart.
 *
 * # Errors
 * Throws when the explanation belongs to another model.
 * @param {Model} model
 * @param {Explanation} explanation
 * @returns {Account}
 */
export function account(model, explanation) {
    _assertClass(model, Model);
    _assertClass(explanation, Explanation);
    const ret = wasm.account(model.__wbg_ptr, explanation.__wbg_ptr);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * The same as CSV.
 *
 * # Errors
 * As `account`, and for a provenance with missing or unknown fields.
 * @param {Model} model
 * @param {Explanation} explanation
 * @param {Provenance} provenance
 * @returns {string}
 */
export function accountCsv(model, explanation, provenance) {
    let deferred2_0;
    let deferred2_1;
    try {
        _assertClass(model, Model);
        _assertClass(explanation, Explanation);
        const ret = wasm.accountCsv(model.__wbg_ptr, explanation.__wbg_ptr, provenance);
        var ptr1 = ret[0];
        var len1 = ret[1];
        if (ret[3]) {
            ptr1 = 0; len1 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred2_0 = ptr1;
        deferred2_1 = len1;
        return getStringFromWasm0(ptr1, len1);
    } finally {
        wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
    }
}

/**
 * What a network is made of, and what each method can do.
 *
 * # Errors
 * Never in practice: what is said is plain data.
 * @param {Model} model
 * @returns {Anatomy}
 */
export function anatomy(model) {
    _assertClass(model, Model);
    const ret = wasm.anatomy(model.__wbg_ptr);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * How many cells of a picture lie beyond the end of its colour scale.
 *
 * # Errors
 * As for [`totals`].
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} explanation
 * @param {PaintOptions | null} [options]
 * @returns {number}
 */
export function cellsBeyond(model, stay, explanation, options) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.cellsBeyond(model.__wbg_ptr, stay.__wbg_ptr, explanation, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return ret[0] >>> 0;
}

/**
 * The input that a class would like to see.
 *
 * # Errors
 * Throws for a target that the model has not, and options out of range.
 * @param {Model} model
 * @param {number} target
 * @param {AscentOptions | null} [options]
 * @returns {ClassModel}
 */
export function classModel(model, target, options) {
    _assertClass(model, Model);
    const ret = wasm.classModel(model.__wbg_ptr, target, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * Compares two explanations of the same input, measurement by measurement: each measurement's relevance is the sum over
 * the cells that it decides on. `topOverlap` is of the ten largest.
 *
 * # Errors
 * Throws for an input of the wrong length, and for an explanation of another input.
 * @param {Model} model
 * @param {Float32Array} input
 * @param {Explanation} first
 * @param {Explanation} second
 * @returns {MethodAgreement}
 */
export function compareExplanations(model, input, first, second) {
    _assertClass(model, Model);
    _assertClass(first, Explanation);
    _assertClass(second, Explanation);
    const ret = wasm.compareExplanations(model.__wbg_ptr, input, first.__wbg_ptr, second.__wbg_ptr);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * What would have to change for the other label: a task whose result is a `Counterfactual`.
 *
 * # Errors
 * Throws for options that are wrong, for an output without a label, and for a network that reads words.
 * @param {Model} model
 * @param {Stay} stay
 * @param {CounterfactualOptions | null} [options]
 * @returns {Task}
 */
export function counterfactualTask(model, stay, options) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.counterfactualTask(model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Task.__wrap(ret[0]);
}

/**
 * Cells of the pictures, `row * steps + step` each, that one of the explanations says raise the score and another says
 * lower it, and that are negligible (below 1 % of the largest) in neither. Magnitudes have no sign and take no part.
 *
 * # Errors
 * When an option is wrong, or one of the explanations is not one or belongs to another model.
 * @param {Model} model
 * @param {Explanation[]} explanations
 * @param {PaintOptions | null} [options]
 * @returns {Uint32Array}
 */
export function disputedCells(model, explanations, options) {
    _assertClass(model, Model);
    const ptr0 = passArrayJsValueToWasm0(explanations, wasm.__wbindgen_malloc_command_export);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.disputedCells(model.__wbg_ptr, ptr0, len0, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[3]) {
        throw takeFromExternrefTable0(ret[2]);
    }
    var v2 = getArrayU32FromWasm0(ret[0], ret[1]).slice();
    wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
    return v2;
}

/**
 * Reads, predicts and explains one record for a cohort, wherever that is; `Cohort.take` adds it. `reading` says how it is
 * read.
 *
 * # Errors
 * Throws for options that are unknown or out of range.
 * @param {Model} model
 * @param {string} name
 * @param {string} text
 * @param {ExplainOptions | null} [options]
 * @param {StayOptions | null} [reading]
 * @returns {ExplainedRecord}
 */
export function explainRecord(model, name, text, options, reading) {
    _assertClass(model, Model);
    let ptr0, len0, ptr1, len1;
    try {
        ptr0 = passStringToWasm0(name, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        len0 = WASM_VECTOR_LEN;
        ptr1 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        len1 = WASM_VECTOR_LEN;
    } catch (e) {
        if (ptr1) { wasm.__wbindgen_free_command_export(ptr1, len1 * 1, 1); }
        if (ptr0) { wasm.__wbindgen_free_command_export(ptr0, len0 * 1, 1); }
        throw e;
    }
    const ret = wasm.explainRecord(model.__wbg_ptr, ptr0, len0, ptr1, len1, isLikeNone(options) ? 0 : addToExternrefTable0(options), isLikeNone(reading) ? 0 : addToExternrefTable0(reading));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return ExplainedRecord.__wrap(ret[0]);
}

/**
 * Explains one output as `Model.explain` does, with progress: of integrated gradients in derivatives, of which fewer than
 * all that are allowed may be enough, of occlusion in measurements. The task's result is an `Explanation`.
 *
 * # Errors
 * Throws as `Model.explain`.
 * @param {Model} model
 * @param {Float32Array | number[] | Stay} input
 * @param {ExplainOptions | null} [options]
 * @returns {Task}
 */
export function explainTask(model, input, options) {
    _assertClass(model, Model);
    const ret = wasm.explainTask(model.__wbg_ptr, input, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Task.__wrap(ret[0]);
}

/**
 * Where each cell of a model's pictures stands.
 *
 * # Errors
 * When an option is wrong.
 * @param {Model} model
 * @param {PaintOptions | null} [options]
 * @returns {GridLayout}
 */
export function gridLayout(model, options) {
    _assertClass(model, Model);
    const ret = wasm.gridLayout(model.__wbg_ptr, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * The input of the same stay, had nothing been observed from step `from` on: a baseline of the patient's own.
 *
 * # Errors
 * Throws for an input of the wrong length.
 * @param {Model} model
 * @param {Float32Array} input
 * @param {number} from
 * @returns {Float32Array}
 */
export function heldInput(model, input, from) {
    _assertClass(model, Model);
    const ret = wasm.heldInput(model.__wbg_ptr, input, from);
    if (ret[3]) {
        throw takeFromExternrefTable0(ret[2]);
    }
    var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
    wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
    return v1;
}

/**
 * What stands at a row and step: `undefined` outside the grid.
 *
 * # Errors
 * When one of the explanations is not one, or belongs to another model.
 * @param {Model} model
 * @param {Stay} stay
 * @param {number} row
 * @param {number} step
 * @param {Explanation | null} [relevance]
 * @param {Explanation | null} [gradient]
 * @returns {Inspection | undefined}
 */
export function inspect(model, stay, row, step, relevance, gradient) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.inspect(model.__wbg_ptr, stay.__wbg_ptr, row, step, isLikeNone(relevance) ? 0 : addToExternrefTable0(relevance), isLikeNone(gradient) ? 0 : addToExternrefTable0(gradient));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * What stands in every cell, row by row.
 *
 * # Errors
 * When one of the explanations is not one, or belongs to another model.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation | null} [relevance]
 * @param {Explanation | null} [gradient]
 * @returns {Inspection[]}
 */
export function inspectAll(model, stay, relevance, gradient) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.inspectAll(model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(relevance) ? 0 : addToExternrefTable0(relevance), isLikeNone(gradient) ? 0 : addToExternrefTable0(gradient));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * The message of the panic that stopped this instance, if one did. After that, the instance must be thrown away.
 * @returns {string | undefined}
 */
export function lastPanic() {
    const ret = wasm.lastPanic();
    let v1;
    if (ret[0] !== 0) {
        v1 = getStringFromWasm0(ret[0], ret[1]);
        wasm.__wbindgen_free_command_export(ret[0], ret[1] * 1, 1);
    }
    return v1;
}

/**
 * Whether a record is a table that has every column which a mapping names: `StayOptions.mapping` of the options is looked at.
 *
 * # Errors
 * Throws for options that are unknown.
 * @param {string} text
 * @param {Model} model
 * @param {StayOptions | null} [options]
 * @returns {boolean}
 */
export function mappingFits(text, model, options) {
    _assertClass(model, Model);
    const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.mappingFits(ptr0, len0, model.__wbg_ptr, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return ret[0] !== 0;
}

/**
 * The values that were measured and are numbers, `[rows * steps]`: NaN elsewhere.
 * @param {Stay} stay
 * @returns {Float64Array}
 */
export function measuredNumbers(stay) {
    _assertClass(stay, Stay);
    const ret = wasm.measuredNumbers(stay.__wbg_ptr);
    return ret;
}

/**
 * The input of a stay in which nothing was observed, `[steps * columns]`: a baseline.
 * @param {Model} model
 * @returns {Float32Array}
 */
export function normalInput(model) {
    _assertClass(model, Model);
    const ret = wasm.normalInput(model.__wbg_ptr);
    var v1 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
    wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
    return v1;
}

/**
 * Takes groups of measurements away, one after the other. The task's result is an `Effects`: `effect` is what the
 * score loses without the group.
 *
 * # Errors
 * Throws for an input of the wrong length, and for options that are unknown or out of range.
 * @param {Model} model
 * @param {Float32Array | number[] | Stay} input
 * @param {GroupOptions | null} [groups]
 * @param {ExplainOptions | null} [options]
 * @returns {Task}
 */
export function occlusionTask(model, input, groups, options) {
    _assertClass(model, Model);
    const ret = wasm.occlusionTask(model.__wbg_ptr, input, isLikeNone(groups) ? 0 : addToExternrefTable0(groups), isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Task.__wrap(ret[0]);
}

/**
 * Paints one picture onto a canvas, which takes the picture's size.
 *
 * # Errors
 * When an option is wrong, the explanation is missing or belongs to another model, or the canvas refuses.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {PictureKind} kind
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation | null} [explanation]
 * @param {PaintOptions | null} [options]
 */
export function paint(canvas, kind, model, stay, explanation, options) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.paint(canvas, kind, model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(explanation) ? 0 : addToExternrefTable0(explanation), isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[1]) {
        throw takeFromExternrefTable0(ret[0]);
    }
}

/**
 * Paints one channel's values over the shown hours, in clinical units, with its relevance as a band below.
 *
 * # Errors
 * As for [`totals`], and when there is no such row.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} explanation
 * @param {number} row
 * @param {PaintOptions | null | undefined} options
 * @param {CourseOptions} course
 * @returns {CourseFacts}
 */
export function paintCourse(canvas, model, stay, explanation, row, options, course) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.paintCourse(canvas, model.__wbg_ptr, stay.__wbg_ptr, explanation, row, isLikeNone(options) ? 0 : addToExternrefTable0(options), course);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * Paints a picture's colour bar, and returns the numbers at its start, middle and end.
 *
 * # Errors
 * As for [`paint`].
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {PictureKind} kind
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation | null} [explanation]
 * @param {PaintOptions | null} [options]
 * @returns {Float64Array}
 */
export function paintLegend(canvas, kind, model, stay, explanation, options) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.paintLegend(canvas, kind, model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(explanation) ? 0 : addToExternrefTable0(explanation), isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[3]) {
        throw takeFromExternrefTable0(ret[2]);
    }
    var v1 = getArrayF64FromWasm0(ret[0], ret[1]).slice();
    wasm.__wbindgen_free_command_export(ret[0], ret[1] * 8, 8);
    return v1;
}

/**
 * Paints `[steps * columns]` numbers, an input's or their relevance, as a picture; returns where its scale ends.
 *
 * # Errors
 * Throws for options that are wrong, numbers of another model, or a canvas that refuses.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {Model} model
 * @param {Float32Array} values
 * @param {PictureOptions} options
 * @returns {number}
 */
export function paintPicture(canvas, model, values, options) {
    _assertClass(model, Model);
    const ret = wasm.paintPicture(canvas, model.__wbg_ptr, values, options);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return ret[0];
}

/**
 * Paints the margins of a picture as bars: those of the rows `barWidth` wide, those of the steps `options.barHeight`
 * high and as wide as the picture.
 *
 * # Errors
 * As for [`totals`].
 * @param {HTMLCanvasElement | OffscreenCanvas} rows
 * @param {HTMLCanvasElement | OffscreenCanvas} steps
 * @param {PictureKind} kind
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation | null} [explanation]
 * @param {PaintOptions | null} [options]
 * @param {number | null} [barWidth]
 */
export function paintTotals(rows, steps, kind, model, stay, explanation, options, barWidth) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const val1 = +(isLikeNone(barWidth) ? Number.MAX_SAFE_INTEGER : (barWidth) >>> 0);
    const ret = wasm.paintTotals(rows, steps, kind, model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(explanation) ? 0 : addToExternrefTable0(explanation), isLikeNone(options) ? 0 : addToExternrefTable0(options), val1);
    if (ret[1]) {
        throw takeFromExternrefTable0(ret[0]);
    }
}

/**
 * The same as the comments under a table: every line begins with `#`, and none holds what a spreadsheet would compute.
 *
 * # Errors
 * As `provenanceLines`.
 * @param {Provenance} provenance
 * @returns {string}
 */
export function provenanceComments(provenance) {
    let deferred2_0;
    let deferred2_1;
    try {
        const ret = wasm.provenanceComments(provenance);
        var ptr1 = ret[0];
        var len1 = ret[1];
        if (ret[3]) {
            ptr1 = 0; len1 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred2_0 = ptr1;
        deferred2_1 = len1;
        return getStringFromWasm0(ptr1, len1);
    } finally {
        wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
    }
}

/**
 * The footer that stands under everything that is taken away, line by line.
 *
 * # Errors
 * Throws for a provenance with missing or unknown fields.
 * @param {Provenance} provenance
 * @returns {string[]}
 */
export function provenanceLines(provenance) {
    const ret = wasm.provenanceLines(provenance);
    if (ret[3]) {
        throw takeFromExternrefTable0(ret[2]);
    }
    var v1 = getArrayJsValueFromWasm0(ret[0], ret[1]);
    wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
    return v1;
}

/**
 * Reads a map from elsewhere, a CSV (hour, channel or column, relevance) or a `NumPy` array, as an explanation of this
 * input, to be painted, compared and audited like any other. `target` is the output that it is of, which no file says;
 * default the first. `Explanation.unnamed` counts the cells that the file says nothing of; a table whose `value` is not that
 * of the input is of another stay, and refused.
 *
 * # Errors
 * Throws where the file cannot be read; the message names the line or the part, and what to do. And where the model has no
 * such output.
 * @param {Model} model
 * @param {Float32Array} input
 * @param {Uint8Array | ArrayBuffer} bytes
 * @param {number | null} [target]
 * @returns {Explanation}
 */
export function readExplanation(model, input, bytes, target) {
    _assertClass(model, Model);
    const ret = wasm.readExplanation(model.__wbg_ptr, input, bytes, isLikeNone(target) ? 0 : addToExternrefTable0(target));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Explanation.__wrap(ret[0]);
}

/**
 * The texts of a file from its bytes: gzip and zip are opened, UTF-16 is decoded, and what is no text is named.
 *
 * # Errors
 * Throws where the file is no text, is damaged, or holds more than is read.
 * @param {string} name
 * @param {Uint8Array | ArrayBuffer} bytes
 * @returns {RecordFiles}
 */
export function recordFiles(name, bytes) {
    const ptr0 = passStringToWasm0(name, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.recordFiles(ptr0, len0, bytes);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * The patients of a FHIR record, for a choice to be made before it is read.
 *
 * # Errors
 * Throws where the text is no FHIR in JSON or holds no Observation.
 * @param {string} text
 * @returns {RecordPatient[]}
 */
export function recordPatients(text) {
    const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.recordPatients(ptr0, len0);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * What a table holds, for a choice to be made before it is read. `columns` names columns as `StayMapping.columns` does.
 *
 * # Errors
 * Throws where the text is empty, or `columns` names a column that is not there.
 * @param {string} text
 * @param {Model} model
 * @param {StayMapping["columns"] | null} [columns]
 * @returns {RecordTable}
 */
export function recordTable(text, model, columns) {
    _assertClass(model, Model);
    const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.recordTable(ptr0, len0, model.__wbg_ptr, isLikeNone(columns) ? 0 : addToExternrefTable0(columns));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * The outputs as if only the first 1, 2, ... steps had been known: a task whose result is a `Replay`.
 *
 * # Errors
 * Throws for an output that the model does not have.
 * @param {Model} model
 * @param {Stay} stay
 * @param {number | null} [target]
 * @returns {Task}
 */
export function replayTask(model, stay, target) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.replayTask(model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(target) ? 0 : addToExternrefTable0(target));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Task.__wrap(ret[0]);
}

/**
 * The prediction as a FHIR R4 `RiskAssessment`, as JSON text, with its provenance and the label of artificial
 * intelligence.
 *
 * # Errors
 * Throws where the explained output is no probability, or `recorded` no instant.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} explanation
 * @param {AssessmentContext | null} [context]
 * @returns {string}
 */
export function riskAssessment(model, stay, explanation, context) {
    let deferred2_0;
    let deferred2_1;
    try {
        _assertClass(model, Model);
        _assertClass(stay, Stay);
        _assertClass(explanation, Explanation);
        const ret = wasm.riskAssessment(model.__wbg_ptr, stay.__wbg_ptr, explanation.__wbg_ptr, isLikeNone(context) ? 0 : addToExternrefTable0(context));
        var ptr1 = ret[0];
        var len1 = ret[1];
        if (ret[3]) {
            ptr1 = 0; len1 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred2_0 = ptr1;
        deferred2_1 = len1;
        return getStringFromWasm0(ptr1, len1);
    } finally {
        wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
    }
}

/**
 * Compares what this engine makes of a network and of records, by file, with stored values: the text of
 * `www/self-test.json`.
 *
 * # Errors
 * Where the values are none, a file that they name is not given, or a file cannot be read.
 * @param {string} reference
 * @param {Uint8Array | ArrayBuffer} onnx
 * @param {Record<string, string>} records
 * @returns {SelfTest}
 */
export function selfTest(reference, onnx, records) {
    const ptr0 = passStringToWasm0(reference, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.selfTest(ptr0, len0, onnx, records);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * SHA-256 of some bytes, as 64 hexadecimal digits.
 *
 * # Errors
 * Throws for what is no bytes.
 * @param {Uint8Array | ArrayBuffer} bytes
 * @returns {string}
 */
export function sha256(bytes) {
    let deferred2_0;
    let deferred2_1;
    try {
        const ret = wasm.sha256(bytes);
        var ptr1 = ret[0];
        var len1 = ret[1];
        if (ret[3]) {
            ptr1 = 0; len1 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred2_0 = ptr1;
        deferred2_1 = len1;
        return getStringFromWasm0(ptr1, len1);
    } finally {
        wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
    }
}

/**
 * Shapley values of groups of measurements: exact up to 12 groups, sampled beyond. The task's result is an `Effects`;
 * with the score of the stay in which nothing was observed, the effects add up to the score.
 *
 * # Errors
 * As `occlusionTask`.
 * @param {Model} model
 * @param {Float32Array | number[] | Stay} input
 * @param {GroupOptions | null} [groups]
 * @param {ExplainOptions | null} [options]
 * @returns {Task}
 */
export function shapleyTask(model, input, groups, options) {
    _assertClass(model, Model);
    const ret = wasm.shapleyTask(model.__wbg_ptr, input, isLikeNone(groups) ? 0 : addToExternrefTable0(groups), isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Task.__wrap(ret[0]);
}

/**
 * Keeps the message of a panic: in WebAssembly a panic is a trap without words.
 */
export function start() {
    wasm.start();
}

/**
 * The cells of an explanation's picture, `row * steps + step` each, from the strongest to the weakest; zeros left out.
 *
 * # Errors
 * As for [`totals`].
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} explanation
 * @param {PaintOptions | null} [options]
 * @returns {Uint32Array}
 */
export function strongestCells(model, stay, explanation, options) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.strongestCells(model.__wbg_ptr, stay.__wbg_ptr, explanation, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[3]) {
        throw takeFromExternrefTable0(ret[2]);
    }
    var v1 = getArrayU32FromWasm0(ret[0], ret[1]).slice();
    wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
    return v1;
}

/**
 * Sums up what `trustStaysTask` measured: means with their bootstrap intervals (by default of 1,000 resamples, from seed
 * 1), and both tables as CSV.
 *
 * # Errors
 * Throws for rows that are none.
 * @param {TrustRow[]} rows
 * @param {number | null} [resamples]
 * @param {number | null} [seed]
 * @returns {TrustSummary}
 */
export function summariseTrust(rows, resamples, seed) {
    const val1 = +(isLikeNone(seed) ? Number.MAX_SAFE_INTEGER : (seed) >>> 0);
    const ret = wasm.summariseTrust(rows, isLikeNone(resamples) ? 0 : addToExternrefTable0(resamples), val1);
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * What an explanation of a stay says. The network is run some ten times, on what the findings change. `target` is the
 * output that it explains, which need not be said.
 *
 * # Errors
 * When the explanation or the stay belongs to another model, the explanation to another stay or output, or the model has no such output.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} explanation
 * @param {number | null} [target]
 * @returns {Summary}
 */
export function summary(model, stay, explanation, target) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    _assertClass(explanation, Explanation);
    const ret = wasm.summary(model.__wbg_ptr, stay.__wbg_ptr, explanation.__wbg_ptr, isLikeNone(target) ? 0 : addToExternrefTable0(target));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * A manifest to fill in, as JSON; what nothing says is marked "to be filled".
 *
 * # Errors
 * Never in practice: a manifest is plain data.
 * @param {Model} model
 * @returns {string}
 */
export function templateManifest(model) {
    let deferred2_0;
    let deferred2_1;
    try {
        _assertClass(model, Model);
        const ret = wasm.templateManifest(model.__wbg_ptr);
        var ptr1 = ret[0];
        var len1 = ret[1];
        if (ret[3]) {
            ptr1 = 0; len1 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred2_0 = ptr1;
        deferred2_1 = len1;
        return getStringFromWasm0(ptr1, len1);
    } finally {
        wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
    }
}

/**
 * A record to fill in, as CSV: a column a variable, a line an hour, normal values in the first.
 * @param {Model} model
 * @returns {string}
 */
export function templateRecord(model) {
    let deferred1_0;
    let deferred1_1;
    try {
        _assertClass(model, Model);
        const ret = wasm.templateRecord(model.__wbg_ptr);
        deferred1_0 = ret[0];
        deferred1_1 = ret[1];
        return getStringFromWasm0(ret[0], ret[1]);
    } finally {
        wasm.__wbindgen_free_command_export(deferred1_0, deferred1_1, 1);
    }
}

/**
 * A stay and its explanation as CSV: one line a channel and hour.
 *
 * # Errors
 * Throws when the explanation or the stay belongs to another model.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} explanation
 * @param {Provenance} provenance
 * @returns {string}
 */
export function toCsv(model, stay, explanation, provenance) {
    let deferred2_0;
    let deferred2_1;
    try {
        _assertClass(model, Model);
        _assertClass(stay, Stay);
        _assertClass(explanation, Explanation);
        const ret = wasm.toCsv(model.__wbg_ptr, stay.__wbg_ptr, explanation.__wbg_ptr, provenance);
        var ptr1 = ret[0];
        var len1 = ret[1];
        if (ret[3]) {
            ptr1 = 0; len1 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred2_0 = ptr1;
        deferred2_1 = len1;
        return getStringFromWasm0(ptr1, len1);
    } finally {
        wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
    }
}

/**
 * The margins of a picture: of its rows, groups and steps, over the steps that are shown. Those of the input count
 * what was measured.
 *
 * # Errors
 * When an option is wrong, the explanation is missing or belongs to another model.
 * @param {PictureKind} kind
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation | null} [explanation]
 * @param {PaintOptions | null} [options]
 * @returns {Totals}
 */
export function totals(kind, model, stay, explanation, options) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.totals(kind, model.__wbg_ptr, stay.__wbg_ptr, isLikeNone(explanation) ? 0 : addToExternrefTable0(explanation), isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
}

/**
 * Measures how far the explanations of some stays hold, each as `trustTask` does; the task counts stays, and its result
 * is a `TrustRow[]` in the order of the records. A record that cannot be read is a row that says why. Rows of several
 * tasks can be put together for `summariseTrust`.
 *
 * # Errors
 * Throws for options that are unknown or out of range, and for records that are none.
 * @param {Model} model
 * @param {TrustRecord[]} records
 * @param {ExplainOptions | null} [options]
 * @returns {Task}
 */
export function trustStaysTask(model, records, options) {
    _assertClass(model, Model);
    const ret = wasm.trustStaysTask(model.__wbg_ptr, records, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Task.__wrap(ret[0]);
}

/**
 * Measures how far an explanation of an input holds; the task's result is a `Trust`. What decides is measured first, and
 * from then on the task's `early` returns it, a `TrustWord`; whoever needs the word alone frees the task then. `options` say how it was made, and
 * `baseline` among them what it is against; an explanation that is given is taken as it is, else it is made first. A map
 * from elsewhere, `{ relevance }`, is asked what decides; what has to make it again is not asked.
 *
 * # Errors
 * Throws for an input or a map of the wrong length, and for options that are unknown or out of range.
 * @param {Model} model
 * @param {Float32Array | number[] | Stay} input
 * @param {ExplainOptions | null} [options]
 * @param {Explanation | GivenMap | null} [explanation]
 * @returns {Task}
 */
export function trustTask(model, input, options, explanation) {
    _assertClass(model, Model);
    const ret = wasm.trustTask(model.__wbg_ptr, input, isLikeNone(options) ? 0 : addToExternrefTable0(options), isLikeNone(explanation) ? 0 : addToExternrefTable0(explanation));
    if (ret[2]) {
        throw takeFromExternrefTable0(ret[1]);
    }
    return Task.__wrap(ret[0]);
}

/**
 * Cells of the pictures, `row * steps + step` each, in whose sign fewer than four of five networks agree with the mean.
 * There are none where one network explains, or where magnitudes are shown, which have no sign.
 *
 * # Errors
 * When an option is wrong, or the explanation is none or belongs to another model.
 * @param {Model} model
 * @param {Explanation} explanation
 * @param {PaintOptions | null} [options]
 * @returns {Uint32Array}
 */
export function unsureCells(model, explanation, options) {
    _assertClass(model, Model);
    const ret = wasm.unsureCells(model.__wbg_ptr, explanation, isLikeNone(options) ? 0 : addToExternrefTable0(options));
    if (ret[3]) {
        throw takeFromExternrefTable0(ret[2]);
    }
    var v1 = getArrayU32FromWasm0(ret[0], ret[1]).slice();
    wasm.__wbindgen_free_command_export(ret[0], ret[1] * 4, 4);
    return v1;
}

/**
 * The version of this engine.
 * @returns {string}
 */
export function version() {
    let deferred1_0;
    let deferred1_1;
    try {
        const ret = wasm.version();
        deferred1_0 = ret[0];
        deferred1_1 = ret[1];
        return getStringFromWasm0(ret[0], ret[1]);
    } finally {
        wasm.__wbindgen_free_command_export(deferred1_0, deferred1_1, 1);
    }
}

/**
 * A name as people see it: without characters that hide or turn what stands beside them.
 * @param {string} text
 * @returns {string}
 */
export function visible(text) {
    let deferred2_0;
    let deferred2_1;
    try {
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.visible(ptr0, len0);
        deferred2_0 = ret[0];
        deferred2_1 = ret[1];
        return getStringFromWasm0(ret[0], ret[1]);
    } finally {
        wasm.__wbindgen_free_command_export(deferred2_0, deferred2_1, 1);
    }
}

/**
 * The output had the reading that stands in a cell, or is carried forward into it, not been taken; `undefined` where
 * there is none.
 *
 * # Errors
 * Where the stay belongs to another model, or the model has no such output.
 * @param {Model} model
 * @param {Stay} stay
 * @param {number} row
 * @param {number} step
 * @param {number | null} [target]
 * @returns {number | undefined}
 */
export function withoutReading(model, stay, row, step, target) {
    _assertClass(model, Model);
    _assertClass(stay, Stay);
    const ret = wasm.withoutReading(model.__wbg_ptr, stay.__wbg_ptr, row, step, isLikeNone(target) ? 0 : addToExternrefTable0(target));
    if (ret[3]) {
        throw takeFromExternrefTable0(ret[2]);
    }
    return ret[0] === 0 ? undefined : ret[1];
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg_Error_208446807d0d1e30: function(arg0, arg1) {
            const ret = Error(getStringFromWasm0(arg0, arg1));
            return ret;
        },
        __wbg_Number_ff192a72a0dcdf6d: function(arg0) {
            const ret = Number(arg0);
            return ret;
        },
        __wbg_String_8564e559799eccda: function(arg0, arg1) {
            const ret = String(arg1);
            const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            const len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
        },
        __wbg___wbindgen_bigint_get_as_i64_11da4b52cd0aedef: function(arg0, arg1) {
            const v = arg1;
            const ret = typeof(v) === 'bigint' ? v : undefined;
            getDataViewMemory0().setBigInt64((arg0 >>> 0) + 8 * 1, isLikeNone(ret) ? BigInt(0) : ret, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, !isLikeNone(ret), true);
        },
        __wbg___wbindgen_boolean_get_4f1baf9a00be3c74: function(arg0) {
            const v = arg0;
            const ret = typeof(v) === 'boolean' ? v : undefined;
            return isLikeNone(ret) ? 0xFFFFFF : ret ? 1 : 0;
        },
        __wbg___wbindgen_debug_string_f249a2a76caa9a55: function(arg0, arg1) {
            const ret = debugString(arg1);
            const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            const len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
        },
        __wbg___wbindgen_in_3f58a9d3b3a7eed2: function(arg0, arg1) {
            const ret = arg0 in arg1;
            return ret;
        },
        __wbg___wbindgen_is_bigint_5fa10641e039d3ef: function(arg0) {
            const ret = typeof(arg0) === 'bigint';
            return ret;
        },
        __wbg___wbindgen_is_function_741ff2bb612836f5: function(arg0) {
            const ret = typeof(arg0) === 'function';
            return ret;
        },
        __wbg___wbindgen_is_object_8b968c3ab8e96595: function(arg0) {
            const val = arg0;
            const ret = typeof(val) === 'object' && val !== null;
            return ret;
        },
        __wbg___wbindgen_is_string_fc456fee5d3317de: function(arg0) {
            const ret = typeof(arg0) === 'string';
            return ret;
        },
        __wbg___wbindgen_is_undefined_be5b34249ff1fc15: function(arg0) {
            const ret = arg0 === undefined;
            return ret;
        },
        __wbg___wbindgen_jsval_eq_38d7bfbe4cc84039: function(arg0, arg1) {
            const ret = arg0 === arg1;
            return ret;
        },
        __wbg___wbindgen_jsval_loose_eq_b2f214e2e4b30e36: function(arg0, arg1) {
            const ret = arg0 == arg1;
            return ret;
        },
        __wbg___wbindgen_number_get_934b640d0889af78: function(arg0, arg1) {
            const obj = arg1;
            const ret = typeof(obj) === 'number' ? obj : undefined;
            getDataViewMemory0().setFloat64((arg0 >>> 0) + 8 * 1, isLikeNone(ret) ? 0 : ret, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, !isLikeNone(ret), true);
        },
        __wbg___wbindgen_string_get_7ce8eee7fd327545: function(arg0, arg1) {
            const obj = arg1;
            const ret = typeof(obj) === 'string' ? obj : undefined;
            var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc_command_export, wasm.__wbindgen_realloc_command_export);
            var len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
        },
        __wbg___wbindgen_throw_4c88d8bf264fd984: function(arg0, arg1) {
            throw new Error(getStringFromWasm0(arg0, arg1));
        },
        __wbg_byteLength_fa48f24814f5ef46: function(arg0) {
            const ret = arg0.byteLength;
            return ret;
        },
        __wbg_call_40b008ba32f73991: function() { return handleError(function (arg0, arg1) {
            const ret = arg0.call(arg1);
            return ret;
        }, arguments); },
        __wbg_done_57e08d0be6e30c02: function(arg0) {
            const ret = arg0.done;
            return ret;
        },
        __wbg_effects_new: function(arg0) {
            const ret = Effects.__wrap(arg0);
            return ret;
        },
        __wbg_entries_7bb1459bd9b5c2b9: function(arg0) {
            const ret = Object.entries(arg0);
            return ret;
        },
        __wbg_explanation_new: function(arg0) {
            const ret = Explanation.__wrap(arg0);
            return ret;
        },
        __wbg_fromEntries_d7c8cd4202f2bba8: function() { return handleError(function (arg0) {
            const ret = Object.fromEntries(arg0);
            return ret;
        }, arguments); },
        __wbg_getContext_1938edb9a972f63d: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = arg0.getContext(getStringFromWasm0(arg1, arg2));
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        }, arguments); },
        __wbg_getContext_d93f904b714852ae: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = arg0.getContext(getStringFromWasm0(arg1, arg2));
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        }, arguments); },
        __wbg_get_2080c49015e35254: function() { return handleError(function (arg0, arg1) {
            const ret = Reflect.get(arg0, arg1);
            return ret;
        }, arguments); },
        __wbg_get_635eea311fa1a291: function() { return handleError(function (arg0, arg1) {
            const ret = Reflect.get(arg0, arg1);
            return ret;
        }, arguments); },
        __wbg_get_bb8b6b35041e00c9: function() { return handleError(function (arg0, arg1) {
            const ret = Reflect.get(arg0, arg1 >>> 0);
            return ret;
        }, arguments); },
        __wbg_get_d7176cfb76d71114: function(arg0, arg1) {
            const ret = arg0[arg1 >>> 0];
            return ret;
        },
        __wbg_get_unchecked_e6325ad374eff861: function(arg0, arg1) {
            const ret = arg0[arg1 >>> 0];
            return ret;
        },
        __wbg_get_with_ref_key_fc601247060b7204: function(arg0, arg1) {
            const ret = arg0[arg1];
            return ret;
        },
        __wbg_instanceof_ArrayBuffer_12cdaa4161423e6b: function(arg0) {
            let result;
            try {
                result = arg0 instanceof ArrayBuffer;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_BigInt64Array_731716723b8f61e9: function(arg0) {
            let result;
            try {
                result = arg0 instanceof BigInt64Array;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_BigUint64Array_b7138a187432f337: function(arg0) {
            let result;
            try {
                result = arg0 instanceof BigUint64Array;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_CanvasRenderingContext2d_72a60be8aaadecab: function(arg0) {
            let result;
            try {
                result = arg0 instanceof CanvasRenderingContext2D;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_DataView_c848a927e99fc10e: function(arg0) {
            let result;
            try {
                result = arg0 instanceof DataView;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_Float32Array_94718abab7dc1d7f: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Float32Array;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_HtmlCanvasElement_89f280683e987b9e: function(arg0) {
            let result;
            try {
                result = arg0 instanceof HTMLCanvasElement;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_Map_0b4fc8b62e73f163: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Map;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_Object_97e16a01fd368661: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Object;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_OffscreenCanvasRenderingContext2d_a3c87a6b00a4bf2f: function(arg0) {
            let result;
            try {
                result = arg0 instanceof OffscreenCanvasRenderingContext2D;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_OffscreenCanvas_fcf6ec01367f54ec: function(arg0) {
            let result;
            try {
                result = arg0 instanceof OffscreenCanvas;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_Uint8Array_d7aeb0dcb3108fea: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Uint8Array;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_isArray_bcf1376d0d732d08: function(arg0) {
            const ret = Array.isArray(arg0);
            return ret;
        },
        __wbg_isSafeInteger_1a35ba4d31e71d38: function(arg0) {
            const ret = Number.isSafeInteger(arg0);
            return ret;
        },
        __wbg_isView_7c4f5a7c257b3a84: function(arg0) {
            const ret = ArrayBuffer.isView(arg0);
            return ret;
        },
        __wbg_iterator_e4c5e8f68ada7b58: function() {
            const ret = Symbol.iterator;
            return ret;
        },
        __wbg_keys_105f5c0857898f84: function(arg0) {
            const ret = Object.keys(arg0);
            return ret;
        },
        __wbg_length_186163212ffe79c3: function(arg0) {
            const ret = arg0.length;
            return ret;
        },
        __wbg_length_1e6e6766bd656de2: function(arg0) {
            const ret = arg0.length;
            return ret;
        },
        __wbg_length_6e9d2869242cabf3: function(arg0) {
            const ret = arg0.length;
            return ret;
        },
        __wbg_length_b03a0fabb109b1e9: function(arg0) {
            const ret = arg0.length;
            return ret;
        },
        __wbg_model_new: function(arg0) {
            const ret = Model.__wrap(arg0);
            return ret;
        },
        __wbg_new_13de428334042d26: function(arg0) {
            const ret = new Uint8Array(arg0);
            return ret;
        },
        __wbg_new_37eb45aaf5eeb820: function() {
            const ret = new Array();
            return ret;
        },
        __wbg_new_7075786089b89c5e: function() {
            const ret = new Map();
            return ret;
        },
        __wbg_new_787b9fb330d55d78: function(arg0, arg1) {
            const ret = new Error(getStringFromWasm0(arg0, arg1));
            return ret;
        },
        __wbg_new_787c6ba65fdb1b00: function(arg0) {
            const ret = new Float32Array(arg0);
            return ret;
        },
        __wbg_new_cd4348290afae586: function() {
            const ret = new Object();
            return ret;
        },
        __wbg_new_from_slice_aaf85a9746711968: function(arg0, arg1) {
            const ret = new Float64Array(getArrayF64FromWasm0(arg0, arg1));
            return ret;
        },
        __wbg_new_with_byte_offset_and_length_f744f5d11a51ddb8: function(arg0, arg1, arg2) {
            const ret = new Uint8ClampedArray(arg0, arg1 >>> 0, arg2 >>> 0);
            return ret;
        },
        __wbg_new_with_length_24161050e5bc0bf4: function(arg0) {
            const ret = new Uint8ClampedArray(arg0 >>> 0);
            return ret;
        },
        __wbg_new_with_u8_clamped_array_and_sh_e5d757b60792d996: function() { return handleError(function (arg0, arg1, arg2, arg3) {
            const ret = new ImageData(getClampedArrayU8FromWasm0(arg0, arg1), arg2 >>> 0, arg3 >>> 0);
            return ret;
        }, arguments); },
        __wbg_next_178c1651c11432b3: function(arg0) {
            const ret = arg0.next;
            return ret;
        },
        __wbg_next_af5ac6a08bb0a717: function() { return handleError(function (arg0) {
            const ret = arg0.next();
            return ret;
        }, arguments); },
        __wbg_now_463ac581d2fc7ea3: function() {
            const ret = Date.now();
            return ret;
        },
        __wbg_of_027eb15371aac932: function(arg0) {
            const ret = Array.of(arg0);
            return ret;
        },
        __wbg_parse_c3f72b5a24f83c01: function() { return handleError(function (arg0, arg1) {
            const ret = JSON.parse(getStringFromWasm0(arg0, arg1));
            return ret;
        }, arguments); },
        __wbg_prototypesetcall_13162965d1fe7aa3: function(arg0, arg1, arg2) {
            Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0, arg1), arg2);
        },
        __wbg_prototypesetcall_22b1bb88c4ec5c5a: function(arg0, arg1, arg2) {
            Float32Array.prototype.set.call(getArrayF32FromWasm0(arg0, arg1), arg2);
        },
        __wbg_push_c9f4893fc209f768: function(arg0, arg1) {
            const ret = arg0.push(arg1);
            return ret;
        },
        __wbg_putImageData_4c8f5c533216d0a0: function() { return handleError(function (arg0, arg1, arg2, arg3) {
            arg0.putImageData(arg1, arg2, arg3);
        }, arguments); },
        __wbg_putImageData_552dbe8b408efdf3: function() { return handleError(function (arg0, arg1, arg2, arg3) {
            arg0.putImageData(arg1, arg2, arg3);
        }, arguments); },
        __wbg_set_2793479888329cb6: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = Reflect.set(arg0, arg1, arg2);
            return ret;
        }, arguments); },
        __wbg_set_73c19cb1874a7da4: function(arg0, arg1, arg2) {
            arg0.set(getArrayU8FromWasm0(arg1, arg2));
        },
        __wbg_set_8282f7e0d2d01336: function(arg0, arg1, arg2) {
            const ret = arg0.set(arg1, arg2);
            return ret;
        },
        __wbg_set_d2d33b52458e984a: function(arg0, arg1, arg2) {
            arg0[arg1 >>> 0] = arg2;
        },
        __wbg_set_e4b9a833d288759a: function(arg0, arg1, arg2) {
            arg0[arg1] = arg2;
        },
        __wbg_set_height_ae0610d318c3428c: function(arg0, arg1) {
            arg0.height = arg1 >>> 0;
        },
        __wbg_set_height_ae24c2f7d580ae0a: function(arg0, arg1) {
            arg0.height = arg1 >>> 0;
        },
        __wbg_set_name_822e3903f3184979: function(arg0, arg1, arg2) {
            arg0.name = getStringFromWasm0(arg1, arg2);
        },
        __wbg_set_width_5f89a551b5472887: function(arg0, arg1) {
            arg0.width = arg1 >>> 0;
        },
        __wbg_set_width_eb3001e1dcabb909: function(arg0, arg1) {
            arg0.width = arg1 >>> 0;
        },
        __wbg_share_849a977c8acc3aff: function() { return handleError(function (arg0) {
            const ret = arg0.share();
            _assertClass(ret, Stay);
            var ptr1 = ret.__destroy_into_raw();
            return ptr1;
        }, arguments); },
        __wbg_share_9a29872472b29e7d: function() { return handleError(function (arg0) {
            const ret = arg0.share();
            _assertClass(ret, Explanation);
            var ptr1 = ret.__destroy_into_raw();
            return ptr1;
        }, arguments); },
        __wbg_share_c168c7c5e72f0220: function() { return handleError(function (arg0) {
            const ret = arg0.share();
            _assertClass(ret, Model);
            var ptr1 = ret.__destroy_into_raw();
            return ptr1;
        }, arguments); },
        __wbg_stringify_0a0fbf2ef722380a: function() { return handleError(function (arg0) {
            const ret = JSON.stringify(arg0);
            return ret;
        }, arguments); },
        __wbg_value_e0f328965e184931: function(arg0) {
            const ret = arg0.value;
            return ret;
        },
        __wbindgen_generic_0000000000000001: function(arg0) {
            // Cast intrinsic for `F64 -> Externref`.
            const ret = arg0;
            return ret;
        },
        __wbindgen_generic_0000000000000002: function(arg0) {
            // Cast intrinsic for `I64 -> Externref`.
            const ret = arg0;
            return ret;
        },
        __wbindgen_generic_0000000000000003: function(arg0, arg1) {
            // Cast intrinsic for `Ref(String) -> Externref`.
            const ret = getStringFromWasm0(arg0, arg1);
            return ret;
        },
        __wbindgen_generic_0000000000000004: function(arg0) {
            // Cast intrinsic for `U64 -> Externref`.
            const ret = BigInt.asUintN(64, arg0);
            return ret;
        },
        __wbindgen_init_externref_table: function() {
            const table = wasm.__wbindgen_externrefs;
            table.set(0, undefined);
            table.set(1024, undefined);
            table.set(1025, null);
            table.set(1026, true);
            table.set(1027, false);
        },
    };
    return {
        __proto__: null,
        "./vitrine_bg.js": import0,
    };
}

const CohortFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_cohort_free(ptr, 1));
const EditorFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_editor_free(ptr, 1));
const EffectsFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_effects_free(ptr, 1));
const ExplainedRecordFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_explainedrecord_free(ptr, 1));
const ExplanationFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_explanation_free(ptr, 1));
const ExplanationBatchFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_explanationbatch_free(ptr, 1));
const FigureFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_figure_free(ptr, 1));
const ModelFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_model_free(ptr, 1));
const ModelsFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_models_free(ptr, 1));
const SavedViewFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_savedview_free(ptr, 1));
const ScreenFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_screen_free(ptr, 1));
const SentenceFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_sentence_free(ptr, 1));
const StayFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_stay_free(ptr, 1));
const TaskFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_task_free(ptr, 1));
const ViewFileFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_viewfile_free(ptr, 1));

function addToExternrefTable0(obj) {
    const idx = wasm.__externref_table_alloc_command_export();
    wasm.__wbindgen_externrefs.set(idx, obj);
    return idx;
}

function _assertClass(instance, klass) {
    if (!(instance instanceof klass)) {
        throw new Error(`expected instance of ${klass.name}`);
    }
}

function debugString(val) {
    switch (typeof val) {
        // primitive types
        case 'number':
        case 'boolean':
        case 'undefined':
        return `${val}`;
        case 'string':
        return JSON.stringify(val);
        case 'bigint':
        return `${val}n`;
        case 'symbol':
        return val.description !== undefined
            ? `Symbol(${val.description})`
            : 'Symbol';
        case 'function':
        return typeof val.name === 'string' && val.name !== ''
            ? `Function(${val.name})`
            : 'Function';
        case 'object': {
            if (val === null) {
                return 'null';
            }
            // objects
            if (Array.isArray(val)) {
                return '[' + Array.from(val, debugString).join(', ') + ']';
            }
            // errors
            if (val instanceof Error) {
                return `${val.name}: ${val.message}\n${val.stack}`;
            }

            const toStringOutput = toString.call(val);
            // Test for built-in
            const className = /\[object ([^\]]+)\]/.exec(toStringOutput)?.[1];

            // Failed to match the standard '[object ClassName]'
            if (className === undefined) {
                return toStringOutput;
            }
            if (className === 'Object') {
                // we're a user defined class or Object
                // JSON.stringify avoids problems with cycles, and is generally much
                // easier than looping through ownProperties of `val`.
                try {
                    return 'Object(' + JSON.stringify(val) + ')';
                } catch (_) {
                    return 'Object';
                }
            }
            // TODO we could test for more things here, like `Set`s and `Map`s.
            return className;
        }
        // Per MDN: 'This list of values is exhaustive.'
        // https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Operators/typeof#description
    }
}

function getArrayF32FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getFloat32ArrayMemory0().subarray(ptr / 4, ptr / 4 + len);
}

function getArrayF64FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getFloat64ArrayMemory0().subarray(ptr / 8, ptr / 8 + len);
}

function getArrayJsValueFromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    const mem = getDataViewMemory0();
    const result = [];
    for (let i = ptr; i < ptr + 4 * len; i += 4) {
        result.push(wasm.__wbindgen_externrefs.get(mem.getUint32(i, true)));
    }
    wasm.__externref_drop_slice_command_export(ptr, len);
    return result;
}

function getArrayU32FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getUint32ArrayMemory0().subarray(ptr / 4, ptr / 4 + len);
}

function getArrayU8FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}

function getClampedArrayU8FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getUint8ClampedArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}

let cachedDataViewMemory0 = null;
function getDataViewMemory0() {
    if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)) {
        cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
    }
    return cachedDataViewMemory0;
}

let cachedFloat32ArrayMemory0 = null;
function getFloat32ArrayMemory0() {
    if (cachedFloat32ArrayMemory0 === null || cachedFloat32ArrayMemory0.byteLength === 0) {
        cachedFloat32ArrayMemory0 = new Float32Array(wasm.memory.buffer);
    }
    return cachedFloat32ArrayMemory0;
}

let cachedFloat64ArrayMemory0 = null;
function getFloat64ArrayMemory0() {
    if (cachedFloat64ArrayMemory0 === null || cachedFloat64ArrayMemory0.byteLength === 0) {
        cachedFloat64ArrayMemory0 = new Float64Array(wasm.memory.buffer);
    }
    return cachedFloat64ArrayMemory0;
}

function getStringFromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}

let cachedUint32ArrayMemory0 = null;
function getUint32ArrayMemory0() {
    if (cachedUint32ArrayMemory0 === null || cachedUint32ArrayMemory0.byteLength === 0) {
        cachedUint32ArrayMemory0 = new Uint32Array(wasm.memory.buffer);
    }
    return cachedUint32ArrayMemory0;
}

let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    }
    return cachedUint8ArrayMemory0;
}

let cachedUint8ClampedArrayMemory0 = null;
function getUint8ClampedArrayMemory0() {
    if (cachedUint8ClampedArrayMemory0 === null || cachedUint8ClampedArrayMemory0.byteLength === 0) {
        cachedUint8ClampedArrayMemory0 = new Uint8ClampedArray(wasm.memory.buffer);
    }
    return cachedUint8ClampedArrayMemory0;
}

function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        const idx = addToExternrefTable0(e);
        wasm.__wbindgen_exn_store_command_export(idx);
    }
}

function isLikeNone(x) {
    return x === undefined || x === null;
}

function passArrayF64ToWasm0(arg, malloc) {
    const ptr = malloc(arg.length * 8, 8) >>> 0;
    getFloat64ArrayMemory0().set(arg, ptr / 8);
    WASM_VECTOR_LEN = arg.length;
    return ptr;
}

function passArrayJsValueToWasm0(array, malloc) {
    const ptr = malloc(array.length * 4, 4) >>> 0;
    for (let i = 0; i < array.length; i++) {
        const add = addToExternrefTable0(array[i]);
        getDataViewMemory0().setUint32(ptr + 4 * i, add, true);
    }
    WASM_VECTOR_LEN = array.length;
    return ptr;
}

function passStringToWasm0(arg, malloc, realloc) {
    if (realloc === undefined) {
        const buf = cachedTextEncoder.encode(arg);
        const ptr = malloc(buf.length, 1) >>> 0;
        getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
        WASM_VECTOR_LEN = buf.length;
        return ptr;
    }

    let len = arg.length;
    let ptr = malloc(len, 1) >>> 0;

    const mem = getUint8ArrayMemory0();

    let offset = 0;

    for (; offset < len; offset++) {
        const code = arg.charCodeAt(offset);
        if (code > 0x7F) break;
        mem[ptr + offset] = code;
    }
    if (offset !== len) {
        if (offset !== 0) {
            arg = arg.slice(offset);
        }
        ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0;
        const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
        const ret = cachedTextEncoder.encodeInto(arg, view);

        offset += ret.written;
        ptr = realloc(ptr, len, offset, 1) >>> 0;
    }

    WASM_VECTOR_LEN = offset;
    return ptr;
}

function takeFromExternrefTable0(idx) {
    const value = wasm.__wbindgen_externrefs.get(idx);
    wasm.__externref_table_dealloc_command_export(idx);
    return value;
}

let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();
const MAX_SAFARI_DECODE_BYTES = 2146435072;
let numBytesDecoded = 0;
function decodeText(bytes) {
    numBytesDecoded += bytes.length;
    if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {
        cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
        cachedTextDecoder.decode();
        numBytesDecoded = bytes.length;
    }
    return cachedTextDecoder.decode(bytes);
}

const cachedTextEncoder = new TextEncoder();

if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg, view) {
        const buf = cachedTextEncoder.encode(arg);
        view.set(buf);
        return {
            read: arg.length,
            written: buf.length
        };
    };
}

let WASM_VECTOR_LEN = 0;

let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasmInstance = instance;
    wasm = instance.exports;
    wasmModule = module;
    cachedDataViewMemory0 = null;
    cachedFloat32ArrayMemory0 = null;
    cachedFloat64ArrayMemory0 = null;
    cachedUint32ArrayMemory0 = null;
    cachedUint8ArrayMemory0 = null;
    cachedUint8ClampedArrayMemory0 = null;
    wasm.__wbindgen_start();
    return wasm;
}

async function __wbg_load(module, imports) {
    if (typeof Response === 'function' && module instanceof Response) {
        if (!module.ok) {
            throw new Error(`failed to fetch Wasm: ${module.status} ${module.statusText} fetching '${module.url}'`);
        }

        if (typeof WebAssembly.instantiateStreaming === 'function') {
            try {
                return await WebAssembly.instantiateStreaming(module, imports);
            } catch (e) {
                const validResponse = expectedResponseType(module.type);

                if (validResponse && module.headers.get('Content-Type') !== 'application/wasm') {
                    console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n", e);

                } else { throw e; }
            }
        }

        const bytes = await module.arrayBuffer();
        return await WebAssembly.instantiate(bytes, imports);
    } else {
        const instance = await WebAssembly.instantiate(module, imports);

        if (instance instanceof WebAssembly.Instance) {
            return { instance, module };
        } else {
            return instance;
        }
    }

    function expectedResponseType(type) {
        switch (type) {
            case 'basic': case 'cors': case 'default': return true;
        }
        return false;
    }
}

function initSync(module) {
    if (wasm !== undefined) return wasm;


    if (module !== undefined) {
        if (Object.getPrototypeOf(module) === Object.prototype) {
            ({module} = module)
        } else {
            console.warn('using deprecated parameters for `initSync()`; pass a single object instead')
        }
    }

    const imports = __wbg_get_imports();
    if (!(module instanceof WebAssembly.Module)) {
        module = new WebAssembly.Module(module);
    }
    const instance = new WebAssembly.Instance(module, imports);
    return __wbg_finalize_init(instance, module);
}

let __wbg_init_promise;
async function __wbg_init(module_or_path) {
    if (wasm !== undefined) return wasm;
    if (__wbg_init_promise === undefined) {
        __wbg_init_promise = __wbg_init_once(module_or_path);
        __wbg_init_promise.catch(() => { __wbg_init_promise = undefined; });
    }
    return __wbg_init_promise;
}

async function __wbg_init_once(module_or_path) {

    if (module_or_path !== undefined) {
        if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
            ({module_or_path} = module_or_path)
        } else {
            console.warn('using deprecated parameters for the initialization function; pass a single object instead')
        }
    }

    if (module_or_path === undefined) {
        module_or_path = new URL('vitrine_bg.wasm', import.meta.url);
    }
    const imports = __wbg_get_imports();

    if (typeof module_or_path === 'string' || (typeof Request === 'function' && module_or_path instanceof Request) || (typeof URL === 'function' && module_or_path instanceof URL)) {
        module_or_path = fetch(module_or_path);
    }

    const { instance, module } = await __wbg_load(await module_or_path, imports);

    return __wbg_finalize_init(instance, module);
}

export { initSync, __wbg_init as default };
