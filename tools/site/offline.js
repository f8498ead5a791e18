// Has the browser keep the page for use without a network. Where that is not possible (no secure context, a sandbox),
// the page works as before, with a network. A build that was fetched during an earlier visit is taken now, before the
// reader has opened anything.
if ("serviceWorker" in navigator && isSecureContext) {
  const { serviceWorker } = navigator;
  addEventListener("load", async () => {
    try {
      const { waiting } = await serviceWorker.register("sw.js");
      if (!waiting) return;
      serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      waiting.postMessage("take over");
    } catch (error) {
      console.info("the page is not kept for offline use:", error.message);
    }
  });
}
