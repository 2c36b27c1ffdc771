"use strict";
document.documentElement.classList.add("scripted");

// Sorting: a column's head sorts by data-v; empty values stay last in both directions. The heads are no <button>
// elements, because browsers do not repeat a table head with form controls on every printed page.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = head.querySelector(".sort");
    if (!button) return;
    button.setAttribute("role", "button");
    button.setAttribute("tabindex", "0");
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      button.click();
    });
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const first = head.dataset.first || "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = now === first ? other : first;
      heads.forEach((item) => item.hasAttribute("aria-sort") && item.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const numeric = head.classList.contains("n");
      const keyed = [...body.rows].map((row, index) => {
        const text = row.cells[column].dataset.v ?? "";
        return { row, index, empty: text === "", key: numeric ? Number(text) : text };
      });
      keyed.sort((a, b) => {
        if (a.empty !== b.empty) return a.empty ? 1 : -1;
        if (a.empty) return a.index - b.index;
        const way = numeric ? a.key - b.key : a.key.localeCompare(b.key, undefined, { numeric: true });
        return way !== 0 ? sign * way : a.index - b.index;
      });
      body.append(...keyed.map((item) => item.row));
    });
  });
}

// Filtering the link table by text, margin class and family.
const table = document.getElementById("link-table");
const text = document.getElementById("filter-text");
const kind = document.getElementById("filter-class");
const family = document.getElementById("filter-family");
const shown = document.getElementById("filter-count");

function applyFilter() {
  const words = text.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of table.tBodies[0].rows) {
    const content = row.textContent.toLocaleLowerCase();
    const fits = words.every((word) => content.includes(word))
      && (!kind.value || row.dataset.class === kind.value)
      && (!family.value || row.dataset.family === family.value);
    row.hidden = !fits;
    count += fits ? 1 : 0;
  }
  shown.textContent = `${count} of ${table.tBodies[0].rows.length} links shown`;
}

function goToLink(row) {
  if (row.hidden) {
    text.value = kind.value = family.value = "";
    applyFilter();
  }
  row.scrollIntoView({ block: "center" });
  row.classList.remove("flash");
  row.classList.add("flash");
  row.setAttribute("tabindex", "-1");
  row.focus({ preventScroll: true });
  setTimeout(() => row.classList.remove("flash"), 2500);
}

if (table) {
  for (const control of [text, kind, family]) control.addEventListener("input", applyFilter);
  applyFilter();
  // A click on a link in the map, or on its name anywhere in the page, shows its row.
  document.addEventListener("click", (event) => {
    const hot = event.target.closest("svg .hot");
    const anchor = event.target.closest("a[href^='#row-']");
    const id = hot ? `row-${hot.id.match(/link-(\d+)/)[1]}` : anchor ? anchor.getAttribute("href").slice(1) : "";
    const row = id && document.getElementById(id);
    if (!row) return;
    event.preventDefault();
    goToLink(row);
  });
}
