// The networks that came with this page, by the digests that their model cards state. A network of the same name with
// another digest is not the one that was trained, tested and described: the page says so. tests/node/page.test.mjs holds the
// list to the files and the cards.

/** @type {Record<string, string>} SHA-256 by the name of the file */
export const DIGESTS = {
  "digits.onnx": "0a83b47104df0eaac673b64e39577678de3570e653031a6977d87787c35b8e07",
  "in-hospital-mortality-2.onnx": "eb69a7ebf91bf0a380e4d575168417acae3d6a1645fec8e14f88e897376a3fcc",
  "in-hospital-mortality-3.onnx": "8acc9f6c0077f31bb20884a0476b1083427e4845eca94b4e4dda236f560f52b4",
  "in-hospital-mortality-4.onnx": "e318de9da5f1f0c1860d12e92a1e2a54c4581fb1c5dcaa64c685a05c25d73e82",
  "in-hospital-mortality-5.onnx": "09f1775819bc8d74b573b301998366b360197ccbab2391d682e41a1f0f54745c",
  "in-hospital-mortality.onnx": "74efe01727b0bb7042ba79a61d849b0852ad82a582fd10ebe316e62188ac85b7",
  "sentiment.onnx": "5f490c3538437f82874f7dfd56216b25e41745d1db65e0d97a09b692bf2f9b26",
};

/**
 * Whether a network is the one of that name that came with the page; undefined for names that the page does not know.
 * @param {{ file: string, sha256: string }} network
 */
export function isCommitted({ file, sha256 }) {
  return Object.hasOwn(DIGESTS, file) ? DIGESTS[file] === sha256 : undefined;
}

/**
 * Those of several networks that are not what their names promise.
 * @param {{ files: { file: string, sha256: string }[] }} model
 */
export function notCommitted({ files }) {
  return files.filter((network) => isCommitted(network) === false);
}
