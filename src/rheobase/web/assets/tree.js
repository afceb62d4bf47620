// Formulas as interned trees, their text, and the words of a refusal. As rheobase.expr, printing, errors and refusals.
"use strict";

// What was wrong, where, and what to type instead; `position` is null where no text has a caret.
rheobase.Refusal = class extends Error {
  constructor(what, instead, text = null, position = null) {
    super(what);
    Object.assign(this, { what, instead, text, position });
  }
};

rheobase.refusals = (() => {
  const filled = (template, fields) => template.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  const words = (key, fields, instead) => {
    const [what, usual] = rheobase.grammar.refusals[key];
    return [filled(what, fields), instead || filled(usual, fields)];
  };
  const inFormula = (key, text, position, fields = {}, instead = null) =>
    new rheobase.Refusal(...words(key, fields, instead), text, position);
  const inSpec = (key, fields = {}, instead = null) => new rheobase.Refusal(...words(key, fields, instead));
  const thousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

  const hidden = (character) => character !== " " && /[\p{C}\p{Z}]/u.test(character);
  const escaped = (character) => {
    const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };
    if (Object.hasOwn(known, character)) return known[character];
    if (!hidden(character)) return character;
    const code = character.codePointAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
  };
  // The text in quotation marks, as Python's repr.
  const quoted = (text) => {
    const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
    const inner = Array.from(text, (c) => (c === "'" && mark === "'" ? "\\'" : escaped(c))).join("");
    return mark + inner + mark;
  };

  // Two lines: the part of the text around the position, and a caret under that character.
  const caret = (text, position, width = 72) => {
    const shown = Array.from(text, (c) => (hidden(c) ? "\ufffd" : c));
    const place = Math.max(0, Math.min(position, shown.length));
    const start = Math.max(0, Math.min(place - Math.floor(width / 2), shown.length - width));
    const head = start ? "…" : "";
    const tail = start + width < shown.length ? "…" : "";
    const line = shown.slice(start, start + width).join("");
    return `    ${head}${line}${tail}\n    ${" ".repeat(place - start + head.length)}^`;
  };

  return { inFormula, inSpec, thousands, quoted, caret };
})();

rheobase.tree = (() => {
  const { exact } = rheobase;
  const MAX_KEPT = 400000;
  let nodes = new Map();
  const none = new Set();
  let count = 0;

  // Forget trees of former texts, between two texts, when they are many; what was made before is no longer interned.
  const forget = (most = MAX_KEPT) => {
    if (nodes.size > most) nodes = new Map();
  };
  const store = () => nodes;

  const intern = (key, kind, args, symbols, fields) => {
    const known = nodes.get(key);
    if (known) return known;
    const { depth: deepest, size: most } = rheobase.grammar.limits;
    const depth = 1 + Math.max(0, ...args.map((a) => a.depth));
    const size = 1 + args.reduce((sum, a) => sum + a.size, 0);
    if (depth > deepest) throw rheobase.refusals.inSpec("deep", { most: deepest });
    if (size > most) throw rheobase.refusals.inSpec("terms", { most: rheobase.refusals.thousands(most) });
    const node = { id: count++, kind, args, symbols, depth, size, ...fields };
    nodes.set(key, node);
    return node;
  };
  const named = (kind) => (name) => intern(`${kind} ${name}`, kind, [], kind === "constant" ? none : new Set([name]), { name });
  const [constant, variable, parameter] = ["constant", "variable", "parameter"].map(named);
  const number = (value) => {
    const { bits } = rheobase.grammar.limits;
    if (exact.bits(value.top) > bits || exact.bits(value.bottom) > bits) throw rheobase.refusals.inSpec("number");
    return intern(`number ${value.top}/${value.bottom}`, "number", [], none, { value });
  };
  const whole = (n) => number(exact.made(BigInt(n)));
  // A double as the decimal that a person wrote: 0.1 is one tenth.
  const decimal = (value) => {
    const exponent = value.toExponential();
    return number(value < 0 ? exact.neg(exact.read(exponent.slice(1))) : exact.read(exponent));
  };
  const apply = (op, ...args) => {
    const symbols = new Set(args.flatMap((a) => [...a.symbols]));
    return intern(`${op} ${args.map((a) => a.id).join(" ")}`, op, args, symbols.size ? symbols : none, {});
  };

  // Arithmetic of numbers is carried out, as far as it stays exact and short.
  const isNumber = (a) => a.kind === "number";
  const folded = (op) => (a, b) => (isNumber(a) && isNumber(b) ? number(exact[op](a.value, b.value)) : apply(op, a, b));
  const [add, sub, mul] = ["add", "sub", "mul"].map(folded);
  const div = (a, b) => (isNumber(a) && isNumber(b) && b.value.top ? number(exact.div(a.value, b.value)) : apply("div", a, b));
  const neg = (a) => (isNumber(a) ? number(exact.neg(a.value)) : apply("neg", a));
  const pow = (a, b) => {
    if (isNumber(a) && isNumber(b) && b.value.bottom === 1n) {
      const n = b.value.top;
      const bits = Math.max(exact.bits(a.value.top), exact.bits(a.value.bottom));
      const length = (n < 0n ? -n : n) * BigInt(bits);
      const short = length <= BigInt(Math.floor(rheobase.grammar.limits.bits / 4));
      if ((a.value.top || n > 0n) && short) return number(exact.pow(a.value, Number(n)));
    }
    return apply("pow", a, b);
  };
  const builders = { add, sub, mul, div, neg, pow };
  const build = (op, ...args) => (Object.hasOwn(builders, op) ? builders[op](...args) : apply(op, ...args));

  // Every distinct node, arguments before the nodes that use them.
  const postorder = (root) => {
    const [found, done, stack] = [[], new Set(), [[root, false]]];
    while (stack.length) {
      const [node, opened] = stack.pop();
      if (done.has(node)) continue;
      if (opened || !node.args.length) {
        done.add(node);
        found.push(node);
      } else {
        stack.push([node, true]);
        for (const a of node.args.toReversed()) stack.push([a, false]);
      }
    }
    return found;
  };

  // The tree in which every node is replaced by rule(node, its new arguments), from the leaves up.
  const rebuild = (root, rule) => {
    const made = new Map();
    for (const node of postorder(root)) made.set(node, rule(node, node.args.map((a) => made.get(a))));
    return made.get(root);
  };
  const withArgs = (node, args) => (args.every((a, i) => a === node.args[i]) ? node : build(node.kind, ...args));
  const substitute = (root, values) => rebuild(root, (node, args) => values.get(node) ?? withArgs(node, args));

  const [SUM, PRODUCT, UNARY, POWER, ATOM] = [1, 2, 3, 4, 5];
  const wrap = ([text, strength], least) => (strength >= least ? text : `(${text})`);
  const written = (node, args) => {
    const { infix, compare } = rheobase.grammar;
    if (isNumber(node)) {
      const text = exact.text(node.value);
      return [text, text.includes("/") ? PRODUCT : node.value.top < 0n ? UNARY : ATOM];
    }
    if (!node.args.length) return [node.name, ATOM];
    if (Object.hasOwn(infix, node.kind)) {
      const [sign, strength, left, right] = infix[node.kind];
      return [wrap(args[0], left) + sign + wrap(args[1], right), strength];
    }
    if (node.kind === "neg") return [`-${wrap(args[0], isNumber(node.args[0]) ? ATOM : POWER)}`, UNARY];
    const sign = Object.keys(compare).find((s) => compare[s] === node.kind);
    if (sign) return [`${wrap(args[0], SUM)} ${sign} ${wrap(args[1], SUM)}`, 0];
    return [`${node.kind}(${args.map(([text]) => text).join(", ")})`, ATOM];
  };
  // The formula's text; reading it gives the same tree.
  const text = (root) => {
    const made = new Map();
    for (const node of postorder(root)) made.set(node, written(node, node.args.map((a) => made.get(a))));
    return made.get(root)[0];
  };

  return { forget, store, constant, variable, parameter, whole, number, decimal, apply, build, postorder, rebuild, withArgs, substitute, text };
})();
