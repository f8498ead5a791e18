// Bytes as text: four bytes in five characters (base64: three in four), of an alphabet that HTML leaves alone.

/** 85 printable characters without `<`, `>`, `&`, quotes, backslash and backquote; loader.js has the same. */
export const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%()*+-./:;=?@[]^_{|}";

/**
 * @param {Uint8Array} bytes
 * @returns {string} the length in bytes, a comma, and the characters of `bytes` filled with zeros to a multiple of four
 */
export function encode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = [];
  for (let at = 0; at < bytes.length; at += 4) {
    let word = at + 4 <= bytes.length ? view.getUint32(at) : lastWord(bytes, at);
    let group = "";
    for (let place = 0; place < 5; place++) {
      group = ALPHABET[word % 85] + group;
      word = Math.floor(word / 85);
    }
    groups.push(group);
  }
  return `${bytes.length},${groups.join("")}`;
}

function lastWord(bytes, at) {
  let word = 0;
  for (let n = 0; n < 4; n++) word = word * 256 + (bytes[at + n] ?? 0);
  return word;
}
