// Runs before everything else on the page. Takes away what no content security policy covers, and counts what the
// policy refuses and what is asked of the network. view/privacy.js shows the counts.
(() => {
  const REMOVED = ["RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection", "RTCDataChannel", "WebTransport"];
  for (const name of REMOVED) {
    if (name in globalThis) Object.defineProperty(globalThis, name, { value: undefined, writable: false, configurable: false });
  }
  /** @type {{ removed: string[], requests: { name: string, at: number, status: number }[], violations: string[], since: number, listener: (() => void) | null }} */
  const seen = { removed: REMOVED, requests: [], violations: [], since: 0, listener: null };
  Object.defineProperty(globalThis, "vitrineGuard", { value: seen });
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
