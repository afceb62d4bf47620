// Formula text to a tree of its signs. As rheobase.syntax, which has the grammar; a test holds the two together.
"use strict";

rheobase.syntax = (() => {
  const BLANK = /^[ \t\n\r\f\v]*$/;
  const TOKEN = new RegExp(
    "[ \\t]*(?:#.*)?(?:(?<end>$)" +
      "|(?<number>(?:[0-9](?:_?[0-9])*\\.?(?:[0-9](?:_?[0-9])*)?|\\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?)" +
      "|(?<name>[A-Za-z_][A-Za-z0-9_]*)" +
      "|(?<sign>\\*\\*|<=|>=|==|!=|\\/\\/|:=|\\.\\.\\.|.))",
    "y",
  );
  const GLUED = /[A-Za-z0-9_]+/y;
  const IMAGINARY = /^(?:[jJ]|_.*)$/;
  const OTHER_BASE = /^(?:[xX][0-9A-Fa-f_]+|[oO][0-7_]+|[bB][01_]+)$/;

  // Refuse what is too long, has characters of other scripts, or nests too deeply, before it is read.
  const check = (text) => {
    const { inFormula, quoted, thousands } = rheobase.refusals;
    const { limits, hints } = rheobase.grammar;
    const characters = Array.from(text);
    if (BLANK.test(text)) throw inFormula("empty", text.replaceAll("\n", " "), 0);
    if (characters.length > limits.text) {
      throw inFormula("long", text, limits.text, { count: thousands(characters.length), most: thousands(limits.text) });
    }
    let level = 0;
    characters.forEach((c, at) => {
      if (c === "^") throw inFormula("power", text, at, { hint: hints["^"] });
      if (c !== "\t" && !(c >= " " && c <= "~")) {
        throw inFormula("character", text, at, { sign: quoted(c) }, Object.hasOwn(hints, c) ? hints[c] : null);
      }
      level += "([{".includes(c) - ")]}".includes(c);
      if (level > limits.nesting) throw inFormula("brackets", text, at, { most: limits.nesting });
    });
  };

  // The text from left to right, one token looked at ahead: the first fault is the one that is told.
  class Reading {
    constructor(text) {
      this.text = text;
      this.after = 0;
      this.open = [];
      this.keywords = new Set(rheobase.grammar.keywords);
      const { strength } = rheobase.grammar;
      this.strength = (sign) => (Object.hasOwn(strength, sign) ? strength[sign] : -1);
      [this.SUMS, this.SIGNS, this.POWERS] = [strength["+"], strength["*"] + 1, strength["**"]];
      this.step();
    }

    step() {
      TOKEN.lastIndex = this.after;
      const { groups } = TOKEN.exec(this.text);
      this.kind = Object.keys(groups).find((name) => groups[name] !== undefined);
      this.token = groups[this.kind];
      this.after = TOKEN.lastIndex;
      this.at = this.after - this.token.length;
      if (this.kind === "number") this.checkNumber();
      else if (this.kind === "name" && this.keywords.has(this.token)) throw this.fail("word", { name: this.token });
      else if (this.kind === "sign") {
        this.checkSign();
        this.kind = this.token;
      }
    }

    fail(key, fields = {}, at = this.at) {
      return rheobase.refusals.inFormula(key, this.text, at, fields);
    }

    checkNumber() {
      GLUED.lastIndex = this.after;
      const rest = (GLUED.exec(this.text) ?? [""])[0];
      const whole = /^[0-9]+$/.test(this.token.replaceAll("_", ""));
      const octal = whole && this.token[0] === "0" && /[^0_]/.test(this.token);
      if (octal || IMAGINARY.test(rest) || (this.token === "0" && OTHER_BASE.test(rest))) {
        throw this.fail("decimal", { source: (this.token + rest).slice(0, 20) });
      }
      if (rest) throw this.fail("factors", {}, this.after);
    }

    checkSign() {
      const { token } = this;
      if (this.strength(token) >= 0 || ["(", ")", ","].includes(token)) return;
      if (token === "]" || token === "}") throw this.fail("partner");
      if (token === "[" || token === "{") throw this.fail("round", { sign: token });
      if (token === "==" || token === "!=") throw this.fail("compares");
      if (token === "=") throw this.fail("equals");
      throw this.fail("sign", { sign: token });
    }

    whole() {
      const found = this.expression(0, 0);
      if (this.kind !== "end") throw this.stray();
      return found;
    }

    // The error of a token that cannot stand behind a whole expression.
    stray() {
      if (this.kind === "end") return this.fail("partner", {}, this.open.at(-1));
      if (this.kind === ")") return this.fail("partner");
      if (this.kind === ",") return this.fail("comma");
      return this.fail(this.kind === "number" || this.kind === "name" ? "factors" : "unreadable");
    }

    // What stands here, as far as signs reach that bind at least as strongly as `least`.
    expression(least, level) {
      const most = 2 * rheobase.grammar.limits.nesting;
      if (level > most) throw this.fail("deep", { most });
      const [at, first] = [this.at, this.kind];
      let left;
      if (first === "+" || first === "-") {
        this.step();
        left = { kind: first === "-" ? "minus" : "plus", at, parts: [this.expression(this.SIGNS, level + 1)] };
      } else left = this.call(level);
      let compared = false;
      for (let strength = this.strength(this.kind); strength >= least; strength = this.strength(this.kind)) {
        const sign = this.kind;
        this.step();
        const right = this.expression(strength === this.POWERS ? this.SIGNS : strength + 1, level + 1);
        left = { kind: compared ? "chain" : sign, at, parts: [left, right] };
        compared = strength < this.SUMS;
      }
      return left;
    }

    call(level) {
      const { at } = this;
      let found = this.atom(level);
      while (this.kind === "(") found = { kind: "call", at, parts: [found, ...this.arguments(level + 1)] };
      return found;
    }

    arguments(level) {
      const given = [];
      this.open.push(this.at);
      this.step();
      while (this.kind !== ")") {
        given.push(this.expression(0, level));
        if (this.kind === ",") this.step();
        else if (this.kind !== ")") throw this.stray();
      }
      this.open.pop();
      this.step();
      return given;
    }

    atom(level) {
      const { kind, at, token } = this;
      if (kind === "number" || kind === "name") {
        this.step();
        return { kind, at, text: token, parts: [] };
      }
      if (kind === "end") throw this.fail("incomplete");
      if (kind !== "(") throw this.fail(kind === ")" && !this.open.length ? "partner" : "unreadable");
      this.open.push(at);
      this.step();
      const found = this.expression(0, level);
      if (this.kind !== ")") throw this.stray();
      this.open.pop();
      this.step();
      return found;
    }
  }

  // {kind, at, text, parts} of a text, or a Refusal.
  return (text) => {
    check(text);
    return new Reading(text).whole();
  };
})();
