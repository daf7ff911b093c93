"use strict";
// Keys, the light-dark switch and the queue. Everything but the queue's single keys works without.

const KEPT = "support-triage-colours";
const QUEUE = "support-triage-queue";
const KEYS = "support-triage-keys";

function colours() {
  // Airflow keeps its own choice under "theme"; in its frame the page looks like the rest.
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEPT) || localStorage.getItem("theme");
  } catch { /* a browser that keeps nothing */ }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchColours() {
  try {
    localStorage.setItem(KEPT, isDark() ? "light" : "dark");
  } catch { /* only this page, then */ }
  colours();
}

function keysOn() {
  return document.documentElement.dataset.keys !== "off";
}

function switchKeys(on) {
  document.documentElement.dataset.keys = on ? "on" : "off";
  try {
    localStorage.setItem(KEYS, document.documentElement.dataset.keys);
  } catch { /* only this page, then */ }
}

try {
  document.documentElement.dataset.keys = localStorage.getItem(KEYS) || "on";
} catch { /* a browser that keeps nothing */ }
colours();

document.addEventListener("DOMContentLoaded", () => {
  const root = document.body.dataset.root;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const help = document.getElementById("help");
  const queue = document.querySelector("[data-queue]");
  let at = -1;
  let goes = false;
  const decided = [];

  function stand(index) {
    const all = rows();
    if (!all.length) return;
    all[at]?.classList.remove("at");
    at = Math.max(0, Math.min(index, all.length - 1));
    all[at].classList.add("at");
    all[at].scrollIntoView({ block: "nearest" });
    all[at].querySelector("[data-open]")?.focus({ preventScroll: true });
  }

  async function send(address, fields) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(fields),
    });
    const outcome = await answer.json();
    if (!answer.ok) throw new Error(outcome.detail);
    return outcome.decision;
  }

  // Read out by a screen reader; the row that was decided folds away.
  function announce(words) {
    const place = document.querySelector("[data-status]");
    if (place) place.textContent = words;
  }

  function left(change) {
    const count = document.querySelector("[data-left]");
    if (count) count.textContent = String(Number(count.textContent.replace(/\D/g, "")) + change);
  }

  // The address keeps how far the person came, so that a reload goes on there: what was skipped
  // comes last. The link to the queue keeps it for the tab.
  function keepPlace() {
    let after = queue.dataset.after;
    for (const row of rows()) {
      if (!row.matches(".decided, .skipped")) break;
      after = row.dataset.message;
    }
    const address = new URL(location.href);
    if (after) address.searchParams.set("after", after);
    else address.searchParams.delete("after");
    address.searchParams.delete("done");
    history.replaceState(null, "", address);
    if (!address.searchParams.has("why")) keep(after);
  }

  function keep(after) {
    try {
      sessionStorage.setItem(QUEUE, after);
    } catch { /* only this address, then */ }
  }

  function kept() {
    try {
      return sessionStorage.getItem(QUEUE);
    } catch { return null; }
  }

  function skip(row) {
    if (!row) return;
    row.classList.add("skipped");
    keepPlace();
    const all = rows();
    if (row === all.at(-1)) document.querySelector("a[rel=next]")?.click();
    else stand(all.indexOf(row) + 1);
  }

  async function take(row, intent, more = {}) {
    if (row.classList.contains("decided") || !intent) return;
    const outcome = row.querySelector(".done");
    row.classList.add("decided");
    outcome.classList.remove("wrong");
    outcome.removeAttribute("role");
    stand(rows().indexOf(row) + 1);
    try {
      const number = await send(`${root}/messages/${row.dataset.message}/correct`, { intent, ...more });
      outcome.textContent = `✓ ${intent.replaceAll("_", " ")}`;
      row.dataset.decision = number;
      decided.push(row);
      left(-1);
      announce(`${intent.replaceAll("_", " ")}: taken. ${document.querySelector("[data-left]")?.textContent} left.`);
      keepPlace();
    } catch (error) {
      row.classList.remove("decided");
      outcome.classList.add("wrong");
      outcome.setAttribute("role", "alert");
      outcome.textContent = `${error.message} `;
      if (/^No intent is called/.test(error.message)) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = "Make it a new intent";
        button.addEventListener("click", () => take(row, intent, { new: true }));
        outcome.append(button);
      }
      stand(rows().indexOf(row));
    }
    outcome.hidden = false;
  }

  async function takeBack() {
    const row = decided.at(-1);
    if (!row) return;
    const outcome = row.querySelector(".done");
    try {
      await send(`${root}/undo/${row.dataset.decision}`, { back: "", whole: true });
    } catch (error) {
      outcome.classList.add("wrong");
      outcome.setAttribute("role", "alert");
      outcome.textContent = error.message;
      return;
    }
    decided.pop();
    row.classList.remove("decided");
    outcome.hidden = true;
    left(1);
    announce("Undone.");
    keepPlace();
    stand(rows().indexOf(row));
  }

  if (queue) {
    keepPlace();
    stand(0);
    for (const button of queue.querySelectorAll("[data-skip]")) {
      button.addEventListener("click", () => skip(button.closest("[data-row]")));
    }
    queue.addEventListener("submit", (event) => {
      event.preventDefault();
      const row = event.target.closest("[data-row]");
      take(row, event.submitter?.value || event.target.querySelector("[data-other]")?.value.trim());
    });
  }
  for (const place of document.querySelectorAll("[data-area]")) {
    const fellows = document.querySelectorAll(`[data-area="${place.dataset.area}"]`);
    const mark = (on) => fellows.forEach((fellow) => fellow.classList.toggle("fellow", on));
    for (const begins of ["mouseenter", "focus"]) place.addEventListener(begins, () => mark(true));
    for (const ends of ["mouseleave", "blur"]) place.addEventListener(ends, () => mark(false));
  }
  // The form that merges several themes comes as soon as one is ticked.
  const picked = document.querySelector("[data-picked]");
  const count = () => {
    const n = document.querySelectorAll("[data-pick]:checked").length;
    picked.hidden = n === 0;
    picked.querySelector("[data-n-picked]").textContent = n === 1 ? "1 theme:" : `${n} themes:`;
  };
  if (picked) {
    for (const box of document.querySelectorAll("[data-pick]")) box.addEventListener("change", count);
    count();
  }
  const map = document.querySelector(".map");
  if (map) map.scrollLeft = (map.scrollWidth - map.clientWidth) / 2;
  const toQueue = document.querySelector("[data-go=q]");
  // Who went through it one by one goes on there.
  if (toQueue && kept()) toQueue.href = `${root}/queue?after=${kept()}`;
  document.querySelector("[data-theme-switch]")?.addEventListener("click", switchColours);
  document.querySelector("[data-help]")?.addEventListener("click", () => help.showModal());
  const single = document.querySelector("[data-keys-switch]");
  if (single) {
    single.checked = keysOn();
    single.addEventListener("change", () => switchKeys(single.checked));
  }

  const keys = {
    j: () => stand(at + 1),
    k: () => stand(at - 1),
    d: switchColours,
    "?": () => help.showModal(),
    "/": () => (document.querySelector("[data-search-here]") ?? document.querySelector("[data-search]"))?.focus(),
    g: () => { goes = true; setTimeout(() => { goes = false; }, 1200); },
    s: () => queue && skip(rows()[at]),
    t: () => queue && rows()[at]?.querySelector("[data-other]")?.focus(),
    u: () => (queue && decided.length ? takeBack() : document.querySelector("[data-undo]")?.click()),
    a: () => document.querySelector("[data-group]")?.click(),
    e: () => {
      const act = document.querySelector("[data-act=e]");
      if (!act) return;
      act.open = true;
      act.querySelector("input[name=label]").select();
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!keysOn()) return;
    if (goes) {
      goes = false;
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (/^[1-9]$/.test(event.key)) {
      const row = queue ? rows()[at] : document;
      const choice = row?.querySelector(`[data-choice="${event.key}"]`);
      if (choice) { event.preventDefault(); if (queue) take(row, choice.value); else choice.click(); }
      return;
    }
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
});
