// Has the browser keep the page for use without a network. Where that is not possible (no secure context, a sandbox),
// the page works as before, with a network.
if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => {
    navigator.serviceWorker.register("sw.js").catch((error) => console.info("the page is not kept for offline use:", error.message));
  });
}
