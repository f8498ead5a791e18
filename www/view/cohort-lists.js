// Lists of labels: which stay a line is of, its label, and columns of few values, by which stays can be told apart.

/** A list as its file has it. @typedef {{ name: string, text: string }} List */
/** What lists say of a stay; without a label it is read as any other. @typedef {{ label: string | undefined, others: Record<string, string> }} Said */
/** So many lines, and the name that the first of them has. @typedef {{ count: number, name: string }} Lines */

/** More values than this tell no subgroups apart. */
const MOST = 12;
/** What names a stay, and what labels it. */
const COLUMNS = /** @type {const} */ ([["stay", "y_true"], ["RecordID", "In-hospital_death"]]);
const MISSING = /^(na|nan|null|none)?$/i;

/**
 * What lists say of the stays that are there. For a stay that several name, the last one counts.
 * @param {List[]} lists as CSV with a heading
 * @param {string[]} names of the stays
 */
export function readLists(lists, names) {
  const find = finder(names);
  const read = lists.map((list) => readList(list, find));
  /** @type {Map<string, Said>} */
  const said = new Map();
  for (const list of read)
    for (const [stay, { label, others }] of list.said) said.set(stay, { label, others: { ...said.get(stay)?.others, ...others } });
  return { read, said, text: listOf([...said]) };
}

/**
 * A list of these stays by their own names, without those that have no label.
 * @param {[string, Said][]} some
 */
function listOf(some) {
  const lines = some.flatMap(([stay, { label }]) => (label === undefined ? [] : [`"${stay.replaceAll('"', '""')}",${label}\n`]));
  return `stay,y_true\n${lines.join("")}`;
}

/**
 * Its `text` is without the lines that have no label: what else is wrong with it is the engine's to say, by the number of the line.
 * @param {List} list
 * @param {(named: string) => string[]} find
 */
function readList({ name, text }, find) {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const heading = cells(lines[0] ?? "");
  const [stayAt, labelAt] = (COLUMNS.find(([stay]) => heading.includes(stay)) ?? COLUMNS[0]).map((it) => heading.indexOf(it));
  const others = [...heading.entries()].filter(([, column]) => column !== "" && !COLUMNS.flat().some((it) => it === column));
  /** @type {Map<string, Said>} */
  const said = new Map();
  const [missing, strange, several] = [1, 2, 3].map(() => /** @type {Lines} */ ({ count: 0, name: "" }));
  for (const [at, line] of lines.entries()) {
    if (at === 0 || line.trim() === "") continue;
    const values = cells(line);
    const [named = "", value = ""] = [values[stayAt ?? -1], values[labelAt ?? -1]];
    const label = MISSING.test(value) ? undefined : value;
    if (label === undefined) lines[at] = "";
    const found = find(named);
    const of = found.length === 0 ? strange : found.length > 1 ? several : label === undefined ? missing : undefined;
    if (of && of.count++ === 0) of.name = named;
    if (found[0] === undefined || found.length > 1) continue;
    const before = said.get(found[0])?.label;
    if (before !== undefined && label !== undefined && Number(before) !== Number(label)) throw new Error(`${name}: line ${at + 1}: the stay was named before, with the other label; keep one line a stay`);
    said.set(found[0], { label, others: Object.fromEntries(others.map(([place, column]) => [column, values[place] ?? ""])) });
  }
  if (said.size + (strange?.count ?? 0) + (several?.count ?? 0) === 0) throw new Error(`${name}: names no stay`);
  return { name, text: lines.join("\n"), said, missing, strange, several };
}

/**
 * Finds stays by what a list calls them: by the name of the file, else by what is left of it without its ending.
 * @param {string[]} names
 */
function finder(names) {
  /** @type {Map<string, string[]>} */
  const byFile = new Map();
  /** @type {Map<string, string[]>} */
  const byStem = new Map();
  const add = (/** @type {Map<string, string[]>} */ to, /** @type {string} */ key, /** @type {string} */ name) => to.get(key)?.push(name) ?? to.set(key, [name]);
  for (const name of names) {
    // The table tells two of one name apart by a number.
    const file = fileOf(name).replace(/ \(\d+\)$/, "");
    add(byFile, file, name);
    add(byStem, stemOf(file), name);
  }
  return (/** @type {string} */ named) => byFile.get(fileOf(named)) ?? byStem.get(stemOf(fileOf(named))) ?? [];
}

/** @param {string} path */
function fileOf(path) {
  return path.replace(/^.*[/\\]/, "");
}

/** @param {string} file */
function stemOf(file) {
  return file.replace(/\.[a-z]+$/i, "").replace(/_timeseries$/, "");
}

/**
 * @param {Map<string, Said>} said
 * @returns {{ column: string, values: { value: string, text: string }[] }[]} each subgroup as a list of labels
 */
export function subgroupsOf(said) {
  const columns = new Set([...said.values()].flatMap(({ others }) => Object.keys(others)));
  return [...columns].flatMap((column) => {
    /** @type {Map<string, [string, Said][]>} */
    const parts = new Map();
    for (const stay of said) {
      const value = stay[1].others[column];
      if (value !== undefined) parts.get(value)?.push(stay) ?? parts.set(value, [stay]);
    }
    if (parts.size < 2 || parts.size > MOST) return [];
    const values = [...parts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
    return [{ column, values: values.map(([value, some]) => ({ value, text: listOf(some) })) }];
  });
}

/** @param {string} line */
function cells(line) {
  const found = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return found.map((cell) => cell.replace(/,$/, "").trim().replace(/^"([\s\S]*)"$/, "$1").replaceAll('""', '"'));
}
