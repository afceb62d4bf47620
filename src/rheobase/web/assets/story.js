// The pictures of the story: the functions that a statement speaks of, drawn when they come into view.
"use strict";

(() => {
  const draw = (svg) => {
    const specs = JSON.parse(svg.dataset.functions);
    const lines = specs.flatMap((spec, i) =>
      [0, 1].map((order) => ({ label: spec, f: rheobase.at(spec, {}, order), colour: i + 1, dash: order === 1 })),
    );
    rheobase.draw(svg, lines, { left: -4, right: 4 });
  };
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        new ResizeObserver(() => draw(target)).observe(target);
      }
    },
    { rootMargin: "300px" },
  );
  document.querySelectorAll("svg[data-functions]").forEach((svg) => seen.observe(svg));
})();
