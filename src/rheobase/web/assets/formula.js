// Formula text to a tree: the parts that syntax.js finds, looked up and joined. As rheobase.parse.
"use strict";

rheobase.parse = (() => {
  class Reader {
    constructor(text, parameters, variables) {
      Object.assign(this, { text, parameters: new Set(parameters), variables: new Set(variables) });
      const { grammar } = rheobase;
      this.functions = new Set(grammar.functions);
      this.synonyms = new Map(Object.entries(grammar.synonyms));
      this.hint = (name) => (Object.hasOwn(grammar.hints, name) ? grammar.hints[name] : null);
    }

    fail(key, node, fields = {}, instead = null) {
      return rheobase.refusals.inFormula(key, this.text, node.at, fields, instead);
    }

    read(node, level) {
      const { tree, grammar } = rheobase;
      const most = 2 * grammar.limits.nesting;
      if (level > most) throw this.fail("deep", node, { most });
      const [first, second] = node.parts;
      switch (node.kind) {
        case "number":
          return this.literal(node);
        case "name":
          return this.name(node);
        case "minus":
          return tree.build("neg", this.value(first, level));
        case "plus":
          return this.value(first, level);
        case "call":
          return this.call(node, level);
        case "chain":
          throw this.fail("chain", node);
      }
      if (Object.hasOwn(grammar.compare, node.kind)) {
        return tree.apply(grammar.compare[node.kind], this.value(first, level), this.value(second, level));
      }
      return this.binary(node, level);
    }

    compares(found) {
      return Object.values(rheobase.grammar.compare).includes(found.kind);
    }

    // Like `read`, but refuses a comparison.
    value(node, level) {
      const found = this.read(node, level + 1);
      if (this.compares(found)) throw this.fail("inside", node);
      return found;
    }

    literal(node) {
      const { exact, grammar: { limits } } = rheobase;
      const exponent = Number(node.text.toLowerCase().split("e")[1] ?? 0);
      const readable = Math.abs(exponent) <= limits.exponent && node.text.length <= limits.literal;
      const value = readable ? exact.read(node.text) : null;
      if (!readable || (value.top && !exact.fits(value))) throw this.fail("range", node, { source: node.text.slice(0, 20) });
      return rheobase.tree.number(value);
    }

    name(node) {
      const name = node.text;
      const { tree, grammar, refusals } = rheobase;
      if (this.parameters.has(name)) return tree.parameter(name);
      if (this.variables.has(name)) return tree.variable(name);
      if (grammar.constants.includes(name)) return tree.constant(name);
      if (this.functions.has(name) || this.synonyms.has(name)) throw this.fail("argument", node, { name });
      const near = rheobase.nearest(name, [...[...this.parameters].sort(), ...[...this.variables].sort(), ...grammar.constants]);
      const formula = this.text.replace(/^[ \t]+|[ \t]+$/g, "");
      throw this.fail("name", node, { name: refusals.quoted(name), plain: name, formula }, this.hint(name) || near);
    }

    binary(node, level) {
      const [left, right] = node.parts;
      const { tree, exact, grammar: { limits }, refusals } = rheobase;
      const [a, b] = [this.value(left, level), this.value(right, level)];
      const isNumber = (n) => n.kind === "number";
      const plain = { "+": "add", "-": "sub", "*": "mul" };
      if (Object.hasOwn(plain, node.kind)) return tree.build(plain[node.kind], a, b);
      if (node.kind === "/") {
        if (isNumber(b) && !b.value.top) throw this.fail("zero divisor", right);
        return tree.build("div", a, b);
      }
      if (isNumber(b) && exact.less(exact.made(BigInt(limits.power)), exact.abs(b.value))) {
        throw this.fail("exponent", right, { most: refusals.thousands(limits.power) });
      }
      if (isNumber(a) && !a.value.top && isNumber(b) && b.value.top < 0n) throw this.fail("zero base", left);
      if (!a.symbols.size && b.kind === "pow" && !b.symbols.size) throw this.fail("tower", right);
      return tree.build("pow", a, b);
    }

    call(node, level) {
      const [called, ...given] = node.parts;
      const known = rheobase.grammar.functions.join(", ");
      if (called.kind !== "name") throw this.fail("called", node, { known });
      const name = this.synonyms.get(called.text) ?? called.text;
      if (this.functions.has(name)) return this.apply(name, given, node, level);
      const fields = { name: rheobase.refusals.quoted(name), plain: name, known };
      if (this.parameters.has(name) || this.variables.has(name)) throw this.fail("times", node, fields);
      const words = [...this.functions, ...this.synonyms.keys()].sort();
      throw this.fail("function", node, fields, this.hint(name) || rheobase.nearest(name, words));
    }

    apply(name, given, node, level) {
      const { tree } = rheobase;
      const wanted = rheobase.grammar.arity[name];
      const more = [...this.synonyms.values()].includes(name) && given.length > 2;
      if (given.length !== wanted && !more) {
        const form = `${name}(${name === "where" ? "condition, p, q" : Array.from("abc".slice(0, wanted)).join(", ")})`;
        const plural = wanted > 1 ? "s" : "";
        throw this.fail("arguments", node, { name, wanted, plural, given: given.length, form });
      }
      if (name === "where") {
        const condition = this.read(given[0], level + 1);
        if (!this.compares(condition)) throw this.fail("condition", given[0]);
        return tree.apply(name, condition, this.value(given[1], level), this.value(given[2], level));
      }
      const values = given.map((a) => this.value(a, level));
      return values.slice(wanted).reduce((found, a) => tree.apply(name, found, a), tree.apply(name, ...values.slice(0, wanted)));
    }
  }

  // The formula that the text states, or a Refusal with the place of the character at fault.
  return (text, parameters = [], variables = ["x"]) => {
    const reader = new Reader(text, parameters, variables);
    let found;
    try {
      found = reader.read(rheobase.syntax(text), 0);
    } catch (error) {
      if (!(error instanceof rheobase.Refusal) || error.text !== null) throw error;
      throw new rheobase.Refusal(error.what, error.instead, text, 0);
    }
    if (reader.compares(found)) {
      throw rheobase.refusals.inFormula("comparison", text, 0, { formula: text.replace(/^[ \t]+|[ \t]+$/g, "") });
    }
    return found;
  };
})();
