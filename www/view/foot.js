// Where a row of a picture has its foot: the track in which its being measured stands apart.

/** @import { GridLayout } from "../protocol.js" */

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
