// Bytes as text, seven bits a character: an eighth more than the bytes, where base 64 takes a third more.
//
// Every septet is the character of its number, but for three that a script of an HTML page cannot hold as they are. Such a
// one and the septet after it become one character of two bytes, so that they cost no more than any others.

/** NUL, which the parser replaces; CR, which it takes for a line's end; and `<`, which may begin a tag. */
export const FORBIDDEN = [0x00, 0x0d, 0x3c];

/**
 * @param {Uint8Array} bytes
 * @returns {string} the length in bytes, a comma, and the characters; the page around them has to be UTF-8
 */
export function encode(bytes) {
  const text = [];
  /** The place in `FORBIDDEN` of a septet that waits for the next one, or -1. */
  let waiting = -1;
  const put = (septet) => {
    if (waiting >= 0) {
      text.push(String.fromCharCode(0x80 + 128 * waiting + septet));
      waiting = -1;
    } else {
      waiting = FORBIDDEN.indexOf(septet);
      if (waiting < 0) text.push(String.fromCharCode(septet));
    }
  };
  let [bits, count] = [0, 0];
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    count += 8;
    while (count >= 7) {
      count -= 7;
      put((bits >> count) & 0x7f);
    }
    bits &= (1 << count) - 1;
  }
  if (count > 0) put((bits << (7 - count)) & 0x7f);
  if (waiting >= 0) put(0);
  return `${bytes.length},${text.join("")}`;
}
