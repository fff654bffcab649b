"use strict";
(() => {
  const cards = [...document.querySelectorAll(".card")];
  const marks = [...document.querySelectorAll("button[data-mark]")];
  const kind = document.getElementById("kind");
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  if (!search) return;

  const filter = () => {
    const off = new Set(marks.filter((b) => b.getAttribute("aria-pressed") === "false").map((b) => b.dataset.mark));
    const text = search.value.toLowerCase();
    let count = 0;
    for (const card of cards) {
      const visible = !off.has(card.dataset.mark)
        && (!kind.value || card.dataset.kind === kind.value)
        && (!text || card.textContent.toLowerCase().includes(text));
      card.hidden = !visible;
      count += visible;
    }
    shown.textContent = `${count} of ${cards.length} shown`;
  };
  for (const button of marks) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") === "false"));
      filter();
    });
  }
  kind.addEventListener("change", filter);
  search.addEventListener("input", filter);
  document.getElementById("fold").addEventListener("click", () => {
    const open = cards.some((card) => !card.hidden && !card.open);
    for (const card of cards) if (!card.hidden) card.open = open;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      filter();
    }
  });
  filter();
})();
