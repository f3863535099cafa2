// Keyboard shortcuts: single keys that lead somewhere. They press nothing: decisions keep their own buttons.
// People disable them on the page of the shortcuts; then this file is not loaded.
const WAIT = 1500; // milliseconds between g and the next key
let pressedG = 0;

function isTyping(target) {
  return Boolean(target.closest("input, textarea, select, [contenteditable], dialog"));
}

function rows() {
  const found = document.querySelectorAll("main tbody tr, main .row");
  return [...found].filter((row) => linkOf(row)?.checkVisibility());
}

function linkOf(row) {
  return row.querySelector("th a[href], .row-link") || row.querySelector("a[href]");
}

function currentRow() {
  return document.activeElement.closest("main tbody tr, main .row");
}

function move(by) {
  const all = rows();
  const place = all.indexOf(currentRow());
  const row = all[place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by];
  if (row) linkOf(row).focus();
  return Boolean(row);
}

// Approve and deny: on the page of a request to the button or field, from a row to that page.
function decide(key) {
  const link = currentRow()?.querySelector("a[data-decides]");
  if (link) {
    const url = new URL(link.href);
    url.hash = `key-${key}`;
    location.assign(url);
    return true;
  }
  const place = document.querySelector(`[data-key="${key}"]`);
  if (!place) return false;
  const folded = place.closest("details");
  if (folded) folded.open = true;
  (folded?.querySelector("textarea") || place).focus();
  return true;
}

async function help() {
  const url = document.querySelector("[data-shortcuts]").href;
  const answer = await fetch(url);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const keys = page.getElementById("keys");
  if (!keys) return location.assign(url); // signed out meanwhile
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  const close = document.createElement("button");
  const title = document.createElement("h2");
  form.method = "dialog";
  close.className = "button button-plain";
  close.textContent = document.querySelector("[data-shortcuts]").dataset.close;
  form.append(close);
  dialog.className = "keys-dialog";
  title.id = "keys-title";
  title.textContent = page.querySelector("h1").textContent;
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(title, keys, form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function go(key) {
  const link = document.querySelector(`.nav a[data-go="${CSS.escape(key)}"]`);
  if (link) link.click();
  return Boolean(link);
}

function find() {
  const field = document.querySelector("[data-search]");
  field?.select();
  field?.focus();
  return Boolean(field);
}

const ACTIONS = {
  "/": find,
  "?": () => Boolean(help()),
  j: () => move(1),
  k: () => move(-1),
  a: () => decide("a"),
  d: () => decide("d"),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const afterG = event.timeStamp - pressedG < WAIT && pressedG > 0;
  pressedG = event.key === "g" && !afterG ? event.timeStamp : 0;
  const did = afterG ? go(event.key) : ACTIONS[event.key]?.();
  if (did) event.preventDefault();
});

if (location.hash === "#key-a" || location.hash === "#key-d") decide(location.hash.at(-1));
