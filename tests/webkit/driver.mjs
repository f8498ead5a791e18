// WebKit, driven by WebDriver's own messages: Debian's driver, its small browser, and a screen that nobody sees.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const PATIENCE = 180_000;

/** @param {string} binary the browser */
export async function launch(binary) {
  const home = await mkdtemp(join(tmpdir(), "vitrine-webkit-"));
  // The server chooses a free screen, and says which on its third channel.
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1440x1000x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [number] = await once(screen.stdio[3], "data");
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    env: {
      ...process.env,
      DISPLAY: `:${String(number).trim()}`,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      LIBGL_ALWAYS_SOFTWARE: "1",
      NO_AT_BRIDGE: "1",
      WEBKIT_DISABLE_COMPOSITING_MODE: "1",
      // Its own sandbox cannot be set up in a container; what is opened here is ours.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    },
  });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const { value } = await response.json();
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  await until(
    () =>
      call("GET", "/status").then(
        ({ ready }) => ready,
        () => false,
      ),
    "the driver",
  );
  const options = { "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
  const { sessionId, capabilities } = await call("POST", "/session", { capabilities: { alwaysMatch: options } });
  const at = `/session/${sessionId}`;
  const run = (script, ...args) => call("POST", `${at}/execute/sync`, { script, args });
  return {
    version: capabilities.browserVersion,
    go: (url) => call("POST", `${at}/url`, { url }),
    run,
    /** Waits until a script's value is not false, and gives it. */
    wait: (script, ...args) => until(() => run(script, ...args), script),
    close: async () => {
      await call("DELETE", at).catch(() => undefined);
      for (const child of [driver, screen]) {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

async function until(ask, what) {
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    const value = await ask();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`waited ${PATIENCE / 1000} s for ${what}`);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
