// What the pages do in the browser beyond htmx: focus, keys, dialogs, toasts, the undo bar, the theme. No page needs it to be read.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement.dataset.root || "";

  // htmx takes the page in only once all of it is read; a key pressed before would send a form the plain way, without its undo bar.
  if (window.htmx) window.htmx.process(document.body);

  // The same of what was exchanged a moment ago: htmx takes it in when it has settled.
  function press(button) {
    if (window.htmx) window.htmx.process(button.form || button);
    button.click();
  }

  // Toasts: said politely, gone after a while; troubles stay until clicked.
  function toast(text, kind = "done") {
    const made = one("#toast-form").content.firstElementChild.cloneNode(true);
    made.textContent = text;
    made.classList.add(kind);
    one("#toasts").append(made);
    fade(made);
  }
  function fade(made) {
    made.addEventListener("click", () => made.remove());
    setTimeout(() => made.remove(), made.classList.contains("trouble") ? 12000 : 5000);
  }
  document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind));
  all("[data-toast]", one("#toasts")).forEach(fade);

  // htmx: an error answer to a reading request is shown where it was asked for; otherwise the toast tells it.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const verb = event.detail.requestConfig && event.detail.requestConfig.verb;
    if (event.detail.xhr.status >= 400 && verb === "get") { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => toast("The hub cannot be reached. What you did was not sent.", "trouble"));
  }

  // A pane that stands below the list on a narrow screen is brought into sight when something was opened in it.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "pane" || !matchMedia("(max-width: 1100px)").matches) return;
    event.target.tabIndex = -1;
    event.target.focus({ preventScroll: true });
    event.target.scrollIntoView({ block: "start" });
  });

  // Dialogs: opened by data-opens, closed by data-closes, Escape or a click beside them; the focus goes back.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) { event.preventDefault(); open(opener.dataset.opens); }
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    if (event.target.tagName === "DIALOG" && event.target.open) {
      const box = event.target.getBoundingClientRect();
      if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) event.target.close();
    }
    const menu = one("#who");
    if (menu && menu.open && !menu.contains(event.target)) menu.open = false;
  });
  function open(id) { const dialog = document.getElementById(id); if (dialog && !dialog.open) dialog.showModal(); }
  document.addEventListener("change", (event) => { if (event.target.matches("[data-submits]")) event.target.form.requestSubmit(); });

  // Theme and navigation.
  const theme = one("#theme-toggle");
  if (theme) theme.addEventListener("click", () => {
    const html = document.documentElement;
    const isDark = html.dataset.theme ? html.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    html.dataset.theme = isDark ? "light" : "dark";
    document.cookie = `hub_theme=${html.dataset.theme}; path=${root || "/"}; max-age=31536000; samesite=lax`;
  });
  const toggle = one("#nav-toggle");
  if (toggle) toggle.addEventListener("click", () => toggle.setAttribute("aria-expanded", String(one("#nav").classList.toggle("open"))));

  // Forms in dialogs that htmx sends: the dialog goes when they were taken.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const sent = event.target.closest && event.target.closest("[data-closes-on-sent]");
    if (sent && event.detail.successful) { sent.closest("dialog")?.close(); sent.reset(); }
  });
  document.addEventListener("click", (event) => {
    const fills = event.target.closest("[data-fills]");
    if (fills) document.getElementById(fills.dataset.fills).value = fills.dataset.value;
  });

  // The undo bar: five seconds in which the page does not go on, and as long as somebody points at it.
  let going = 0;
  function watchUndo() {
    const bar = one("[data-undo-bar]");
    clearTimeout(going);
    if (!bar) return;
    const end = () => {
      if (bar.matches(":hover, :focus-within")) { going = setTimeout(end, 500); return; }
      const { advance, nextRow } = bar.dataset;
      bar.remove();
      if (nextRow) advanceFrom(nextRow);
      document.body.dispatchEvent(new CustomEvent("undo-over"));
      // Whoever has begun to write, or opened a dialog, has gone on already: the page is not taken from under their hands.
      if (advance && !document.activeElement?.matches("input, textarea, select") && !one("dialog[open]")) location.assign(advance);
    };
    going = setTimeout(end, Number(bar.dataset.seconds || 5) * 1000);
  }
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "undo-place" || one("[data-undo-bar]", event.target)) watchUndo(); });
  document.body.addEventListener("htmx:oobAfterSwap", watchUndo);
  // A list does not move under somebody's hands while they may still take back what they did.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.hasAttribute("data-holds") && one("[data-undo-bar]")) event.preventDefault();
  });
  // What was taken back is looked at again, not left for the next.
  document.body.addEventListener("undone", () => { const place = one("[data-after-undo]"); if (place) location.assign(place.dataset.afterUndo); });
  watchUndo();

  // Search: arrows walk what was found, Enter opens it.
  const find = one("#find"), found = one("#found");
  if (find) {
    const options = () => all("a", found);
    const at = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");
    const choose = (index) => options().forEach((option, each) => {
      option.setAttribute("aria-selected", String(each === index));
      if (each === index) { find.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    });
    find.addEventListener("keydown", (event) => {
      const many = options().length;
      if (event.key === "ArrowDown" && many) { event.preventDefault(); choose((at() + 1) % many); }
      else if (event.key === "ArrowUp" && many) { event.preventDefault(); choose((at() - 1 + many) % many); }
      else if (event.key === "Enter" && at() >= 0) { event.preventDefault(); options()[at()].click(); }
      else if (event.key === "Escape") { found.replaceChildren(); find.blur(); }
    });
    new MutationObserver(() => find.setAttribute("aria-expanded", String(options().length > 0))).observe(found, { childList: true });
    document.addEventListener("click", (event) => { if (!event.target.closest(".find")) found.replaceChildren(); });
  }

  // Keys. Nothing here decides anything: they move, mark, open, and press buttons that say data-key and are of no risk.
  let leader = 0;
  const places = { h: "/", i: "/inbox", d: "/decisions", p: "/proposals", m: "/money", s: "/sources" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (typing || one("dialog[open]")) return;
    if (Date.now() - leader < 1200 && places[event.key]) { leader = 0; location.assign(root + places[event.key]); return; }
    if (event.key === "/") { event.preventDefault(); find && find.focus(); find && find.select(); }
    else if (event.key === "?") { event.preventDefault(); open("help"); }
    else if (event.key === "g") leader = Date.now();
    else if (listKey(event.key)) event.preventDefault();
    else {
      const button = all("[data-key]").find((each) => each.dataset.key === event.key && !each.disabled && each.offsetParent);
      if (button && !/^R[23]$/.test(button.dataset.risk || "")) { event.preventDefault(); press(button); }
    }
  });

  // Lists: rows of a table with data-list; j and k walk, x marks, Enter opens. Mark and place outlive a refresh.
  const kept = { current: "", marked: new Set() };
  const rows = () => all("[data-list] [data-row]");
  const current = () => rows().find((row) => row.dataset.row === kept.current);
  function go(row) {
    if (!row) return;
    rows().forEach((each) => { each.classList.toggle("current", each === row); });
    kept.current = row.dataset.row;
    row.scrollIntoView({ block: "nearest" });
    const link = one("a", row); if (link) link.focus({ preventScroll: true });
  }
  function advanceFrom(id) {
    const list = rows(), index = list.findIndex((row) => row.dataset.row === id), next = list[index + 1] || list[index - 1];
    kept.marked.clear();
    if (index < 0 || !next) return;
    go(next);
    const link = one("a[data-open]", next);
    if (link && link.hasAttribute("hx-get")) link.click();
  }
  function listKey(key) {
    const list = rows();
    if (!list.length || !"jkxo".includes(key)) return false;
    const index = list.indexOf(current());
    if (key === "j") go(list[Math.min(index + 1, list.length - 1)]);
    else if (key === "k") go(list[Math.max(index - 1, 0)]);
    else if (key === "o") { const row = current(), link = row && one("a[data-open], a", row); if (link) link.click(); }
    else if (key === "x") { const tick = current() && one("[data-mark]", current()); if (tick) { tick.checked = !tick.checked; tick.dispatchEvent(new Event("change", { bubbles: true })); } }
    return true;
  }
  function tellMarked() {
    const ticks = all("[data-mark]"), many = ticks.filter((tick) => tick.checked).length;
    ticks.forEach((tick) => tick.closest("[data-row]") && tick.closest("[data-row]").setAttribute("aria-selected", String(tick.checked)));
    all("[data-marked]").forEach((place) => { place.textContent = String(many); });
    all("[data-needs-marked]").forEach((place) => { place.hidden = many === 0; });
    all("[data-mark-all]").forEach((tick) => { tick.checked = many > 0 && many === ticks.length; tick.indeterminate = many > 0 && many < ticks.length; });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-mark-all]")) all("[data-mark]").forEach((tick) => { tick.checked = event.target.checked; keep(tick); });
    if (event.target.matches("[data-mark]")) keep(event.target);
    if (event.target.matches("[data-mark], [data-mark-all]")) tellMarked();
  });
  function keep(tick) { kept.marked[tick.checked ? "add" : "delete"](tick.value); }
  document.body.addEventListener("htmx:afterSettle", () => {
    all("[data-mark]").forEach((tick) => { if (kept.marked.has(tick.value)) tick.checked = true; });
    const row = current(); if (row) row.classList.add("current");
    tellMarked();
  });
  tellMarked();

  // Range inputs with data-steps: buttons step them, an output names the step.
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step) return;
    const range = document.getElementById(step.dataset.for);
    range.value = String(Number(range.value) + Number(step.dataset.step));
    range.dispatchEvent(new Event("input", { bubbles: true }));
    range.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
