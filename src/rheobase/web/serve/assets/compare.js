// A comparison from a form, followed by server-sent events. Each event holds the whole state, so none can be missed.
"use strict";

(() => {
  const form = document.getElementById("asking");
  const at = (id) => document.getElementById(id);
  const PHASES = {
    training: "Training", watching: "Following what the store holds", done: "Done", stopped: "Stopped", failed: "Not done",
  };
  const colours = new Map(); // a function keeps its colour while the table's order changes
  let command = "";
  let drawn = [];
  let lost = false;

  const colour = (label) => {
    if (!colours.has(label)) colours.set(label, (colours.size % rheobase.COLOURS) + 1);
    return colours.get(label);
  };

  // The lines of a part: one a function, of its first initialisation, each with a value for every bit of training.
  const lines = (part) => {
    const first = part.curves[0]?.init;
    return part.curves.filter((c) => c.init === first).slice(0, rheobase.COLOURS);
  };

  const draw = () => {
    for (const { svg, curves } of drawn) {
      if (!svg.clientWidth) continue;
      const shown = curves.map((c) => ({
        label: c.label, f: live.through(c.y, 100 / c.y.length, 100), colour: colour(c.label), dash: c.dash,
      }));
      rheobase.draw(svg, shown, { left: 0, right: 100 });
    }
  };

  const show = (part, i, done) => {
    const inside = [live.make("h3", {}, part.title)];
    if (part.rows.length) inside.push(live.table(part.headings, part.rows, { caption: done ? "" : "So far; intervals narrow as seeds come" }));
    const curves = lines(part);
    if (curves.length) {
      const svg = rheobase.element("svg", {
        class: "plot low", id: `plot-${i}`, role: "img", "aria-label": `${part.unit}, against the share of training done, of ${curves.map((c) => c.label).join(", ")}`,
      });
      drawn.push({ svg, curves });
      const keys = curves.map((c) => live.key(`${c.label}${c.dash ? " (tuning)" : ""}`, colour(c.label), c.dash));
      inside.push(live.make("p", { class: "small" }, `${part.unit}, against % of training done; the mean over seeds`), svg, live.make("p", { class: "row small" }, ...keys));
    }
    return live.make("div", { class: "part" }, ...inside);
  };

  const counted = (state) => {
    const { done, total, left, phase, told } = state;
    if (!total) return told || "Reading what is stored …";
    const far = `${done} of ${total} trainings`;
    if (phase === "training") return `${far}${left ? `, ${left} left` : ""}`;
    if (phase === "watching") return `${far} are stored${left && state.elsewhere ? `, ${left} left` : "; this page goes on when more are"}`;
    return told ? `${far}. ${told}` : far;
  };

  const take = (state) => {
    lost = false;
    const busy = state.phase === "training";
    const { who, command: theirs } = state.elsewhere ?? { who: "", command: "" };
    at("elsewhere").hidden = !who || (theirs === state.command && state.phase === "watching");
    at("elsewhere").firstElementChild.textContent = `Another process trains into this store (${who}): ${theirs}`;
    at("follow").hidden = !theirs.startsWith("rheobase compare ");
    at("start").disabled = at("watch").disabled = busy;
    at("stop").hidden = !busy && state.phase !== "watching";
    at("stop").textContent = busy ? "Stop" : "Stop following";
    at("run").hidden = state.phase === "idle";
    if (state.phase === "idle") return;
    if (state.command !== command) {
      command = state.command;
      colours.clear();
    }
    at("phase").textContent = PHASES[state.phase] ?? state.phase;
    at("command").textContent = state.command;
    at("bar").value = state.total ? state.done / state.total : 0;
    if (at("told").textContent !== counted(state)) at("told").textContent = counted(state);
    const done = state.phase === "done";
    at("after").hidden = !done;
    at("sentences").replaceChildren(...state.sentences.map((text) => live.make("p", {}, text)));
    drawn = [];
    at("parts").replaceChildren(...state.parts.map((part, i) => show(part, i, done)));
    draw();
  };

  const send = async (address, question) => {
    live.wrong("");
    at("start").disabled = at("watch").disabled = true;
    const answer = await live.ask(address, question);
    at("start").disabled = at("watch").disabled = false;
    live.wrong(answer.error);
    if (!answer.error) at("phase").scrollIntoView?.({ block: "nearest" });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { functions, on, seeds, init } = form.elements;
    send("compare.json", {
      functions: functions.value, on: on.value, seeds: seeds.value ? Number(seeds.value) : null, init: init.value,
      train: event.submitter?.value !== "no",
    });
  });
  at("stop").addEventListener("click", () => send("stop.json", {}));
  at("follow").addEventListener("click", () => send("follow.json", {}));

  const source = new EventSource("events");
  source.addEventListener("state", (event) => take(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    if (lost) return;
    lost = true;
    at("told").textContent = "The server does not answer; this page goes on when it does again.";
  });
  addEventListener("pagehide", () => source.close());
  new ResizeObserver(draw).observe(at("parts"));
})();
