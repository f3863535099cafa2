// Counts down to the instant that a <time data-countdown> names. Without scripts it shows the instant itself.
// The portal's clock counts: `data-now` of the body says what it showed when the page was made.
const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

function inWords(seconds) {
  const parts = [];
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(seconds / size);
    seconds -= amount * size;
    if (amount || parts.length || unit === "s") parts.push(`${amount} ${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

const ahead = Date.parse(document.body.dataset.now) - Date.now() || 0;

function tick() {
  const now = Date.now() + ahead;
  for (const element of document.querySelectorAll("time[data-countdown]")) {
    const left = Math.ceil((Date.parse(element.dateTime) - now) / 1000);
    element.textContent = left > 0 ? inWords(left) : document.body.dataset.over;
    element.dataset.counting = "";
  }
  for (const bar of document.querySelectorAll("progress[data-start]")) {
    const start = Date.parse(bar.dataset.start);
    const end = Date.parse(bar.dataset.end);
    bar.value = Math.min(1, Math.max(0, (end - now) / (end - start)));
    bar.hidden = false;
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);
