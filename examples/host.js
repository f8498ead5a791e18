// The host's end of the explainer's messages (docs/embedding.md, version 1). Copy it into your portal.

/** A number that nobody can guess. `crypto.randomUUID` would need HTTPS, which a portal inside a hospital may not have. */
const secret = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

/** How long the explainer may take to say that it is there. */
const PATIENCE = 60_000;

export class Explainer extends EventTarget {
  #port;
  #handle;
  #waiting = new Map();

  /**
   * Opens the explainer in a frame, and resolves when it has shaken hands.
   * @param {HTMLIFrameElement} frame with `sandbox="allow-scripts allow-downloads"`
   * @param {string} address of vitrine.html
   * @param {Record<string, string>} [settings] of the page: `share: "opened"` to be told of files that readers open in it
   * @returns {Promise<Explainer>}
   */
  static connect(frame, address, settings = {}) {
    const explainer = new Explainer();
    explainer.#handle = secret();
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () =>
          reject(
            new Error(
              `${address}: the explainer did not answer; is its address right, and this page's origin on its list?`,
            ),
          ),
        PATIENCE,
      );
      const listen = (event) => {
        // A sandboxed frame has no origin to check: what counts is that it is this very frame, and the secret handle.
        const { data, source, ports } = event;
        if (
          source !== frame.contentWindow ||
          data?.messageType !== "status.handshake" ||
          data.messagingHandle !== explainer.#handle
        )
          return;
        removeEventListener("message", listen);
        clearTimeout(late);
        explainer.#take(ports[0], data.messageId);
        resolve(explainer);
      };
      addEventListener("message", listen);
      frame.src = `${address}#${new URLSearchParams({ ...settings, handle: explainer.#handle })}`;
    });
  }

  /**
   * Asks the explainer for something; rejects with its words where it refuses.
   * @param {string} messageType
   * @param {object} [payload]
   * @param {Transferable[]} [transfer]
   */
  request(messageType, payload = {}, transfer = []) {
    const messageId = secret();
    this.#port.postMessage({ messagingHandle: this.#handle, messageId, messageType, payload }, transfer);
    return new Promise((resolve, reject) => this.#waiting.set(messageId, { resolve, reject }));
  }

  #take(port, handshake) {
    this.#port = port;
    port.onmessage = ({ data }) => this.#receive(data);
    port.postMessage({
      messagingHandle: this.#handle,
      messageId: secret(),
      responseToMessageId: handshake,
      additionalResponsesExpected: false,
      payload: {},
    });
  }

  #receive({ responseToMessageId, messageType, payload }) {
    const waiting = this.#waiting.get(responseToMessageId);
    this.#waiting.delete(responseToMessageId);
    if (waiting && payload.status === "ok") waiting.resolve(payload);
    else if (waiting) waiting.reject(new Error(payload.error.message));
    else if (messageType) this.dispatchEvent(new CustomEvent(messageType, { detail: payload }));
  }
}
