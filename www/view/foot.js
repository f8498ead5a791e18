// Where the cells of a picture stand, and where a row of it has its foot: the track in which its being measured stands apart.

/** @import { GridLayout, StayView } from "../protocol.js" */

/**
 * The layout of a picture: the record and the gradient may be narrower than the others.
 * @param {Element} plot around the picture
 * @param {Pick<StayView, "layout" | "sides">} stay
 */
export function layoutOf(plot, { layout, sides }) {
  return plot.closest("#pictures .pane:not([data-pane=lrp])") ? sides : layout;
}

/**
 * Whether a height of a picture lies in the foot of a row.
 * @param {GridLayout} layout
 * @param {number} row
 * @param {number} y in device pixels
 */
function isFoot({ tops, tracks, cellHeight }, row, y) {
  const track = tracks[row] ?? 0;
  return track > 0 && y >= (tops[row] ?? 0) + cellHeight - track;
}

/**
 * The cell of a picture under a pointer, if there is one.
 * @param {Pick<PointerEvent, "clientX" | "clientY">} event
 * @param {HTMLCanvasElement} canvas
 * @param {GridLayout} layout
 * @param {number} density
 */
export function cellUnder({ clientX, clientY }, canvas, layout, density) {
  const { left, top: above } = canvas.getBoundingClientRect();
  const [x, y] = [(clientX - left) * density, (clientY - above) * density];
  const row = layout.tops.findIndex((top) => top !== undefined && y >= top && y < top + layout.cellHeight);
  const column = Math.floor(x / layout.cellWidth);
  if (row < 0 || column < 0 || column >= layout.nSteps) return undefined;
  return { row, step: layout.firstStep + column, isFoot: canvas.dataset.grid !== "input" && isFoot(layout, row, y) };
}
