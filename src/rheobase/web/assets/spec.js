// Spec strings to functions: names of the catalogue, formulas, values behind them. As rheobase.catalogue.specs.
"use strict";

// The one of `words` that is most like `word`, or null: difflib's likeness to choose, slips of the keyboard to decide.
rheobase.nearest = (() => {
  const longest = (a, b, [a1, a2, b1, b2]) => {
    let best = [a1, b1, 0];
    let ends = new Map();
    for (let i = a1; i < a2; i++) {
      const next = new Map();
      for (let j = b1; j < b2; j++) {
        if (a[i] !== b[j]) continue;
        const run = (ends.get(j - 1) ?? 0) + 1;
        next.set(j, run);
        if (run > best[2]) best = [i - run + 1, j - run + 1, run];
      }
      ends = next;
    }
    return best;
  };
  const matched = (a, b, place = [0, a.length, 0, b.length]) => {
    const [i, j, run] = longest(a, b, place);
    if (!run) return 0;
    const [a1, a2, b1, b2] = place;
    return run + matched(a, b, [a1, i, b1, j]) + matched(a, b, [i + run, a2, j + run, b2]);
  };
  const likeness = (a, b) => (a.length + b.length ? (2 * matched(a, b)) / (a.length + b.length) : 1);
  const slips = (typed, meant) => {
    let [before, row] = [[], [...Array(meant.length + 1).keys()]];
    typed.forEach((a, at) => {
      const i = at + 1;
      const twoBefore = before;
      [before, row] = [row, [i]];
      meant.forEach((b, k) => {
        const j = k + 1;
        let least = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a !== b ? 1 : 0));
        if (i > 1 && j > 1 && a === meant[j - 2] && typed[i - 2] === b) least = Math.min(least, twoBefore[j - 2] + 0.8);
        row.push(least);
      });
    });
    return row.at(-1);
  };
  return (word, words) => {
    const typed = Array.from(word.toLowerCase());
    if (Array.from(word).length > rheobase.grammar.limits.word) return null;
    const known = new Map(words.map((w) => [w.toLowerCase(), w]));
    const found = [...known.keys()].map((w) => [likeness(Array.from(w), typed), w]).filter(([like]) => like >= 0.6);
    found.sort(([p, v], [q, w]) => q - p || (v < w ? 1 : v > w ? -1 : 0));
    const near = found.slice(0, 20).map(([, w]) => [slips(typed, Array.from(w)), w]);
    return near.length ? known.get(near.reduce((best, one) => (one[0] < best[0] ? one : best))[1]) : null;
  };
})();

rheobase.spec = (() => {
  const { inSpec, quoted } = rheobase.refusals;
  // What Python takes for white space and for letters of a word
  const S = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
  const W = "[\\p{L}\\p{N}_]";
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "su");
  const ENDS = new RegExp(`^${S}+|${S}+$`, "gu");
  const FOLDED = new RegExp(`(?:${S}|[_\\-])+`, "gu");
  const WITH_COLON = whole(`(?<name>.+?):${S}*(?<values>[A-Za-z_]${W}*${S}*=.*)`);
  const WITH_BRACKETS = whole(`(?<name>.+?)\\(${S}*(?<values>(?:[A-Za-z_]${W}*${S}*=[^=].*)?)\\)`);
  const WORD = whole(`[A-Za-z_]${W}*`);
  const NAME_LIKE = whole(`[A-Za-z](?:${W}|[.:\\- ])*`);
  const CALLED_ON_X = whole(`(?<name>[A-Za-z_](?:${W}|\\.)*)\\(${S}*x${S}*\\)`);
  const DECIMAL = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:e[+-]?\d(?:_?\d)*)?$/i;
  const ENDLESS = /^[+-]?(?:inf(?:inity)?|nan)$/i;

  const strip = (text) => text.replace(ENDS, "");
  const fold = (name) => name.toLowerCase().replace(FOLDED, "");
  const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : null);
  const [head, tail] = [
    (text, mark) => (text.includes(mark) ? text.slice(0, text.indexOf(mark)) : text),
    (text, mark) => (text.includes(mark) ? text.slice(text.indexOf(mark) + mark.length) : ""),
  ];

  // The id that a name means, or null.
  const find = (name) => {
    const { entries, exact, loose, last } = rheobase.catalogue;
    if (own(entries, name)) return name;
    for (const found of [own(exact, name), own(loose, fold(name)), own(last, fold(name))]) {
      if (!found) continue;
      if (found.length > 1) throw inSpec("several", { name: quoted(name), known: found.join(" or ") });
      return found[0];
    }
    return null;
  };
  const suggestion = (name) => rheobase.nearest(name, [...Object.keys(rheobase.catalogue.entries), ...Object.keys(rheobase.catalogue.exact)]);
  const unknown = (name, text) => {
    const near = suggestion(name);
    return inSpec("unknown", { name: quoted(name) }, near && text.replace(name, () => near));
  };

  // As Python's {:g}.
  const general = (value) => {
    const [digits, exponent] = value.toExponential(5).split("e");
    const power = Number(exponent);
    const bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
    if (power >= -4 && power < 6) return bare(value.toFixed(5 - power));
    return `${bare(digits)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  };

  const constant = (text, name) => {
    let found;
    try {
      found = rheobase.parse(text, [], []);
    } catch (error) {
      if (!(error instanceof rheobase.Refusal)) throw error;
      throw inSpec("no number", { name, text });
    }
    return rheobase.program(found, [])();
  };
  const number = (text, name) => {
    const value = DECIMAL.test(text) ? Number(text.replaceAll("_", "")) : ENDLESS.test(text) ? NaN : constant(text, name);
    if (!Number.isFinite(value)) throw inSpec("not finite", { name, text });
    return value;
  };

  const assignments = (values) => {
    const found = new Map();
    for (const part of values.split(/[,;]/)) {
      if (!strip(part)) continue;
      const name = strip(head(part, "="));
      const text = strip(tail(part, "="));
      if (!part.includes("=") || !WORD.test(name) || !text) throw inSpec("assignment", { part: quoted(strip(part)) });
      if (found.has(name)) throw inSpec("twice", { name, text });
      found.set(name, text);
    }
    return found;
  };
  const changed = (parameter, text, name) => {
    const mark = ["learnable", "fixed"].includes(head(text, ":")) ? head(text, ":") : "";
    const rest = strip(mark ? tail(text, ":") : text);
    const marked = mark ? { ...parameter, mark, learnable: mark === "learnable" } : parameter;
    return rest ? { ...marked, value: number(rest, name) } : marked;
  };
  const allows = ({ low, high, above }, value) =>
    (low ?? -Infinity) <= value && value <= (high ?? Infinity) && (above === null || value > above);
  const checked = (name, p, owner) => {
    if (allows(p, p.value)) return p;
    throw inSpec("outside", { name, value: general(p.value), function: owner, domain: p.domain });
  };

  const fromEntry = (id, values = "") => {
    const entry = rheobase.catalogue.entries[id];
    const given = Object.entries(entry.parameters).map(([name, p]) => [name, { ...p, name, value: p.default }]);
    const parameters = new Map(given);
    for (const [name, text] of assignments(values)) {
      const names = [...parameters.keys()];
      if (!parameters.has(name)) {
        const fields = { function: id, name: quoted(name), known: names.join(", ") || id };
        throw inSpec("parameter", fields, rheobase.nearest(name, names));
      }
      parameters.set(name, checked(name, changed(parameters.get(name), text, name), id));
    }
    return { id, expr: rheobase.parse(entry.formula, [...parameters.keys()]), parameters };
  };
  const fromFormula = (formula, values) => {
    const free = { low: null, high: null, above: null, learnable: false, value: 1 };
    const given = [...assignments(values)].map(([name, text]) => [name, { ...changed(free, text, name), name }]);
    const parameters = new Map(given);
    if (parameters.has("x")) throw inSpec("input");
    const expr = rheobase.parse(strip(formula), [...parameters.keys()]);
    const unused = [...parameters.keys()].find((name) => !expr.symbols.has(name));
    if (unused !== undefined) {
      const used = [...expr.symbols].filter((name) => name !== "x").sort();
      const fields = { name: quoted(unused), formula: rheobase.tree.text(expr), known: used.join(", ") };
      throw inSpec(used.length ? "unused" : "nothing to use", fields, rheobase.nearest(unused, used));
    }
    return { id: null, expr, parameters };
  };

  const formulaOrName = (text) => {
    if (WORD.test(text) && !["x", ...rheobase.grammar.constants].includes(text)) throw unknown(text, text);
    try {
      return fromFormula(text, "");
    } catch (error) {
      if (!(error instanceof rheobase.Refusal) || error.text === null) throw error;
      const called = CALLED_ON_X.exec(text)?.groups.name;
      const { functions, synonyms } = rheobase.grammar;
      if (called && !functions.includes(called) && !Object.hasOwn(synonyms, called)) {
        const id = find(called);
        if (id) return fromEntry(id);
      }
      if (NAME_LIKE.test(text) && suggestion(text)) throw unknown(text, text);
      throw error;
    }
  };

  // {id, expr, parameters: name to {value, low, high, above, domain, learnable, mark}} of a spec, or a Refusal.
  const get = (spec) => {
    rheobase.tree.forget();
    const text = strip(spec);
    if (!text) throw inSpec("no spec");
    if (text.includes(";")) {
      const [formula, values] = [head(text, ";"), tail(text, ";")];
      const id = find(strip(formula));
      return id ? fromEntry(id, values) : fromFormula(formula, values);
    }
    const named = find(text);
    if (named) return fromEntry(named);
    for (const form of [WITH_COLON, WITH_BRACKETS]) {
      const groups = form.exec(text)?.groups;
      if (!groups) continue;
      const id = find(strip(groups.name));
      if (id) return fromEntry(id, groups.values);
      if (groups.values && !rheobase.grammar.functions.includes(groups.name)) throw unknown(strip(groups.name), text);
    }
    return formulaOrName(text);
  };

  // A parameter's slider: round steps, the value given among them, both ends allowed. As rheobase.web.functions.slider.
  const slider = ({ name, value, low, high, above }) => {
    const { steps, reach } = rheobase.grammar.slider;
    const far = Math.max(reach, 2 * Math.abs(value));
    const least = low ?? above ?? value - far;
    const most = high ?? Math.max(value, least) + far;
    const step = steps.find((s) => (most - least) / s <= 200.5) ?? steps.at(-1);
    const short = (v) => Number(v.toPrecision(10));
    const down = value - step * Math.floor((value - least) / step + 1e-9);
    const up = value + step * Math.floor((most - value) / step + 1e-9);
    return { name, value, least: short(above !== null && down <= above ? down + step : down), most: short(up), step };
  };

  return { get, find, allows, general, slider };
})();
