// The work, in the page and in its worker: starts the engine, and explains the stay.

import * as vitrine from "vitrine";
import { digests } from "./digests.mjs";
import { start } from "./start.js";

export async function explained() {
  await start();
  const [onnx, record] = await Promise.all([fetch("/model.onnx"), fetch("/stay.csv")]);
  return digests(vitrine, new Uint8Array(await onnx.arrayBuffer()), { stay: await record.text() });
}
