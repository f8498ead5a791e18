// What a leak would reach: an HTTP and WebSocket server and a UDP socket on 127.0.0.1 that note every knock, and every
// known way to knock from inside a page.

import { createSocket } from "node:dgram";
import { createServer } from "node:http";

/**
 * @returns {Promise<{ url: string, stun: string, hits: () => Set<string>, connections: () => number, clear: () => void, close: () => Promise<void> }>}
 *   connections: how many were opened, also where nothing was asked for through them
 */
export async function canary() {
  const hits = new Set();
  let connections = 0;
  const note = (request) => hits.add((request.url ?? "").split(/[/?#]/)[1] ?? "");
  const server = createServer((request, response) => {
    note(request);
    // Whatever is asked for may be used: a browser that gives up on a header must not look like a policy that held.
    const type = /\.(\w+)/.exec(request.url ?? "")?.[1];
    response.writeHead(200, {
      "Content-Type":
        { js: "text/javascript", css: "text/css", svg: "image/svg+xml", html: "text/html" }[type] ?? "text/plain",
      "Access-Control-Allow-Origin": "*",
      "Cache-Control": "no-store",
    });
    response.end("");
  });
  server.on("connection", () => (connections += 1));
  server.on("upgrade", (request, socket) => {
    note(request);
    socket.destroy();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const udp = createSocket("udp4");
  udp.on("message", () => hits.add("webrtc"));
  await new Promise((done) => udp.bind(0, "127.0.0.1", done));
  const close = async () => {
    udp.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stun: `stun:127.0.0.1:${udp.address().port}`,
    hits: () => new Set(hits),
    connections: () => connections,
    clear: () => {
      hits.clear();
      connections = 0;
    },
    close,
  };
}

/** Ways out that leave the page where it is: tried all at once. Runs in the page, as text. */
export async function knock({ url, stun }) {
  const at = (name, ending = "") => `${url}/${name}/x${ending}?${Math.random()}`;
  const add = (tag, fields, parent = document.body) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(fields)) element.setAttribute(name, value);
    parent.append(element);
    return element;
  };
  const blobWorker = (code) => new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const socketUrl = (name) => at(name).replace("http", "ws");
  const ways = {
    fetch: () => fetch(at("fetch"), { mode: "no-cors" }),
    "fetch-post": () => fetch(at("fetch-post"), { method: "POST", mode: "no-cors", body: "x", keepalive: true }),
    xhr: () => {
      const request = new XMLHttpRequest();
      request.open("GET", at("xhr"));
      request.send();
    },
    beacon: () => navigator.sendBeacon(at("beacon"), "x"),
    websocket: () => new WebSocket(socketUrl("websocket")),
    eventsource: () => new EventSource(at("eventsource")),
    image: () => (new Image().src = at("image")),
    srcset: () => add("img", { srcset: `${at("srcset")} 1x` }),
    picture: () => {
      const picture = add("picture", {});
      add("source", { srcset: at("picture") }, picture);
      add("img", { alt: "" }, picture);
    },
    "svg-image": () => {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const image = document.createElementNS("http://www.w3.org/2000/svg", "image");
      image.setAttribute("href", at("svg-image", ".svg"));
      svg.append(image);
      document.body.append(svg);
    },
    "css-background": () => (document.body.style.backgroundImage = `url(${at("css-background")})`),
    "css-cursor": () => (add("p", {}).style.listStyleImage = `url(${at("css-cursor")})`),
    "style-import": () => (add("style", {}).textContent = `@import url(${at("style-import", ".css")});`),
    "style-font": () => {
      add("style", {}).textContent = `@font-face { font-family: leak; src: url(${at("style-font")}) }`;
      const words = add("p", {});
      words.textContent = "leak";
      words.style.fontFamily = "leak";
    },
    fontface: () => new FontFace("leak2", `url(${at("fontface")})`).load(),
    stylesheet: () => add("link", { rel: "stylesheet", href: at("stylesheet", ".css") }, document.head),
    preload: () => add("link", { rel: "preload", as: "image", href: at("preload") }, document.head),
    prefetch: () => add("link", { rel: "prefetch", href: at("prefetch") }, document.head),
    modulepreload: () => add("link", { rel: "modulepreload", href: at("modulepreload", ".js") }, document.head),
    script: () => add("script", { src: at("script", ".js") }, document.head),
    "script-inline": () => (add("script", {}).textContent = `new Image().src = ${JSON.stringify(at("script-inline"))}`),
    import: () => import(at("import", ".js")),
    worker: () => new Worker(at("worker", ".js")),
    "worker-import": () => blobWorker(`importScripts(${JSON.stringify(at("worker-import", ".js"))})`),
    "worker-fetch": () => blobWorker(`fetch(${JSON.stringify(at("worker-fetch"))}, { mode: "no-cors" })`),
    "worker-socket": () => blobWorker(`new WebSocket(${JSON.stringify(socketUrl("worker-socket"))})`),
    iframe: () => add("iframe", { src: at("iframe", ".html") }),
    object: () => add("object", { data: at("object", ".svg"), type: "image/svg+xml" }),
    embed: () => add("embed", { src: at("embed", ".svg"), type: "image/svg+xml" }),
    video: () => add("video", { src: at("video"), preload: "auto" }),
    audio: () => add("audio", { src: at("audio"), preload: "auto" }),
    poster: () => add("video", { poster: at("poster") }),
    input: () => add("input", { type: "image", src: at("input") }),
    form: () => {
      add("iframe", { name: "leak-form", hidden: "" });
      add("form", { action: at("form"), method: "post", target: "leak-form" }).submit();
    },
    webrtc: () => {
      const peer = new (globalThis.RTCPeerConnection ?? globalThis.webkitRTCPeerConnection)({
        iceServers: [{ urls: stun }],
      });
      peer.createDataChannel("leak");
      return peer.createOffer().then((offer) => peer.setLocalDescription(offer));
    },
  };
  for (const way of Object.values(ways)) {
    try {
      Promise.resolve(way()).catch(() => {});
    } catch {
      // Refused at once: as it should be.
    }
  }
  return Object.keys(ways);
}

/** Ways out that take the page along: each is tried from a page of its own. Run in the page, as text. */
export const LEAVE = {
  location: ({ url }) => {
    location.href = `${url}/location/x.html`;
  },
  link: ({ url }) => {
    const link = document.createElement("a");
    link.href = `${url}/link/x.html`;
    document.body.append(link);
    link.click();
  },
  ping: ({ url }) => {
    const link = document.createElement("a");
    link.href = "#";
    link.ping = `${url}/ping/x`;
    document.body.append(link);
    link.click();
  },
  open: ({ url }) => {
    window.open(`${url}/open/x.html`);
  },
  refresh: ({ url }) => {
    const meta = document.createElement("meta");
    meta.httpEquiv = "refresh";
    meta.content = `0;url=${url}/refresh/x.html`;
    document.head.append(meta);
  },
  top: ({ url }) => {
    window.top.location.href = `${url}/top/x.html`;
  },
};

/** Ways out of a worker, and what could be kept there. Runs in the worker, as text; says which were there to be tried. */
export async function knockFromWorker({ url }) {
  const at = (name, ending = "") => `${url}/${name}/x${ending}?${Math.random()}`;
  const socketUrl = (name) => at(name).replace("http", "ws");
  const blobUrl = (code) => URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  /** What stands in the prototypes, where what stands before it was taken away. */
  const inherited = (name) => {
    for (let holder = globalThis; holder; holder = Object.getPrototypeOf(holder)) {
      const found = Object.getOwnPropertyDescriptor(holder, name);
      const value = found?.value ?? found?.get?.call(globalThis);
      if (value) return value;
    }
    throw new Error(`no ${name}`);
  };
  const ways = {
    fetch: () => fetch(at("fetch"), { mode: "no-cors" }),
    "fetch-inherited": () => inherited("fetch").call(globalThis, at("fetch-inherited"), { mode: "no-cors" }),
    "fetch-post": () => fetch(at("fetch-post"), { method: "POST", mode: "no-cors", body: "x" }),
    streaming: () => WebAssembly.compileStreaming(fetch(at("streaming"), { mode: "no-cors" })),
    xhr: () => {
      const request = new XMLHttpRequest();
      request.open("GET", at("xhr"));
      request.send();
    },
    websocket: () => new WebSocket(socketUrl("websocket")),
    "websocket-inherited": () => new (inherited("WebSocket"))(socketUrl("websocket-inherited")),
    eventsource: () => new EventSource(at("eventsource")),
    import: () => import(at("import", ".js")),
    "sub-worker": () => new Worker(blobUrl(`fetch(${JSON.stringify(at("sub-worker"))}, { mode: "no-cors" })`)),
    "sub-worker-import": () =>
      new Worker(blobUrl(`import(${JSON.stringify(at("sub-worker-import", ".js"))})`), { type: "module" }),
    fontface: () => new FontFace("leak", `url(${at("fontface")})`).load(),
  };
  const none = {
    importScripts: () => globalThis.importScripts(at("importScripts", ".js")),
    webtransport: () => new WebTransport(at("webtransport").replace("http", "https")).ready,
    websocketstream: () => new WebSocketStream(socketUrl("websocketstream")).opened,
    broadcast: () => new BroadcastChannel("leak").postMessage("x"),
    database: () => indexedDB.open("leak"),
    cache: () => caches.open("leak"),
    folder: () => navigator.storage.getDirectory(),
  };
  const began = [];
  for (const [name, way] of Object.entries({ ...ways, ...none })) {
    try {
      const answer = way();
      if (name in none) began.push(name);
      Promise.resolve(answer).catch(() => {});
    } catch {
      // Refused at once: as it should be.
    }
  }
  return { ways: Object.keys(ways), began };
}

/** Ways to a fresh realm, each of which would bring back what was taken away. Runs in the page, as text. */
export function realms() {
  const put = (element) => document.body.append(element) ?? element;
  const html = "<iframe></iframe>";
  const ns = "http://www.w3.org/1999/xhtml";
  const ways = {
    createElement: () => put(document.createElement("iframe")),
    upper: () => put(document.createElement("IFRAME")),
    twice: () => {
      let n = 0;
      put(document.createElement({ toString: () => (n++ ? "iframe" : "p") }));
    },
    createElementNS: () => put(document.createElementNS(ns, "x:iframe")),
    createDocument: () => put(document.adoptNode(document.implementation.createDocument(ns, "iframe").documentElement)),
    object: () => put(document.createElement("object")).setAttribute("data", "about:blank"),
    embed: () => put(document.createElement("embed")).setAttribute("src", "about:blank"),
    innerHTML: () => (put(document.createElement("p")).innerHTML = html),
    prefixed: () =>
      put(
        document.adoptNode(new DOMParser().parseFromString(`<é:iframe xmlns:é="${ns}"/>`, "text/xml").documentElement),
      ),
    entity: () =>
      put(
        document.adoptNode(
          new DOMParser().parseFromString(
            `<!DOCTYPE p [<!ENTITY x "&#60;iframe xmlns='${ns}'/&#62;">]><p xmlns="${ns}">&x;</p>`,
            "text/xml",
          ).documentElement,
        ),
      ),
    outerHTML: () => (put(document.createElement("p")).outerHTML = html),
    adjacent: () => document.body.insertAdjacentHTML("beforeend", html),
    unsafe: () => put(document.createElement("p")).setHTMLUnsafe(html),
    parseUnsafe: () => put(Document.parseHTMLUnsafe(html).querySelector("iframe")),
    template: () => {
      const template = document.createElement("template");
      template.innerHTML = html;
      put(template.content.cloneNode(true));
    },
    fragment: () => put(document.createRange().createContextualFragment(html)),
    parser: () => put(document.adoptNode(new DOMParser().parseFromString(html, "text/html").querySelector("iframe"))),
    shadow: () => {
      const root = put(document.createElement("p")).attachShadow({ mode: "open" });
      root.innerHTML = html;
      // Frames in a shadow are not counted with the others.
      if (root.querySelector("iframe").contentWindow) document.body.dataset.window = "open";
    },
    define: () => {
      class Frame extends HTMLIFrameElement {}
      customElements.define("x-frame", Frame, { extends: "iframe" });
      put(new Frame());
    },
    write: () => document.write(html),
    "write-pieces": () => (document.write("<ifr"), document.write("ame></iframe>")),
    command: () => {
      const place = put(document.createElement("p"));
      place.contentEditable = "true";
      place.focus();
      document.execCommand("insertHTML", false, html);
    },
    patched: () => {
      // What the guard goes by must not be what somebody puts in its place.
      const { exec, test } = RegExp.prototype;
      const { apply } = Reflect;
      RegExp.prototype.exec = () => null;
      RegExp.prototype.test = () => false;
      Reflect.apply = (run, it, given) => (run === exec ? null : apply(run, it, given));
      try {
        put(document.createElement("iframe"));
      } finally {
        Object.assign(RegExp.prototype, { exec, test });
        Reflect.apply = apply;
      }
    },
    window: () => {
      const other = window.open("about:blank");
      if (other.RTCPeerConnection) document.body.dataset.window = "open";
    },
  };
  const open = [];
  for (const [name, way] of Object.entries(ways)) {
    const before = window.length;
    try {
      way();
    } catch {
      // Refused at once: as it should be.
    }
    const realm = window[window.length - 1];
    if (window.length > before || document.body.dataset.window)
      open.push(`${name}${realm?.RTCPeerConnection ? " with a peer" : ""}`);
    delete document.body.dataset.window;
  }
  return { ways: Object.keys(ways), open };
}
