// How the hub is doing, and its own address in the example.
"use strict";

document.getElementById("address").textContent = new URL(".", location.href).href.replace(/\/$/, "");

async function look() {
  const dot = document.getElementById("dot"), line = document.getElementById("health");
  try {
    const response = await fetch("health");
    const told = await response.json();
    dot.className = response.ok ? "good" : "bad";
    const waiting = told.lag?.open ? `, ${told.lag.open} messages wait` : "";
    line.textContent = `Version ${told.version}: ${response.ok ? "up" : "down"}${waiting}`;
  } catch {
    dot.className = "bad";
    line.textContent = "No answer";
  }
}
look();
