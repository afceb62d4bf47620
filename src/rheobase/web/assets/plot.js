// Curves of functions as SVG: sampled finely, broken where they jump, with axes, names at their ends and a marker.
"use strict";

const rheobase = { functions: {} };

rheobase.COLOURS = 8;
rheobase.SAMPLES = 480;
rheobase.MARGIN = { left: 48, right: 14, top: 12, bottom: 28 };

rheobase.figure = (value, digits = 6) => {
  if (Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const text = String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
};

rheobase.element = (name, attributes = {}, text = "") => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
};

// Points of f from left to right; NaN where the curve is broken.
rheobase.sample = (f, left, right) => {
  const points = [];
  const step = (right - left) / rheobase.SAMPLES;
  for (let i = 0; i <= rheobase.SAMPLES; i++) {
    const x = left + i * step;
    points.push([x, f(x)]);
  }
  return points;
};

// The heights that show what matters: a few runaway values do not flatten the rest.
rheobase.heights = (curves) => {
  let [low, high] = [Infinity, -Infinity];
  for (const points of curves) {
    const ys = points.map((p) => p[1]).filter(Number.isFinite).sort((a, b) => a - b);
    if (!ys.length) continue;
    const at = (share) => ys[Math.round(share * (ys.length - 1))];
    const [a, b] = [at(0.03), at(0.97)];
    const room = 0.6 * (b - a);
    low = Math.min(low, b > a ? Math.max(ys[0], a - room) : ys[0]);
    high = Math.max(high, b > a ? Math.min(ys[ys.length - 1], b + room) : ys[ys.length - 1]);
  }
  if (!(low <= high)) return [-1, 1];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low <= 1e-9 * size || high === low) return size ? [low - size / 2, high + size / 2] : [-1, 1];
  const pad = 0.04 * (high - low);
  return [low - pad, high + pad];
};

rheobase.ticks = (low, high, count = 6) => {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(k * step);
  return found;
};

// A path through the points, broken where f jumps between two of them or leaves the window far behind.
rheobase.path = (f, points, toX, toY, low, high) => {
  const far = 3 * (high - low);
  const inside = (y) => Number.isFinite(y) && y > low - far && y < high + far;
  let text = "";
  let pen = false;
  points.forEach(([x, y], i) => {
    if (!inside(y)) {
      pen = false;
      return;
    }
    if (pen && rheobase.jumps(f, points[i - 1], [x, y], high - low)) pen = false;
    text += `${pen ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`;
    pen = true;
  });
  return text;
};

// Does f jump between two points? Halving keeps a jump whole, and makes a slope's rise smaller.
rheobase.jumps = (f, [x1, y1], [x2, y2], span) => {
  if (Math.abs(y2 - y1) < 0.02 * span) return false;
  for (let i = 0; i < 30; i++) {
    const x = (x1 + x2) / 2;
    const y = f(x);
    if (Math.abs(y - y1) > Math.abs(y2 - y)) [x2, y2] = [x, y];
    else [x1, y1] = [x, y];
  }
  return Math.abs(y2 - y1) > 0.01 * span;
};

// Draw curves, each {label, f, colour: 1 to 8, dash: true where dashed}, from left to right, with a marker at x.
rheobase.draw = (svg, curves, { left, right, mark = null, heights = null }) => {
  const { width, height } = { width: svg.clientWidth || 640, height: svg.clientHeight || 360 };
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const sampled = curves.map((c) => rheobase.sample(c.f, left, right));
  const [low, high] = heights || rheobase.heights(sampled);
  const longest = Math.max(...rheobase.ticks(low, high).map((value) => rheobase.figure(value, 4).length));
  const margin = { ...rheobase.MARGIN, left: Math.max(rheobase.MARGIN.left, 16 + 7.2 * longest) };
  const toX = (x) => margin.left + ((x - left) / (right - left)) * (width - margin.left - margin.right);
  const toY = (y) => height - margin.bottom - ((y - low) / (high - low)) * (height - margin.top - margin.bottom);
  const parts = [];
  for (const [values, across] of [[rheobase.ticks(left, right, width < 460 ? 5 : 9), true], [rheobase.ticks(low, high), false]]) {
    for (const value of values) {
      const kind = Math.abs(value) < 1e-12 * (right - left) ? "axis" : "grid";
      const ends = across
        ? { x1: toX(value), x2: toX(value), y1: margin.top, y2: height - margin.bottom }
        : { x1: margin.left, x2: width - margin.right, y1: toY(value), y2: toY(value) };
      parts.push(rheobase.element("line", { class: kind, ...ends }));
      const place = across
        ? { x: toX(value), y: height - margin.bottom + 18, "text-anchor": "middle" }
        : { x: margin.left - 8, y: toY(value) + 4, "text-anchor": "end" };
      parts.push(rheobase.element("text", place, rheobase.figure(value, 4)));
    }
  }
  const clip = `clip-${svg.id}`;
  const shape = rheobase.element("clipPath", { id: clip });
  const area = { x: margin.left, y: margin.top, width: width - margin.left - margin.right };
  shape.append(rheobase.element("rect", { ...area, height: height - margin.top - margin.bottom }));
  const drawn = rheobase.element("g", { "clip-path": `url(#${clip})` });
  curves.forEach((curve, i) => {
    const kind = `curve c${curve.colour}${curve.dash ? " dash" : ""}`;
    drawn.append(rheobase.element("path", { class: kind, d: rheobase.path(curve.f, sampled[i], toX, toY, low, high) }));
  });
  if (mark !== null) {
    drawn.append(rheobase.element("line", { class: "mark", x1: toX(mark), x2: toX(mark), y1: margin.top, y2: height - margin.bottom }));
    for (const curve of curves) {
      const y = curve.f(mark);
      if (Number.isFinite(y)) drawn.append(rheobase.element("circle", { class: `dot c${curve.colour}`, cx: toX(mark), cy: toY(y), r: 4 }));
    }
  }
  svg.replaceChildren(shape, ...parts, drawn);
  return { toX, toY, fromX: (px) => left + ((px - margin.left) / (width - margin.left - margin.right)) * (right - left) };
};

// A number's slider with its name and its value; `change` is called with every new value.
rheobase.slider = ({ name, label, least, most, step, value }, change) => {
  const row = document.createElement("label");
  row.className = "slider";
  const head = document.createElement("span");
  head.append(...(label ? [...label.childNodes].map((n) => n.cloneNode(true)) : [name]));
  const input = Object.assign(document.createElement("input"), { type: "range", name, min: least, max: most, step });
  input.value = value;
  input.setAttribute("aria-label", name); // a label set in MathML has no name for a screen reader
  const shown = document.createElement("output");
  const show = () => {
    shown.textContent = rheobase.figure(Number(input.value));
    input.setAttribute("aria-valuetext", `${name} ${shown.textContent}`);
  };
  input.addEventListener("input", () => {
    show();
    change(Number(input.value));
  });
  row.append(head, input, shown);
  show();
  return { row, input, set: (v) => { input.value = v; show(); } };
};

// f, f′ or f″ of a function of the catalogue as a function of x alone; `values` holds its parameters by name.
rheobase.at = (id, values, order = 0) => {
  const known = rheobase.functions[id];
  const f = known.derivatives[order];
  return (x) => f(x, ...known.parameters.map((p) => values[p.name] ?? p.value));
};
