// Counts down to the instant that a <time data-countdown> names. Without scripts it shows the instant itself.
// The portal's clock counts: `data-now` of the body says what it showed when the page was made. The body also has the
// words: what is shown after the end, and each unit with its number.
const words = document.body.dataset;
const UNITS = [[words.days, 86400], [words.hours, 3600], [words.minutes, 60], [words.seconds, 1]];

function inWords(seconds) {
  const parts = [];
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(seconds / size);
    seconds -= amount * size;
    if (amount || parts.length || size === 1) parts.push(unit.replace("{count}", amount));
  }
  return parts.slice(0, 2).join(" ");
}

const ahead = Date.parse(words.now) - Date.now() || 0;

function tick() {
  const now = Date.now() + ahead;
  for (const element of document.querySelectorAll("time[data-countdown]")) {
    const left = Math.ceil((Date.parse(element.dateTime) - now) / 1000);
    element.textContent = left > 0 ? inWords(left) : words.over;
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
