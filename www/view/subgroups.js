// What else a list of labels says of its stays: columns of few values, by which they can be told apart. Which stay a line
// is of is the engine's to know; each subgroup is a list of its own.

/** More values than this tell no subgroups apart. */
const MOST = 12;
/** What names a stay, or labels it. */
const KNOWN = ["stay", "y_true", "RecordID", "In-hospital_death"];

/**
 * @param {string} list of labels, as CSV with a heading
 * @returns {{ column: string, values: { value: string, text: string }[] }[]}
 */
export function subgroupsOf(list) {
  const [heading = "", ...lines] = list.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => line.trim() !== "");
  const names = cells(heading);
  return names.flatMap((column, at) => {
    if (column === "" || KNOWN.includes(column)) return [];
    /** @type {Map<string, string[]>} */
    const parts = new Map();
    for (const line of lines) {
      const value = cells(line)[at] ?? "";
      const some = parts.get(value);
      if (some) some.push(line);
      else parts.set(value, [line]);
    }
    if (parts.size < 2 || parts.size > MOST) return [];
    const values = [...parts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
    return [{ column, values: values.map(([value, some]) => ({ value, text: [heading, ...some].join("\n") })) }];
  });
}

/** @param {string} line */
function cells(line) {
  const found = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return found.map((cell) => cell.replace(/,$/, "").trim().replace(/^"([\s\S]*)"$/, "$1").replaceAll('""', '"'));
}
