// The page of one function: its curve with derivatives, moved by sliders.
"use strict";

(() => {
  const root = document.getElementById("live");
  const id = root.dataset.id;
  const known = rheobase.functions[id];
  const svg = document.getElementById("plot");
  const orders = ["f", "f′", "f″"];
  const values = Object.fromEntries(known.parameters.map((p) => [p.name, p.value]));
  const state = { x: 1, reach: 6, shown: [true, true, false] };
  const labels = Object.fromEntries([...root.querySelectorAll("[data-symbol]")].map((e) => [e.dataset.symbol, e]));
  const controls = document.getElementById("sliders");
  let view = null;

  const draw = () => {
    const curves = orders
      .map((label, order) => ({ label, f: rheobase.at(id, values, order), colour: order + 1, dash: order === 2 }))
      .filter((_, order) => state.shown[order]);
    view = rheobase.draw(svg, curves, { left: -state.reach, right: state.reach, mark: state.x });
    const told = orders.map((label, order) => `${label} = ${rheobase.figure(rheobase.at(id, values, order)(state.x))}`);
    document.getElementById("readout").textContent = `x = ${rheobase.figure(state.x)}:  ${told.join(",  ")}`;
    svg.setAttribute("aria-label", `Curve of ${known.name} from ${-state.reach} to ${state.reach}; at ${told.join(", ")}`);
  };

  const x = rheobase.slider({ name: "x", least: -state.reach, most: state.reach, step: 0.01, value: state.x }, (value) => {
    state.x = value;
    draw();
  });
  const sliders = known.parameters.map((p) =>
    rheobase.slider({ ...p, label: labels[p.name] }, (value) => {
      values[p.name] = value;
      draw();
    }),
  );
  controls.append(x.row, ...sliders.map((s) => s.row));

  const zoom = (factor) => {
    state.reach = Math.min(96, Math.max(0.75, state.reach * factor));
    state.x = Math.min(state.reach, Math.max(-state.reach, state.x));
    Object.assign(x.input, { min: -state.reach, max: state.reach, step: state.reach / 600 });
    x.set(state.x);
    draw();
  };
  document.getElementById("nearer").addEventListener("click", () => zoom(0.5));
  document.getElementById("farther").addEventListener("click", () => zoom(2));
  document.getElementById("reset").addEventListener("click", () => {
    known.parameters.forEach((p, i) => {
      values[p.name] = p.value;
      sliders[i].set(p.value);
    });
    draw();
  });
  document.querySelectorAll("#orders input").forEach((box, order) => {
    box.checked = state.shown[order];
    box.addEventListener("change", () => {
      state.shown[order] = box.checked;
      draw();
    });
  });
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || view === null) return;
    const place = view.fromX(event.clientX - svg.getBoundingClientRect().left);
    state.x = Math.min(state.reach, Math.max(-state.reach, place));
    x.set(state.x);
    draw();
  });
  new ResizeObserver(draw).observe(svg);

  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.of).textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const range = document.createRange();
        range.selectNodeContents(document.getElementById(button.dataset.of));
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "selected: copy with Ctrl+C";
        return;
      }
      button.textContent = "copied";
    });
  }
})();
