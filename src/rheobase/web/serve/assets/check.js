// The check of a formula: the server proves, this page shows. The address holds the formula: #spec=x*tanh(x)
"use strict";

(() => {
  const field = document.getElementById("spec");
  const button = document.getElementById("check");
  const told = document.getElementById("told");
  const found = document.getElementById("found");
  const svg = document.getElementById("plot");
  const MOST = field.maxLength;
  let curves = [];
  let asked = 0;

  const items = (id, texts) =>
    document.getElementById(id).replaceChildren(...(texts.length ? texts : ["none follows from the proofs"]).map((t) => live.make("li", {}, t)));

  const draw = () => {
    if (!curves.length || !svg.clientWidth) return;
    const lines = curves.map((c, i) => ({ label: c.label, f: live.through(c.y, c.left, c.right), colour: i + 1, dash: i > 0 }));
    rheobase.draw(svg, lines, { left: curves[0].left, right: curves[0].right });
  };

  const show = (answer, spec) => {
    const { check } = answer;
    document.getElementById("name").textContent = check.activation;
    const place = document.getElementById("remark");
    place.replaceChildren(`f(x) = ${check.formula}`, ...(answer.remark ? [live.make("br"), answer.remark] : []));
    if (answer.id) place.append(live.make("br"), live.make("a", { href: `../functions/${encodeURIComponent(answer.id)}.html` }, "Its page"));
    items("strengths", answer.strengths);
    items("weaknesses", answer.weaknesses);
    const themes = Object.entries(answer.themes).map(([theme, rows], i) => {
      const cells = rows.map(([name, verdict, words, method]) => [name.replaceAll("_", " "), verdict, words || method]);
      const table = live.table(["Property", "Verdict", "Witness, value or place"], cells, { numbers: false, mark: (text, at) => (at === 1 ? text : "") });
      const title = theme[0].toUpperCase() + theme.slice(1);
      return live.make("details", i ? {} : { open: "" }, live.make("summary", {}, title), table);
    });
    document.getElementById("themes").replaceChildren(...themes);
    document.getElementById("again").textContent = `rheobase check '${spec.replaceAll("'", "'\\''")}'`;
    curves = answer.curves;
    document.getElementById("keys").replaceChildren(...curves.map((c, i) => live.key(c.label, i + 1, i > 0)));
    svg.setAttribute("aria-label", `f and f′ of ${check.formula.slice(0, 200)}, from ${curves[0].left} to ${curves[0].right}`);
    found.hidden = false;
    draw();
  };

  const check = async (spec) => {
    const mine = ++asked;
    live.wrong("");
    found.hidden = true;
    if (!spec) {
      told.textContent = "";
      button.disabled = false; // an answer that is under way comes too late to do it
      return;
    }
    told.textContent = "Proving …";
    button.disabled = true;
    const began = performance.now();
    const answer = await live.ask("check.json", { spec });
    if (mine !== asked) return;
    button.disabled = false;
    told.textContent = "";
    if (answer.error) {
      live.wrong(answer.error);
      return;
    }
    const verdicts = Object.values(answer.check.properties).map((p) => p.verdict);
    const counted = ["proven", "refuted", "unknown"].map((v) => `${verdicts.filter((w) => w === v).length} ${v}`);
    told.textContent = `${counted.join(", ")}, in ${((performance.now() - began) / 1000).toFixed(1)} s`;
    show(answer, spec);
  };

  const restore = () => {
    let spec = "";
    try {
      spec = decodeURIComponent((location.hash.match(/^#spec=(.*)$/s) ?? ["", ""])[1]);
    } catch {
      spec = "";
    }
    field.value = spec.slice(0, MOST);
    check(field.value.trim());
  };

  document.getElementById("asking").addEventListener("submit", (event) => {
    event.preventDefault();
    const spec = field.value.trim();
    const hash = `#spec=${encodeURIComponent(spec)}`;
    if (location.hash === hash) check(spec);
    else location.hash = hash; // which asks
  });
  addEventListener("hashchange", restore);
  new ResizeObserver(draw).observe(svg);
  restore();
})();
