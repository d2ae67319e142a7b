(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // Tables: headings become buttons that sort, and a field filters the rows.
  const text = (cell) => cell.textContent.trim();
  const blank = (cell, number) => (number ? cell.dataset.key === undefined : text(cell) === "");

  for (const held of document.querySelectorAll("[data-tools]")) {
    const body = held.querySelector("tbody");
    const rows = [...body.rows];
    const heads = [...held.querySelectorAll("thead th")];
    const said = held.querySelector("output");
    const field = held.querySelector("input");
    const order = new Intl.Collator(held.closest("[lang]").lang, { numeric: true });
    const tell = (what) => {
      const shown = rows.filter((row) => !row.hidden).length;
      const counted = held.dataset.shown.replace("{shown}", shown).replace("{all}", rows.length);
      said.textContent = what ? `${counted}, ${what}` : counted;
    };
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLocaleLowerCase().split(/\s+/);
      for (const row of rows) {
        const holds = row.textContent.toLocaleLowerCase();
        row.hidden = !wanted.every((word) => holds.includes(word));
      }
      tell("");
    });
    heads.forEach((head, place) => {
      const number = head.classList.contains("number");
      const name = text(head);
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      head.replaceChildren(button);
      head.dataset.name = name;  // for paper: buttons do not come again on the next sheet
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort((one, two) => {
          const [a, b] = [one.cells[place], two.cells[place]];
          const bare = blank(a, number) - blank(b, number);  // rows without a value stay below
          if (bare || blank(a, number)) return bare;
          const apart = number ? a.dataset.key - b.dataset.key : order.compare(text(a), text(b));
          return down ? -apart : apart;
        });
        body.append(...rows);
        tell(held.dataset.sorted.replace("{column}", name));
      });
    });
    held.querySelector(".tools").hidden = false;
    tell("");
  }

  // Only what is wider than its frame is a stop for the keyboard, which then moves it.
  const watch = new ResizeObserver((seen) => {
    for (const { target } of seen) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  for (const frame of document.querySelectorAll(".wide, .frame")) watch.observe(frame);

  // Two languages: one is shown, the buttons change which.
  const parts = [...document.querySelectorAll(".part")];
  const buttons = [...document.querySelectorAll(".switch button")];
  const show = (language) => {
    for (const part of parts) part.hidden = part.dataset.language !== language;
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.language === language);
    const shown = parts.find((part) => !part.hidden);
    root.lang = shown.lang;
    document.title = shown.querySelector("h1").textContent;
  };
  if (buttons.length) {
    document.querySelector(".switch").hidden = false;
    for (const button of buttons) button.addEventListener("click", () => show(button.dataset.language));
    const asked = parts.find((part) => location.hash.startsWith(`#${part.dataset.language}-`));
    show((asked || parts[0]).dataset.language);
  }

  // On paper nothing is folded away.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded.push(...document.querySelectorAll("details:not([open])"));
    for (const one of folded) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
    folded = [];
  });
})();
