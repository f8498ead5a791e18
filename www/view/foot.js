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
export function isFoot({ tops, tracks, cellHeight }, row, y) {
  const track = tracks[row] ?? 0;
  return track > 0 && y >= (tops[row] ?? 0) + cellHeight - track;
}
