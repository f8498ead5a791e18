// Of what is asked for faster than it can be done, only the last is done.

/**
 * Runs something for the last of what it was asked for, each time after the run before it has ended.
 * @template T
 * @param {(wanted: T) => Promise<void>} run
 * @param {(error: unknown) => void} onFailure what waited then is given up
 * @param {(waiting: T, wanted: T) => T} [join] what is wanted where something else waits already; the newer where not given
 * @returns {(wanted: T) => void}
 */
export function latest(run, onFailure, join = (_, wanted) => wanted) {
  /** @type {{ it: T } | undefined} */
  let next;
  let isRunning = false;
  const runAll = async () => {
    isRunning = true;
    try {
      while (next) {
        const { it } = next;
        next = undefined;
        await run(it);
      }
    } catch (error) {
      next = undefined;
      onFailure(error);
    } finally {
      isRunning = false;
    }
  };
  return (wanted) => {
    next = { it: next ? join(next.it, wanted) : wanted };
    if (!isRunning) void runAll();
  };
}
