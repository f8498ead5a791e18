/** @param {number[]} values @param {number} share from 0 to 1 @returns {number} with linear interpolation */
export function quantile(values, share) {
  if (values.length === 0) throw new Error("no values to take a quantile of");
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** @param {number[]} values @returns {number} */
export function median(values) {
  return quantile(values, 0.5);
}
