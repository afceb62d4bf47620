// The index: cards that meet every condition stay; the conditions are kept in the address.
"use strict";

(() => {
  const form = document.getElementById("filters");
  const cards = [...document.querySelectorAll("#cards > li")];
  const count = document.getElementById("count");
  const fields = ["word", "family", "direction", "property", "from", "to"];

  const read = () => Object.fromEntries(fields.map((name) => [name, form.elements[name].value.trim()]));

  const meets = (card, wanted) => {
    const { family, direction, property, from, to, word } = wanted;
    if (word && !card.dataset.words.includes(word.toLowerCase())) return false;
    if (family && card.dataset.family !== family) return false;
    if (direction && !card.dataset.directions.split(" ").includes(direction)) return false;
    if (property && !card.dataset.has.split(" ").includes(property)) return false;
    const year = Number(card.dataset.year);
    if ((from || to) && !year) return false;
    return (!from || year >= Number(from)) && (!to || year <= Number(to));
  };

  const apply = () => {
    const wanted = read();
    let shown = 0;
    for (const card of cards) {
      card.hidden = !meets(card, wanted);
      shown += !card.hidden;
    }
    count.textContent = `${shown} of ${cards.length} functions`;
    const kept = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    history.replaceState(null, "", kept.size ? `#${kept}` : location.pathname + location.search);
  };

  const restore = () => {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const name of fields) form.elements[name].value = kept.get(name) || "";
  };

  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => { restore(); apply(); });
  form.hidden = false;
  restore();
  apply();
})();
