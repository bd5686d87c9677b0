// Dragging a client onto another one opens the form that moves it; nothing is moved by the drop itself.
"use strict";
(() => {
  let dragged = "";
  const target = (event) => { const at = event.target.closest("[data-drop]"); return at && dragged && at.dataset.drop !== dragged ? at : null; };
  document.addEventListener("dragstart", (event) => {
    const handle = event.target.closest("[data-drag]");
    dragged = handle ? handle.dataset.drag : "";
    if (handle) event.dataTransfer.setData("text/plain", dragged);
  });
  document.addEventListener("dragover", (event) => { const at = target(event); if (at) { event.preventDefault(); at.classList.add("over"); } });
  document.addEventListener("dragleave", (event) => { const at = event.target.closest("[data-drop]"); if (at) at.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    const at = target(event), place = document.getElementById("move-place");
    document.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
    if (!at || !place) return;
    event.preventDefault();
    const query = new URLSearchParams({ client: dragged, parent: at.dataset.drop });
    window.htmx.ajax("GET", `${place.dataset.move}&${query}`, { target: "#move-place" }).then(() => place.scrollIntoView({ block: "nearest" }));
  });
})();
