// The playground: a formula that is typed, drawn with its derivatives, and held against the catalogue.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const [svg, field, shown] = [byId("plot"), byId("formula"), byId("shown")];
  const ORDERS = ["f", "f′", "f″"];
  const LONGEST = 20000; // of an address; what is longer than a formula may be is refused all the same
  const WAIT = 250; // milliseconds without a key before the text is read
  const state = { x: 1, reach: 6, shown: [true, true, false], text: null, found: null };
  let [timer, later] = [0, 0];

  const values = () => Object.fromEntries([...state.found.parameters].map(([name, p]) => [name, p.value]));
  const at = (order) => {
    const given = Object.values(values());
    return (x) => state.found.curves[order](x, ...given);
  };

  // What is typed, with the values that the sliders have now.
  const typed = () => {
    const { id, parameters } = state.found;
    const marked = ({ mark, value }) => (mark ? `${mark}:${value}` : value);
    const given = [...parameters].filter(([, p]) => id === null || p.mark || p.value !== p.default);
    const pairs = given.map(([name, p]) => `${name}=${marked(p)}`);
    if (id !== null) return id + (pairs.length ? `:${pairs.join(",")}` : "");
    return state.formula + (pairs.length ? `; ${pairs.join(", ")}` : "");
  };

  // The same in the grammar's own words: nothing in it means anything to a shell.
  const plain = () => {
    const { id, expr, parameters } = state.found;
    const pairs = [...parameters].map(([name, p]) => `${name}=${p.value}`);
    return id !== null ? typed() : rheobase.tree.text(expr) + (pairs.length ? `; ${pairs.join(", ")}` : "");
  };

  const draw = () => {
    if (!state.found) return;
    const drawn = ORDERS.map((label, order) => ({ label, order, colour: order + 1, dash: order === 2 }))
      .filter(({ order }) => state.shown[order] && state.found.curves[order])
      .map((one) => ({ ...one, f: at(one.order) }));
    state.view = rheobase.draw(svg, drawn, { left: -state.reach, right: state.reach, mark: state.x });
    const told = ORDERS.flatMap((label, order) =>
      state.found.curves[order] ? [`${label} = ${rheobase.figure(at(order)(state.x))}`] : []);
    byId("readout").textContent = `x = ${rheobase.figure(state.x)}:  ${told.join(",  ")}`;
    svg.setAttribute("aria-label", `Curve of the function typed from ${-state.reach} to ${state.reach}; at x = ${rheobase.figure(state.x)}: ${told.join(", ")}`);
  };

  const link = ({ id, name, spec, page }) => {
    const label = document.createElement(page ? "a" : "span");
    label.textContent = name;
    if (page) label.href = `functions/${id}.html`;
    const parts = [label];
    if (spec !== id) parts.push(" (", Object.assign(document.createElement("code"), { textContent: spec }), ")");
    return parts;
  };
  const listed = (lead, items) => {
    const list = document.createElement("ul");
    list.append(...items.map((parts) => {
      const item = document.createElement("li");
      item.append(...parts);
      return item;
    }));
    const head = Object.assign(document.createElement("p"), { textContent: lead });
    byId("known").replaceChildren(head, ...(items.length ? [list] : []));
  };
  const identify = () => {
    const bound = new Map([...state.found.parameters].map(([name, p]) => [rheobase.tree.parameter(name), rheobase.tree.decimal(p.value)]));
    const { hole, points, matches, nearest } = rheobase.identify(rheobase.tree.substitute(state.found.expr, bound));
    if (hole !== null) listed(`Not compared: it has no finite value at x = ${rheobase.figure(hole, 3)}.`, []);
    else if (matches.length) {
      const worst = (one) => (one.worst ? `, apart by at most ${rheobase.figure(one.worst, 2)}` : ", to the last bit");
      listed(`Agrees at ${matches[0].points} points from −1000 to 1000 with`, matches.slice(0, 8).map((one) => [...link(one), worst(one)]));
    } else {
      listed(`No function of the catalogue agrees with it at all of ${points} points, at the values given there or here. Nearest:`,
        nearest.map((one) => [...link(one), `, distance ${rheobase.figure(one.distance, 2)}`]));
    }
  };

  const keep = () => {
    const text = typed();
    if (text !== field.value) field.value = text;
    state.text = text;
    history.replaceState(null, "", `#f=${encodeURIComponent(text)}`);
    byId("shell").textContent = `rheobase check "${plain()}"`;
    identify();
  };
  const soon = () => {
    clearTimeout(later);
    later = setTimeout(keep, WAIT);
  };

  // The function with up to two derivatives; one that grows too large is left out, and said so.
  const curves = (found) => {
    const names = ["x", ...found.parameters.keys()];
    const made = { ...found, curves: [], texts: [], left: "" };
    let tree = found.expr;
    for (const order of [0, 1, 2]) {
      try {
        if (order) tree = rheobase.light(rheobase.derive(tree));
        made.curves.push(rheobase.program(tree, names));
        made.texts.push(rheobase.tree.text(tree));
      } catch (error) {
        if (!(error instanceof rheobase.Refusal) || order === 0) throw error;
        made.left = `${ORDERS[order]} is not drawn: ${error.what}.`;
        break;
      }
    }
    return made;
  };

  const controls = () => {
    const x = rheobase.slider({ name: "x", least: -state.reach, most: state.reach, step: state.reach / 600, value: state.x }, (value) => {
      state.x = value;
      draw();
    });
    const moved = [...state.found.parameters.values()].map((p) =>
      rheobase.slider(rheobase.spec.slider(p), (value) => {
        p.value = value;
        draw();
        soon();
      }).row,
    );
    state.slider = x;
    byId("sliders").replaceChildren(x.row, ...moved);
  };

  const refuse = (error) => {
    const place = error.text === null ? "" : `, at character ${error.position + 1}`;
    byId("spoken").textContent = `${error.what}${place}; instead: ${error.instead}`;
    byId("what").textContent = error.what;
    byId("instead").textContent = error.instead;
    const columns = Math.min(72, Math.max(24, Math.floor(innerWidth / 9) - 14)); // the shell's 72 where they fit
    byId("caret").textContent = error.text === null ? "" : rheobase.refusals.caret(error.text, error.position, columns);
    byId("caret").hidden = error.text === null;
    byId("fault").hidden = false;
    field.setAttribute("aria-invalid", "true");
    shown.classList.add("stale");
    shown.inert = true;
  };

  // Read the text: draw what it states, or say what is wrong and leave the last curve behind it.
  const read = (text) => {
    clearTimeout(timer);
    clearTimeout(later);
    if (text === state.text) return;
    state.text = text;
    try {
      const found = curves(rheobase.spec.get(text));
      state.formula = (text.includes(";") ? text.slice(0, text.indexOf(";")) : text).trim();
      state.found = found;
    } catch (error) {
      if (!(error instanceof rheobase.Refusal)) throw error;
      refuse(error);
      history.replaceState(null, "", `#f=${encodeURIComponent(text.slice(0, LONGEST))}`);
      return;
    }
    byId("fault").hidden = true;
    byId("spoken").textContent = "";
    field.removeAttribute("aria-invalid");
    shown.classList.remove("stale");
    shown.inert = false;
    shown.hidden = false;
    byId("texts").replaceChildren(...state.found.texts.flatMap((text, order) => [
      Object.assign(document.createElement("dt"), { textContent: ORDERS[order] }),
      Object.assign(document.createElement("dd"), { textContent: text }),
    ]));
    byId("left").textContent = state.found.left;
    controls();
    draw();
    history.replaceState(null, "", `#f=${encodeURIComponent(text)}`);
    byId("shell").textContent = `rheobase check "${plain()}"`;
    identify();
  };

  const restore = () => {
    const given = location.hash.startsWith("#f=") ? location.hash.slice(3, LONGEST) : null;
    let text = given ?? field.dataset.first;
    try {
      text = decodeURIComponent(text);
    } catch {
      // an address that is no text is read as it stands
    }
    field.value = text;
    read(field.value);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => read(field.value), WAIT);
  });
  byId("typed").addEventListener("submit", (event) => {
    event.preventDefault();
    read(field.value);
  });
  document.querySelectorAll("#orders input").forEach((box, order) => {
    box.checked = state.shown[order];
    box.addEventListener("change", () => {
      state.shown[order] = box.checked;
      draw();
    });
  });
  const zoom = (factor) => {
    state.reach = Math.min(96, Math.max(0.75, state.reach * factor));
    state.x = Math.min(state.reach, Math.max(-state.reach, state.x));
    Object.assign(state.slider.input, { min: -state.reach, max: state.reach, step: state.reach / 600 });
    state.slider.set(state.x);
    draw();
  };
  byId("nearer").addEventListener("click", () => zoom(0.5));
  byId("farther").addEventListener("click", () => zoom(2));
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || !state.view) return;
    const place = state.view.fromX(event.clientX - svg.getBoundingClientRect().left);
    state.x = Math.min(state.reach, Math.max(-state.reach, place));
    state.slider.set(state.x);
    draw();
  });
  addEventListener("hashchange", restore);
  new ResizeObserver(draw).observe(svg);
  restore();
})();
