// Hands a file to the reader.

/**
 * @param {string} name says what it is, never whose
 * @param {string} type
 * @param {string | Uint8Array<ArrayBuffer>} content
 */
export function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
