// One neuron on XOR: f(w·x + b) against a threshold, its regions in the plane and its four sums on the curve.
"use strict";

(() => {
  const answers = JSON.parse(document.getElementById("answers").textContent);
  const POINTS = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]];
  const CELLS = 64;
  const [LOW, HIGH] = [-0.5, 1.5];
  const plane = document.getElementById("plane");
  const curve = document.getElementById("plot");
  const choice = document.getElementById("function");
  const state = { id: "gcu", w1: 1, w2: 1, b: 0, threshold: 0, orientation: 1 };
  const names = ["w1", "w2", "b", "threshold"];
  const labels = { w1: "w₁", w2: "w₂", b: "b", threshold: "threshold" };

  const sum = (x1, x2) => state.w1 * x1 + state.w2 * x2 + state.b;
  const fires = (x1, x2) => state.orientation * (rheobase.at(state.id, {})(sum(x1, x2)) - state.threshold) > 0;

  const sliders = Object.fromEntries(
    names.map((name) => [
      name,
      rheobase.slider({ name: labels[name], least: -8, most: 8, step: 0.01, value: state[name] }, (value) => {
        state[name] = value;
        draw();
      }),
    ]),
  );
  document.getElementById("sliders").append(...names.map((name) => sliders[name].row));

  const toPlane = (v) => ((v - LOW) / (HIGH - LOW)) * 400;
  const drawPlane = () => {
    const region = rheobase.element("g", { class: "on" });
    const parts = [region];
    const size = (HIGH - LOW) / CELLS;
    for (let row = 0; row < CELLS; row++) {
      let start = -1;
      for (let column = 0; column <= CELLS; column++) {
        const on = column < CELLS && fires(LOW + (column + 0.5) * size, LOW + (row + 0.5) * size);
        if (on && start < 0) start = column;
        if (!on && start >= 0) {
          const box = { x: (start * 400) / CELLS, y: 400 - ((row + 1) * 400) / CELLS };
          region.append(rheobase.element("rect", { ...box, width: ((column - start) * 400) / CELLS, height: 400 / CELLS + 0.5 }));
          start = -1;
        }
      }
    }
    for (const [x1, x2, wanted] of POINTS) {
      const right = fires(x1, x2) === Boolean(wanted);
      const [cx, cy] = [toPlane(x1), 400 - toPlane(x2)];
      parts.push(rheobase.element("circle", { class: right ? "point right" : "point wrong", cx, cy, r: 16 }));
      parts.push(rheobase.element("text", { class: "answer", x: cx, y: cy + 6, "text-anchor": "middle" }, String(wanted)));
      if (!right) parts.push(rheobase.element("text", { x: cx + 22, y: cy - 10 }, "wrong"));
    }
    const handle = { cx: toPlane(state.w1 / 8 + 0.5), cy: 400 - toPlane(state.w2 / 8 + 0.5) };
    parts.push(rheobase.element("line", { class: "weight", x1: toPlane(0.5), y1: 400 - toPlane(0.5), x2: handle.cx, y2: handle.cy }));
    parts.push(rheobase.element("circle", { class: "handle", id: "handle", ...handle, r: 11 }));
    plane.replaceChildren(...parts);
  };

  const drawCurve = () => {
    const sums = POINTS.map(([x1, x2]) => sum(x1, x2));
    const reach = Math.max(4, ...sums.map((s) => Math.abs(s) * 1.2));
    const f = rheobase.at(state.id, {});
    const lines = [
      { label: "f", f, colour: 1 },
      { label: "threshold", f: () => state.threshold, colour: 2, dash: true },
    ];
    const { toX, toY } = rheobase.draw(curve, lines, { left: -reach, right: reach });
    const told = new Map();
    for (const [x1, x2, wanted] of POINTS) {
      const [cx, cy] = [toX(sum(x1, x2)), toY(f(sum(x1, x2)))];
      if (!Number.isFinite(cy)) continue;
      curve.append(rheobase.element("circle", { class: fires(x1, x2) === Boolean(wanted) ? "point right" : "point wrong", cx, cy, r: 6 }));
      const place = Math.round(cx / 12);
      told.set(place, { cx, cy, inputs: [...(told.get(place)?.inputs ?? []), `${x1}${x2}`] });
    }
    for (const { cx, cy, inputs } of told.values()) {
      curve.append(rheobase.element("text", { x: cx, y: cy - 12, "text-anchor": "middle" }, inputs.join(", ")));
    }
  };

  const draw = () => {
    drawPlane();
    drawCurve();
    const right = POINTS.filter(([x1, x2, wanted]) => fires(x1, x2) === Boolean(wanted)).length;
    document.getElementById("verdict").textContent = right === 4 ? "This neuron computes XOR: all four are right." : `${right} of 4 are right.`;
    plane.setAttribute("aria-label", `Decision regions; ${right} of 4 inputs are answered right`);
    const numbers = names.map((name) => `${name}=${state[name]}`).join("&");
    history.replaceState(null, "", `#f=${state.id}&${numbers}&side=${state.orientation}`);
  };

  const choose = (id) => {
    state.id = id;
    choice.value = id;
    const answer = answers[id];
    document.getElementById("proof").textContent = answer.proof;
    document.getElementById("known").textContent =
      { true: "One neuron can.", false: "One neuron cannot." }[answer.solvable] ?? "Whether one neuron can is not known.";
    document.getElementById("solve").hidden = !answer.solvable;
  };

  const set = (changes) => {
    Object.assign(state, changes);
    for (const name of names) {
      const { input } = sliders[name];
      const widest = Math.max(8, Math.ceil(Math.abs(state[name])));
      Object.assign(input, { min: -widest, max: widest, step: "any" });
      sliders[name].set(state[name]);
    }
    document.getElementById("orientation").checked = state.orientation < 0;
    draw();
  };

  const solve = () => {
    const { weights, bias, threshold, orientation } = answers[state.id];
    set({ w1: weights[0], w2: weights[1], b: bias, threshold, orientation });
  };

  const restore = () => {
    const kept = new URLSearchParams(location.hash.slice(1));
    const id = kept.get("f");
    choose(id !== null && Object.hasOwn(answers, id) ? id : "gcu");
    const numbers = Object.fromEntries(names.map((name) => [name, kept.has(name) ? Number(kept.get(name)) : NaN]));
    if (names.every((name) => Math.abs(numbers[name]) <= 1000)) {
      set({ ...numbers, orientation: kept.get("side") === "-1" ? -1 : 1 });
    } else {
      set({ w1: 3, w2: 3, b: -1.5, threshold: 0, orientation: 1 });
    }
  };

  choice.addEventListener("change", () => {
    choose(choice.value);
    draw();
  });
  document.getElementById("solve").addEventListener("click", solve);
  document.getElementById("orientation").addEventListener("change", (event) => {
    state.orientation = event.target.checked ? -1 : 1;
    draw();
  });
  plane.addEventListener("pointerdown", (event) => {
    if (event.target.id !== "handle") return;
    plane.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const box = plane.getBoundingClientRect();
      const x = LOW + ((moved.clientX - box.left) / box.width) * (HIGH - LOW);
      const y = HIGH - ((moved.clientY - box.top) / box.height) * (HIGH - LOW);
      const short = (v) => Math.round(Math.min(8, Math.max(-8, v * 8)) * 100) / 100;
      set({ w1: short(x - 0.5), w2: short(y - 0.5) });
    };
    const end = () => {
      plane.removeEventListener("pointermove", move);
      plane.removeEventListener("pointerup", end);
    };
    plane.addEventListener("pointermove", move);
    plane.addEventListener("pointerup", end);
  });
  addEventListener("hashchange", restore);
  new ResizeObserver(drawCurve).observe(curve);
  restore();
})();
