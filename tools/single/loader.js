// The start of the one-file page: unpacks what is inline, answers the page's own fetches and workers from it, and runs
// the page. It becomes a classic script: from `file:` browsers load no modules.
(() => {
  /** Septets that a page cannot hold as they are, as septets.mjs says. */
  const FORBIDDEN = [0x00, 0x0d, 0x3c];
  const BASE = "https://vitrine.invalid/www/";
  globalThis.vitrineBase = `${BASE}main.js`;
  globalThis.vitrineSingle = true;

  start().catch((error) => {
    document.body.dataset.state = "error";
    document.querySelector("[role=alert]").textContent =
      `This file could not be unpacked (${error.message}). It needs a browser of 2023 or newer; get the file again if it was cut off.`;
  });

  async function start() {
    const element = document.getElementById("vitrine-files");
    const files = unpack(await inflate(decode(element.textContent)));
    element.remove();
    answerFetches(files);
    answerWorkers(files);
    const script = document.createElement("script");
    script.textContent = new TextDecoder().decode(files.get("app"));
    document.head.append(script);
  }

  /** Septets as bytes; the first characters are the length. */
  function decode(text) {
    const comma = text.indexOf(",");
    const bytes = new Uint8Array(Number(text.slice(0, comma)));
    let [at, bits, count] = [0, 0, 0];
    const put = (septet) => {
      bits = ((bits & 0x7f) << 7) | septet;
      count += 7;
      if (count < 8) return;
      count -= 8;
      bytes[at++] = bits >> count;
    };
    for (let place = comma + 1; place < text.length; place++) {
      const code = text.charCodeAt(place);
      if (code >= 0x80) put(FORBIDDEN[(code >> 7) - 1]);
      put(code & 0x7f);
    }
    if (at < bytes.length) throw new Error("it is cut off");
    return bytes;
  }

  async function inflate(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** The files, by their paths relative to the page. */
  function unpack(bytes) {
    const length = new DataView(bytes.buffer).getUint32(0, true);
    let at = 4 + length;
    const files = new Map();
    for (const [name, size] of JSON.parse(new TextDecoder().decode(bytes.subarray(4, at)))) {
      files.set(name, bytes.subarray(at, at + size));
      at += size;
    }
    return files;
  }

  /** The page asks for its files relative to itself; whatever else is asked for meets the policy, which refuses it. */
  function answerFetches(files) {
    const native = fetch;
    // In a notebook's frame, whose own address is about:srcdoc, the base is that of the notebook.
    const here = document.baseURI.replace(/[?#].*$/, "").replace(/[^/]*$/, "");
    globalThis.fetch = async (address, options) => {
      const url = String(address.url ?? address);
      const name = decodeURIComponent(url.startsWith(here) ? url.slice(here.length) : url.replace(BASE, ""));
      const file = files.get(name);
      return file ? new Response(file) : native(address, options);
    };
  }

  function answerWorkers(files) {
    const Native = Worker;
    const engine = files.get("../pkg/vitrine_bg.wasm");
    globalThis.Worker = function (address, options) {
      const code = files.get(`worker:${String(address).replace(BASE, "")}`);
      if (!code) return new Native(address, options);
      const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      const worker = new Native(url);
      // The worker has begun to load; the address is of no further use to anybody.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      worker.postMessage({ vitrineEngine: engine });
      return worker;
    };
  }
})();
