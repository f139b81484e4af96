"use strict";
// Filters live in the address, after the anchor: #anchor?verdict=fail,warn&q=range
(() => {
  const bar = document.querySelector("search");
  const controls = [...document.querySelectorAll("[data-filter]")];
  const items = [...document.querySelectorAll("[data-item]")];
  // A failure has an article and a row: the row counts.
  const rows = items.filter((item) => item.tagName === "TR");
  const count = document.getElementById("shown");

  function address() {
    const [anchor, ...rest] = decodeURIComponent(location.hash.slice(1)).split("?");
    const query = rest.length ? rest.join("?") : location.search.slice(1);
    return { anchor, query: new URLSearchParams(query) };
  }

  function put(query) {
    for (const control of controls) {
      const said = query.get(control.dataset.filter) ?? "";
      if (control.type === "checkbox") control.checked = said.split(",").includes(control.value);
      else control.value = said;
    }
  }

  function chosen() {
    const query = new URLSearchParams();
    for (const control of controls) {
      const name = control.dataset.filter;
      if (control.type !== "checkbox") { if (control.value) query.set(name, control.value); }
      else if (control.checked) query.set(name, [query.get(name), control.value].filter(Boolean).join(","));
    }
    return query;
  }

  function fits(item, query) {
    for (const [name, said] of query) {
      const has = item.dataset[name] ?? "";
      if (name === "q") { if (!item.textContent.toLowerCase().includes(said.toLowerCase())) return false; }
      else if (!said.split(",").some((word) => has.split(" ").includes(word))) return false;
    }
    return true;
  }

  function show(query, anchor) {
    for (const item of items) {
      // What the address points at is shown whatever the filters say.
      item.hidden = !fits(item, query) && !(anchor && item.id === anchor);
    }
    const number = rows.filter((row) => !row.hidden).length;
    count.textContent = `${number} of ${rows.length} shown`;
  }

  function follow() {
    const { anchor, query } = address();
    put(query);
    show(chosen(), anchor);
    document.querySelectorAll(".target").forEach((old) => old.classList.remove("target"));
    const place = anchor ? document.getElementById(anchor) : null;
    if (place) { place.classList.add("target"); place.scrollIntoView(); }
  }

  function write(anchor, query) {
    const text = query.toString();
    const hash = "#" + anchor + (text ? "?" + text : "");
    if (hash !== (location.hash || "#")) location.hash = hash;
  }

  bar.addEventListener("input", () => { show(chosen(), ""); history.replaceState(null, "", "#?" + chosen()); });
  bar.querySelector("button").addEventListener("click", () => { put(new URLSearchParams()); write("", new URLSearchParams()); follow(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || link.className === "skip") return;
    event.preventDefault();
    write(link.getAttribute("href").slice(1), chosen());
    follow();
  });
  addEventListener("hashchange", follow);
  bar.hidden = !items.length;
  follow();
})();
