// The memory of WebAssembly that a program takes, found by watching what is made: a memory never shrinks, so that its size
// at the end is its peak.

/**
 * Begins to watch; to be called before anything is instantiated.
 * @param {{ WebAssembly: typeof WebAssembly }} [scope]
 * @returns {() => number} the bytes of all memories made since then
 */
export function watchMemory(scope = globalThis) {
  const { Memory, Instance, instantiate, instantiateStreaming } = scope.WebAssembly;
  /** @type {Set<WebAssembly.Memory>} */
  const seen = new Set();
  const note = (/** @type {WebAssembly.Instance} */ instance) => {
    for (const it of Object.values(instance.exports)) if (it instanceof Memory) seen.add(it);
    return instance;
  };
  // Compiled from bytes, an instance comes with its module; from a module, by itself.
  const noteAll = (/** @type {any} */ made) => {
    note(made instanceof Instance ? made : made.instance);
    return made;
  };
  Object.assign(scope.WebAssembly, {
    Memory: new Proxy(Memory, {
      construct(target, args) {
        const memory = new target(...args);
        seen.add(memory);
        return memory;
      },
    }),
    Instance: new Proxy(Instance, { construct: (target, args) => note(new target(...args)) }),
    instantiate: (/** @type {any[]} */ ...args) => instantiate.apply(scope.WebAssembly, args).then(noteAll),
    ...(instantiateStreaming && {
      instantiateStreaming: (/** @type {any[]} */ ...args) =>
        instantiateStreaming.apply(scope.WebAssembly, args).then(noteAll),
    }),
  });
  return () => [...seen].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
