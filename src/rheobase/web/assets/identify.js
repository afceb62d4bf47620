// Which functions of the catalogue have these values? The points and the bound are those of `rheobase identify`.
"use strict";

rheobase.identify = (() => {
  const MOST_VALUES = 16;
  let candidates = null;

  const rms = (list) => {
    const value = Math.sqrt(list.reduce((sum, v) => sum + v * v, 0) / list.length);
    return Number.isFinite(value) ? value : Infinity;
  };

  // Every entry as a function of x and of its parameters, made at the first call.
  const known = () => {
    candidates ??= Object.entries(rheobase.catalogue.entries).map(([id, entry]) => {
      const names = Object.keys(entry.parameters);
      const f = rheobase.program(rheobase.parse(entry.formula, names), ["x", ...names]);
      return { id, entry, names, f, defaults: names.map((name) => entry.parameters[name].default) };
    });
    return candidates;
  };

  // {points, worst}: how many were compared, and the greatest difference relative to 1 + |value|; null where two functions differ.
  const difference = (f, g) => {
    const { bell, wide, inner, tolerance, first } = rheobase.catalogue;
    let [worst, both] = [0, 0];
    for (const x of bell) {
      const [mine, theirs] = [g(x), f(x)];
      const off = Math.abs(mine - theirs) / (1 + Math.abs(theirs));
      if (!(off <= first * tolerance)) return null;
      worst = Math.max(worst, off);
    }
    for (const x of wide) {
      const [mine, theirs] = [g(x), f(x)];
      if (!Number.isFinite(mine) || !Number.isFinite(theirs)) {
        if (Math.abs(x) <= inner) return null;
        continue;
      }
      both += 1;
      const off = Math.abs(mine - theirs) / (1 + Math.abs(theirs));
      if (!(off <= tolerance)) return null;
      worst = Math.max(worst, off);
    }
    return both / wide.length < rheobase.catalogue.both ? null : { points: bell.length + both, worst };
  };

  // Values that a parameter may have here: its own, and those that stand in the formula.
  const choices = (values, p) => [p.default, ...values.filter((v) => v !== p.default && rheobase.spec.allows(p, v))];
  const settings = ({ entry, names }, values) => {
    if (!names.length || names.length > 2) return [];
    const [first, second] = names.map((name) => choices(values, entry.parameters[name]));
    return second ? first.flatMap((a) => second.map((b) => [a, b])) : first.map((a) => [a]);
  };

  const numbers = (root) => {
    const found = rheobase.tree.postorder(root).filter((node) => node.kind === "number");
    const values = found.map((node) => rheobase.exact.double(node.value));
    return [...new Set(values.flatMap((v) => [Math.abs(v), v]))].slice(0, MOST_VALUES);
  };

  const written = (id, entry, names, values) => {
    const changed = names.map((name, i) => [name, values[i]]).filter(([name, v]) => v !== entry.parameters[name].default);
    return { changed: changed.length, spec: id + (changed.length ? ":" : "") + changed.map(([name, v]) => `${name}=${v}`).join(",") };
  };

  // The three that are least apart, as RMS(f - g) / (RMS(f) + RMS(g)) over a standard normal input.
  const nearest = (f) => {
    const { bell } = rheobase.catalogue;
    const theirs = bell.map(f);
    const found = known().map(({ id, entry, f: g, defaults }) => {
      const mine = bell.map((x) => g(x, ...defaults));
      const sizes = rms(mine) + rms(theirs);
      const distance = sizes ? rms(mine.map((y, i) => y - theirs[i])) / sizes : 0;
      return { id, name: entry.name, page: entry.page, spec: id, distance };
    });
    return found.filter((one) => one.distance < Infinity).sort((p, q) => p.distance - q.distance).slice(0, 3);
  };

  // {points, hole} and either matches [{id, name, spec, points, worst}], the simplest first, or nearest [{…, distance}].
  return (root) => {
    const { bell, wide } = rheobase.catalogue;
    const points = bell.length + wide.length;
    const f = rheobase.program(root, ["x"]);
    const hole = bell.find((x) => !Number.isFinite(f(x)));
    if (hole !== undefined) return { points, hole, matches: [], nearest: [] };
    // What does not vary is no entry with a parameter that switches it off.
    const level = f(bell[0]);
    const values = bell.every((x) => Math.abs(f(x) - level) <= rheobase.catalogue.tolerance) ? null : numbers(root);
    const matches = [];
    for (const one of known()) {
      const { id, entry, names, defaults } = one;
      for (const given of [defaults, ...(values ? settings(one, values) : [])]) {
        const same = difference(f, (x) => one.f(x, ...given));
        if (same === null) continue;
        const { changed, spec } = written(id, entry, names, given);
        const order = { cost: changed + names.length / 2, year: entry.year ?? Infinity };
        matches.push({ id, name: entry.name, page: entry.page, spec, ...same, ...order });
        break;
      }
    }
    matches.sort((p, q) => p.cost - q.cost || p.year - q.year || (p.id < q.id ? -1 : 1));
    return { points, hole: null, matches, nearest: matches.length ? [] : nearest(f) };
  };
})();
