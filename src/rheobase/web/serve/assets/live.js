// What the live pages share: questions to the server, tables and curves from its answers. Answers are shown as text.
"use strict";

const live = {};

// Ask the server; the answer, or {error} in one line.
live.ask = async (address, question) => {
  try {
    const answer = await fetch(address, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), cache: "no-store",
    });
    return await answer.json();
  } catch {
    return { error: "the server does not answer; instead: see whether rheobase serve is still running" };
  }
};

live.make = (name, attributes = {}, ...inside) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
};

// A table; the first column names the row, the others are numbers where `numbers` says so.
live.table = (headings, rows, { caption = "", numbers = true, mark = () => "" } = {}) => {
  const kind = (i) => (numbers && i ? { class: "number" } : {});
  const head = live.make("tr", {}, ...headings.map((text, i) => live.make("th", { scope: "col", ...kind(i) }, text)));
  const body = rows.map((row) =>
    live.make("tr", {}, ...row.map((text, i) =>
      i ? live.make("td", { ...kind(i), ...(mark(text, i) && { class: mark(text, i) }) }, text) : live.make("th", { scope: "row" }, text),
    )),
  );
  const table = live.make("table", {}, ...(caption ? [live.make("caption", {}, caption)] : []),
    live.make("thead", {}, head), live.make("tbody", {}, ...body));
  return live.make("div", { class: "wide", tabindex: "0" }, table);
};

// The function through points that stand at equal steps from left to right; null breaks it.
live.through = (y, left, right) => (x) => {
  const at = ((x - left) / (right - left)) * (y.length - 1);
  const i = Math.min(Math.max(Math.floor(at), 0), Math.max(y.length - 2, 0));
  const [a, b] = [y[i], y[Math.min(i + 1, y.length - 1)]];
  return at < 0 || a === null || b === null ? NaN : a + (at - i) * (b - a);
};

live.key = (label, colour, dash = false) => {
  const line = live.make("span", { class: `key c${colour}${dash ? " dashed" : ""}`, "aria-hidden": "true" });
  return live.make("span", { class: "named" }, line, ` ${label}`);
};

live.wrong = (text) => {
  const place = document.getElementById("wrong");
  place.textContent = text || "";
  place.hidden = !text;
};
