// What a leak would reach: an HTTP and WebSocket server and a UDP socket on 127.0.0.1 that note every knock, and every
// known way to knock from inside a page.

import { createSocket } from "node:dgram";
import { createServer } from "node:http";

/** @returns {Promise<{ url: string, stun: string, hits: () => Set<string>, clear: () => void, close: () => Promise<void> }>} */
export async function canary() {
  const hits = new Set();
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
    clear: () => hits.clear(),
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
