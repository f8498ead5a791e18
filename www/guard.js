// Runs before everything else on the page. Takes away what no content security policy covers, refuses to leave the page,
// and counts what the policy refuses and what is asked of the network. view/privacy.js shows the counts.
(() => {
  const REMOVED = ["RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection", "RTCDataChannel", "WebTransport"];
  /** What brings up a realm with all of that in it again: another window, or markup that is parsed piece by piece. */
  const REALMS = ["open", "fetchLater", "ShadowRealm", "XSLTProcessor", "XMLHttpRequest"];
  const OF_DOCUMENTS = ["write", "writeln", "open", "execCommand"];
  /** @type {{ removed: string[], requests: { name: string, at: number, status: number }[], violations: string[], since: number, listener: (() => void) | null }} */
  const seen = { removed: REMOVED, requests: [], violations: [], since: 0, listener: null };
  Object.defineProperty(globalThis, "vitrineGuard", { value: seen });

  /** @param {object} holder @param {string} name */
  const remove = (holder, name) => {
    if (name in holder) Object.defineProperty(holder, name, { value: undefined, writable: false, configurable: false });
  };
  for (const name of [...REMOVED, ...REALMS]) remove(globalThis, name);
  for (const name of OF_DOCUMENTS) remove(Document.prototype, name);

  // A frame has a realm of its own, with everything that was taken away here: no element that holds one can be made. It could
  // be made by name, or be parsed; where neither is possible, there is none to be cloned or put into the page.
  const FRAMES = "iframe|frame|frameset|object|embed|fencedframe|portal";
  const NAMED = new RegExp(`^(?:.*:)?(?:${FRAMES})$`, "is");
  const MARKUP = new RegExp(`<(?:[^\\s<>/:]*:)?(?:${FRAMES})(?![\\w-])|<!ENTITY`, "i");
  // As they are now: what runs later may put others in their place.
  const { apply } = Reflect;
  const { exec } = RegExp.prototype;
  const text = String;
  /** @param {RegExp} pattern @param {string} of */
  const has = (pattern, of) => apply(exec, pattern, [of]) !== null;
  /** @param {string} what */
  const refuse = (what) => {
    seen.violations.push(`frame ${what}`);
    seen.listener?.();
    throw new DOMException("this page holds no frames", "NotAllowedError");
  };
  /**
   * Stands before a method: what it is given as text is looked at, and passed on as that very text.
   * @param {any} holder
   * @param {string} name
   * @param {number} at the place of the text
   * @param {RegExp} bad
   */
  const before = (holder, name, at, bad) => {
    const native = holder?.[name];
    if (typeof native !== "function") return;
    /** @this {unknown} @param {...unknown} given */
    function value(...given) {
      if (at < given.length && given[at] !== null) given[at] = text(given[at]);
      if (at < given.length && has(bad, text(given[at]))) refuse(name);
      return apply(native, this, given);
    }
    Object.defineProperty(holder, name, { value, writable: false, configurable: false });
  };
  /**
   * The same for a property that parses what it is set to.
   * @param {object} holder
   * @param {string} name
   */
  const beforeSetting = (holder, name) => {
    const native = Object.getOwnPropertyDescriptor(holder, name);
    if (!native?.set) return;
    const set = native.set;
    Object.defineProperty(holder, name, {
      get: native.get,
      /** @this {unknown} @param {unknown} given */
      set(given) {
        const markup = given === null ? "" : text(given);
        if (has(MARKUP, markup)) refuse(name);
        apply(set, this, [markup]);
      },
      enumerable: true,
      configurable: false,
    });
  };
  before(Document.prototype, "createElement", 0, NAMED);
  before(Document.prototype, "createElementNS", 1, NAMED);
  before(DOMImplementation.prototype, "createDocument", 1, NAMED);
  for (const holder of [Element.prototype, ShadowRoot.prototype]) {
    for (const name of ["innerHTML", "outerHTML"]) beforeSetting(holder, name);
    for (const name of ["setHTMLUnsafe", "setHTML"]) before(holder, name, 0, MARKUP);
  }
  before(Element.prototype, "insertAdjacentHTML", 1, MARKUP);
  before(Range.prototype, "createContextualFragment", 0, MARKUP);
  before(DOMParser.prototype, "parseFromString", 0, MARKUP);
  for (const name of ["parseHTMLUnsafe", "parseHTML"]) before(Document, name, 0, MARKUP);
  // `extends` would make a frame under another name.
  const define = CustomElementRegistry.prototype.define;
  /** @this {CustomElementRegistry} @param {string} name @param {CustomElementConstructor} maker @param {ElementDefinitionOptions} [options] */
  function defineElement(name, maker, options) {
    if (options?.extends !== undefined) refuse("define");
    apply(define, this, [name, maker]);
  }
  Object.defineProperty(CustomElementRegistry.prototype, "define", { value: defineElement, writable: false, configurable: false });

  // No policy keeps a page from being left, with whatever stands in the address that it is left for. Loading the page anew, and
  // its own files that are handed to the reader, are let through.
  const { navigation } = /** @type {any} */ (globalThis);
  const { hasAttribute } = Element.prototype;
  // Firefox tells of a download twice, and the second time it calls it none: the link that it comes from is asked.
  const isDownload = (/** @type {any} */ { downloadRequest, sourceElement }) =>
    downloadRequest !== null || (sourceElement instanceof HTMLAnchorElement && apply(hasAttribute, sourceElement, ["download"]));
  navigation?.addEventListener("navigate", (/** @type {any} */ event) => {
    const { url, sameDocument } = event.destination;
    if (sameDocument || event.navigationType === "reload" || (url.startsWith("blob:") && isDownload(event))) return;
    event.preventDefault();
    seen.violations.push(`navigate ${url}`);
    seen.listener?.();
  });
  // The page that goes takes nothing along into the browser's cache of pages: going back shows an empty one, which loads anew.
  addEventListener("pagehide", () => document.body?.replaceChildren(), { capture: true });
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload(), { capture: true });

  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    seen.violations.push(`${effectiveDirective} ${blockedURI}`);
    seen.listener?.();
  });
  new PerformanceObserver((list) => {
    // What never leaves the tab is no request.
    const entries = /** @type {PerformanceResourceTiming[]} */ (list.getEntries());
    const asked = entries.filter(({ name }) => !/^(?:blob|data):/.test(name));
    seen.requests.push(...asked.map(({ name, startTime, responseStatus }) => ({ name, at: startTime, status: responseStatus })));
    seen.listener?.();
  }).observe({ type: "resource", buffered: true });
})();
