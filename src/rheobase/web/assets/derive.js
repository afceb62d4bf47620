// Derivatives of trees by the rules of the table, and trees as functions of numbers. As rheobase.differentiate.
"use strict";

rheobase.derive = (() => {
  const { tree } = rheobase;
  const slots = ["a", "b", "c"];
  const kept = new WeakMap(); // rules by the store that their trees are interned in

  // The partial derivatives of a primitive as trees in a, b and c, read once from the formulas of the table.
  const rule = (op) => {
    if (!kept.has(tree.store())) kept.set(tree.store(), new Map());
    const rules = kept.get(tree.store());
    if (!rules.has(op)) {
      const texts = rheobase.grammar.slopes[op];
      rules.set(op, texts.map((text) => (text === null ? null : rheobase.parse(text, slots, []))));
    }
    return rules.get(op);
  };
  const partials = (node) => {
    const values = new Map(node.args.map((a, i) => [tree.parameter(slots[i]), a]));
    return rule(node.kind).map((partial) => partial && tree.substitute(partial, values));
  };

  const ONE = () => tree.whole(1);
  const isOne = (a) => a === ONE();
  const orZero = (slope) => slope ?? tree.whole(0);
  const times = (partial, slope) => (isOne(slope) ? partial : isOne(partial) ? slope : tree.build("mul", partial, slope));
  const numberPower = (a) => a.kind === "pow" && a.args[1].kind === "number";

  // The slope of the winner; at a tie that of a side which does not move.
  const extremum = (op, [p, q], [dp, dq]) => {
    if (!dp && !dq) return null;
    if (!dp) [p, q, dp, dq] = [q, p, dq, dp];
    return tree.apply("where", tree.apply(op, p, q), orZero(dp), orZero(dq));
  };

  const chain = (node, slopes) => {
    const { kind, args } = node;
    const inner = args.map((a) => slopes.get(a));
    const { build } = tree;
    if (kind === "where") {
      return inner[1] || inner[2] ? tree.apply("where", args[0], orZero(inner[1]), orZero(inner[2])) : null;
    }
    if (kind === "minimum" || kind === "maximum") return extremum(kind === "minimum" ? "lt" : "gt", args, inner);
    if (kind === "pow" && !inner[1] && inner[0]) {
      const [base, exponent] = args;
      if (exponent === tree.whole(2)) return times(build("mul", tree.whole(2), base), inner[0]);
      return times(build("mul", exponent, build("pow", base, build("sub", exponent, ONE()))), inner[0]);
    }
    if (kind === "div" && !inner[0] && inner[1] && numberPower(args[1])) {
      // c/a**n: the square of a**n would underflow or overflow long before a**(n + 1)
      const [base, n] = args[1].args;
      const top = build("neg", build("mul", n, args[0]));
      return times(build("div", top, build("pow", base, build("add", n, ONE()))), orZero(slopes.get(base)));
    }
    if (kind === "div" && !inner[1] && inner[0]) return build("div", isOne(inner[0]) ? ONE() : inner[0], args[1]);
    if (!Object.hasOwn(rheobase.grammar.slopes, kind)) return null; // a comparison
    let total = null;
    partials(node).forEach((partial, i) => {
      if (!partial || !inner[i]) return;
      const term = times(partial, inner[i]);
      total = total ? build("add", total, term) : term;
    });
    return total;
  };

  // The derivative in the variable or parameter `name`; at a kink that of the branch taken. Not simplified.
  return (root, name = "x") => {
    const slopes = new Map();
    for (const node of tree.postorder(root)) {
      if (!node.symbols.has(name)) slopes.set(node, null);
      else slopes.set(node, node.args.length ? chain(node, slopes) : ONE());
    }
    return orZero(slopes.get(root));
  };
})();

// The tree without what multiplies by 1 or adds 0, signs moved outwards: the same values, and small enough to derive again.
rheobase.light = (() => {
  const { tree } = rheobase;
  const isNeg = (a) => a.kind === "neg";
  const opposite = (a) => (isNeg(a) ? a.args[0] : tree.build("neg", a));
  const signed = (kind, a, b) => {
    if (isNeg(a)) return opposite(step(tree.build(kind, a.args[0], b)));
    return isNeg(b) ? opposite(step(tree.build(kind, a, b.args[0]))) : tree.build(kind, a, b);
  };
  const step = (node) => {
    const [a, b, c] = node.args;
    const [zero, one, minus] = [tree.whole(0), tree.whole(1), tree.whole(-1)];
    switch (node.kind) {
      case "add":
        return a === zero ? b : b === zero ? a : isNeg(b) ? tree.build("sub", a, b.args[0]) : node;
      case "sub":
        return b === zero ? a : a === zero ? opposite(b) : isNeg(b) ? tree.build("add", a, b.args[0]) : node;
      case "mul":
        return a === one ? b : b === one ? a : a === minus ? opposite(b) : b === minus ? opposite(a) : signed("mul", a, b);
      case "div":
        return b === one ? a : signed("div", a, b);
      case "pow":
        return b === one ? a : node;
      case "neg":
        return isNeg(a) ? a.args[0] : node;
      case "where":
        return b === c ? b : node;
    }
    return node;
  };
  return (root) => tree.rebuild(root, (node, args) => step(tree.withArgs(node, args)));
})();

// The tree as a function of the numbers `names`: a list of steps over cells of the table, each node computed once.
rheobase.program = (() => {
  const MAX_STEPS = 20000;
  const letters = { pi: Math.PI, e: Math.E };
  const leaf = (node) => (node.kind === "number" ? rheobase.exact.double(node.value) : letters[node.name]);
  return (root, names) => {
    const order = rheobase.tree.postorder(root);
    if (order.length > MAX_STEPS) throw rheobase.refusals.inSpec("terms", { most: rheobase.refusals.thousands(MAX_STEPS) });
    const place = new Map(order.map((node, i) => [node, i]));
    const slots = new Array(order.length);
    const steps = [];
    const inputs = [];
    order.forEach((node, i) => {
      const input = ["variable", "parameter"].includes(node.kind) ? names.indexOf(node.name) : -1;
      if (input >= 0) inputs.push([i, input]);
      else if (!node.args.length) slots[i] = leaf(node);
      else {
        const step = [rheobase.cells[node.kind], i, ...node.args.map((a) => place.get(a))];
        if (node.symbols.size) steps.push(step);
        else slots[i] = step[0](...step.slice(2).map((k) => slots[k]));
      }
    });
    const last = order.length - 1;
    return (...values) => {
      for (const [i, input] of inputs) slots[i] = values[input];
      for (const [cell, i, a, b, c] of steps) slots[i] = cell(slots[a], slots[b], slots[c]);
      return slots[last];
    };
  };
})();
