// Subjects that take turns: a machine that slows down slows all of them, so that ratios hold where times do not.

/**
 * @typedef {object} Turn
 * @property {string} name
 * @property {(inputs: Float32Array[]) => Promise<number>} take takes a turn and says how many milliseconds a stay took
 */

/**
 * A turn of one stay after another; of the first few where a stay takes long.
 * @param {string} name
 * @param {(input: Float32Array) => unknown} work
 * @param {number} [most] stays a turn
 * @returns {Turn}
 */
export function turn(name, work, most = Infinity) {
  return {
    name,
    async take(inputs) {
      const stays = inputs.slice(0, most);
      const start = performance.now();
      // Some interfaces are asynchronous; awaiting all of them gives each the same overhead.
      for (const input of stays) await work(input);
      return (performance.now() - start) / stays.length;
    },
  };
}

/**
 * @param {Turn[]} turns
 * @param {Float32Array[]} inputs
 * @param {{ rounds: number, warmUp: number }} count
 * @returns {Promise<Record<string, number[]>>} milliseconds a stay, of each round, by name
 */
export async function takeTurns(turns, inputs, { rounds, warmUp }) {
  /** @type {Record<string, number[]>} */
  const taken = Object.fromEntries(turns.map(({ name }) => [name, []]));
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let k = 0; k < turns.length; k++) {
      const { name, take } = turns[(k + round) % turns.length];
      const milliseconds = await take(inputs);
      if (round >= warmUp) taken[name].push(milliseconds);
    }
  }
  return taken;
}

/**
 * The largest difference of a subject's probabilities from those wanted.
 * @param {(input: Float32Array) => number | Promise<number>} predict
 * @param {Float32Array[]} inputs
 * @param {number[]} wanted
 */
export async function difference(predict, inputs, wanted) {
  let largest = 0;
  for (const [index, input] of inputs.entries()) {
    const off = Math.abs((await predict(input)) - wanted[index]);
    // A comparison with NaN is false: it must not pass for a small difference.
    if (Number.isNaN(off)) return NaN;
    largest = Math.max(largest, off);
  }
  return largest;
}
