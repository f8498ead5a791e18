// Takes the ways out of a worker away, once the engine is loaded and before anything is read. A policy keeps it from other
// hosts where it has one; this keeps it from all of them, its own included, on hosts that send no policy, too. What is left
// is `import()`, which is syntax: the page starts its workers so that they have its policy (engine.js).

/** Everything that reaches a network, starts something that could, or keeps something. */
const REMOVED = [
  "fetch", "fetchLater", "XMLHttpRequest", "WebSocket", "WebSocketStream", "EventSource", "WebTransport", "importScripts",
  "Worker", "SharedWorker", "BroadcastChannel", "FontFace", "fonts", "Notification", "PushManager", "ServiceWorkerRegistration",
  "RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "indexedDB", "IDBFactory", "caches", "CacheStorage", "cookieStore",
  "webkitRequestFileSystem", "webkitRequestFileSystemSync", "webkitResolveLocalFileSystemURL", "webkitResolveLocalFileSystemSyncURL",
  "DirectSocket", "TCPSocket", "UDPSocket", "TCPServerSocket", "ShadowRealm", "sharedStorage",
];
/** The same, of the navigator. */
const OF_NAVIGATOR = ["sendBeacon", "storage", "storageBuckets", "serviceWorker", "usb", "hid", "serial", "bluetooth", "connection", "mediaCapabilities"];

export function lock() {
  for (const name of REMOVED) remove(globalThis, name);
  for (const name of OF_NAVIGATOR) remove(navigator, name);
}

/**
 * @param {object} holder
 * @param {string} name
 */
function remove(holder, name) {
  for (let at = holder; at; at = Object.getPrototypeOf(at)) {
    // What cannot be deleted is hidden by what stands before it, and then overwritten where it is.
    if (!Object.hasOwn(at, name) || Reflect.deleteProperty(at, name)) continue;
    Reflect.defineProperty(at, name, { value: undefined });
  }
  Object.defineProperty(holder, name, { value: undefined, writable: false, configurable: false });
  if (Reflect.get(holder, name) !== undefined) throw new Error(`the worker cannot give up ${name}; it is not safe to open a record here`);
}
