// Makes a PNG small: at most 256 colours, chosen by median cut, for screenshots in the documentation.

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const COLOURS = 256;

/**
 * The same picture with a palette.
 * @param {Uint8Array} png 8 bits a channel, RGB or RGBA, not interlaced: what browsers write
 * @returns {Buffer}
 */
export function withPalette(png) {
  const { width, height, pixels } = decode(Buffer.from(png));
  const { palette, indices } = quantise(pixels);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", palette),
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** @param {Buffer} png */
function decode(png) {
  const parts = [];
  let header = png;
  for (let at = 8; at < png.length;) {
    const [length, type] = [png.readUInt32BE(at), png.toString("latin1", at + 4, at + 8)];
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = data;
    if (type === "IDAT") parts.push(data);
    at += length + 12;
  }
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), { 2: 3, 6: 4 }[header[9]]];
  if (header[8] !== 8 || !channels || header[12] !== 0)
    throw new Error("screenshot: expected 8 bits of RGB or RGBA, not interlaced");
  return { width, height, pixels: unfilter(inflateSync(Buffer.concat(parts)), width, height, channels) };
}

/** The pixels as `0xrrggbb`. */
function unfilter(raw, width, height, channels) {
  const stride = width * channels;
  const bytes = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? bytes[at - channels] : 0;
      const above = y > 0 ? bytes[at - stride] : 0;
      const corner = x >= channels && y > 0 ? bytes[at - stride - channels] : 0;
      bytes[at] =
        raw[y * (stride + 1) + 1 + x] + [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
    }
  }
  return Uint32Array.from(
    { length: width * height },
    (_, at) => (bytes[at * channels] << 16) | (bytes[at * channels + 1] << 8) | bytes[at * channels + 2],
  );
}

function paeth(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

/** @param {Uint32Array} pixels */
function quantise(pixels) {
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const boxes = cut(
    [...counts].map(([colour, count]) => ({ colour, count, parts: [colour >> 16, (colour >> 8) & 255, colour & 255] })),
  );
  const palette = Buffer.alloc(3 * boxes.length);
  const index = new Map();
  boxes.forEach((box, at) => {
    const total = box.reduce((sum, { count }) => sum + count, 0);
    for (let part = 0; part < 3; part++) {
      palette[3 * at + part] = Math.round(box.reduce((sum, { count, parts }) => sum + count * parts[part], 0) / total);
    }
    for (const { colour } of box) index.set(colour, at);
  });
  return { palette, indices: Uint8Array.from(pixels, (pixel) => index.get(pixel)) };
}

/** Divides the box with the longest side, again and again, in the middle of that side. */
function cut(colours) {
  const boxes = [measured(colours)];
  while (boxes.length < COLOURS) {
    boxes.sort((a, b) => b.length - a.length);
    const { box, part, low, length } = boxes[0];
    if (length === 0) break;
    const middle = low + length / 2;
    boxes.splice(
      0,
      1,
      measured(box.filter(({ parts }) => parts[part] <= middle)),
      measured(box.filter(({ parts }) => parts[part] > middle)),
    );
  }
  return boxes.map(({ box }) => box);
}

/** A box with its longest side. */
function measured(box) {
  const sides = [0, 1, 2].map((part) => {
    const values = box.map(({ parts }) => parts[part]);
    const low = values.reduce((a, b) => Math.min(a, b));
    return { part, low, length: values.reduce((a, b) => Math.max(a, b)) - low };
  });
  return { box, ...sides.reduce((a, b) => (b.length > a.length ? b : a)) };
}
