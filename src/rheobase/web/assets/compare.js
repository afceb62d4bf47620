// Any functions on one plot. The address holds the choice: #f=relu;swish:beta=1.5&show=0,1&reach=6
"use strict";

(() => {
  const svg = document.getElementById("plot");
  const chosen = document.getElementById("chosen");
  const note = document.getElementById("note");
  const field = document.getElementById("add");
  const MOST = rheobase.COLOURS;
  const orders = ["f", "f′", "f″"];
  const state = { functions: [], shown: [0], reach: 6 };

  // "swish:beta=1.5" as {id, values}; null where it names nothing known.
  const parsed = (spec) => {
    const [id, ...rest] = spec.split(":");
    if (!Object.hasOwn(rheobase.functions, id)) return null;
    const values = {};
    for (const pair of rest.join(":").split(",").filter(Boolean)) {
      const [name, text] = pair.split("=");
      const p = rheobase.functions[id].parameters.find((q) => q.name === name);
      const value = Number(text);
      if (p && text && Number.isFinite(value)) values[name] = Math.min(p.most, Math.max(p.least, value));
    }
    return { id, values };
  };

  const spec = ({ id, values }) => {
    const pairs = Object.entries(values).map(([name, value]) => `${name}=${value}`);
    return pairs.length ? `${id}:${pairs.join(",")}` : id;
  };

  const restore = () => {
    const kept = new Map(location.hash.slice(1).split("&").map((part) => part.split(/=(.*)/s)));
    let text = kept.get("f") ?? "relu;silu;tanh";
    try {
      text = decodeURIComponent(text);
    } catch {
      text = "";
    }
    const wanted = text.split(";").filter(Boolean);
    const found = wanted.map(parsed);
    const unknown = wanted.filter((_, i) => found[i] === null);
    state.functions = found.filter(Boolean).slice(0, MOST);
    const shown = (kept.get("show") ?? "0").split(",").map(Number).filter((n) => [0, 1, 2].includes(n));
    state.shown = shown.length ? [...new Set(shown)] : [0];
    const reach = Number(kept.get("reach"));
    state.reach = reach >= 0.75 && reach <= 96 ? reach : 6;
    note.textContent = unknown.length ? `Not in the catalogue: ${unknown.map((w) => w.slice(0, 40)).join(", ")}` : "";
    build();
  };

  const keep = () => {
    const text = state.functions.map(spec).map(encodeURIComponent).join(";");
    history.replaceState(null, "", `#f=${text}&show=${state.shown.join(",")}&reach=${state.reach}`);
  };

  const draw = () => {
    const curves = state.functions.flatMap(({ id, values }, i) =>
      state.shown.map((order) => ({
        label: id, f: rheobase.at(id, values, order), colour: i + 1, dash: order > Math.min(...state.shown),
      })),
    );
    rheobase.draw(svg, curves, { left: -state.reach, right: state.reach });
    const names = state.functions.map(spec).join(", ") || "nothing chosen";
    svg.setAttribute("aria-label", `${state.shown.map((n) => orders[n]).join(" and ")} of ${names}, from ${-state.reach} to ${state.reach}`);
    keep();
  };

  const build = () => {
    chosen.replaceChildren(
      ...state.functions.map((one, i) => {
        const known = rheobase.functions[one.id];
        const item = document.createElement("li");
        const head = document.createElement("div");
        head.className = "chip";
        const key = document.createElement("span");
        key.className = `key c${i + 1}`;
        key.setAttribute("aria-hidden", "true");
        const link = Object.assign(document.createElement("a"), { href: `functions/${one.id}.html`, textContent: known.name });
        const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
        remove.setAttribute("aria-label", `Remove ${known.name}`);
        remove.addEventListener("click", () => {
          state.functions.splice(i, 1);
          build();
          field.focus();
        });
        head.append(key, link, remove);
        const sliders = known.parameters.map((p) =>
          rheobase.slider({ ...p, value: one.values[p.name] ?? p.value }, (value) => {
            one.values[p.name] = value;
            draw();
          }).row,
        );
        item.append(head, ...sliders);
        return item;
      }),
    );
    document.querySelectorAll("#orders input").forEach((box, order) => { box.checked = state.shown.includes(order); });
    draw();
  };

  const add = () => {
    const wanted = field.value.trim();
    if (!wanted) return;
    const found = parsed(wanted) ?? parsed(Object.keys(rheobase.functions).find((id) => rheobase.functions[id].name === wanted) ?? "");
    if (found === null) note.textContent = `Not in the catalogue: ${wanted.slice(0, 40)}`;
    else if (state.functions.length >= MOST) note.textContent = `At most ${MOST} at once: remove one first.`;
    else {
      state.functions.push(found);
      note.textContent = "";
      field.value = "";
      build();
    }
  };

  document.getElementById("adding").addEventListener("submit", (event) => {
    event.preventDefault();
    add();
  });
  document.querySelectorAll("#orders input").forEach((box, order) =>
    box.addEventListener("change", () => {
      state.shown = box.checked ? [...state.shown, order].sort() : state.shown.filter((n) => n !== order);
      if (!state.shown.length) state.shown = [0];
      build();
    }),
  );
  const zoom = (factor) => {
    state.reach = Math.min(96, Math.max(0.75, state.reach * factor));
    draw();
  };
  document.getElementById("nearer").addEventListener("click", () => zoom(0.5));
  document.getElementById("farther").addEventListener("click", () => zoom(2));
  addEventListener("hashchange", restore);
  new ResizeObserver(draw).observe(svg);
  restore();
})();
