// Colours as the engine wants them.

/**
 * `rgb(252, 251, 249)` as `#fcfbf9`.
 * @param {string} colour a computed colour
 */
export function hex(colour) {
  const bytes = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return `#${bytes.map((byte) => Math.round(byte).toString(16).padStart(2, "0")).join("")}`;
}
