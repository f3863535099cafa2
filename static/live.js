// Keeps the state panel of a request still until something in it changes, so that nobody loses their place or their words.
function isBusy(panel) {
  return [...panel.querySelectorAll("textarea")].some((field) => field.value.trim());
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const panel = event.target.closest("[data-version]");
  if (!panel || !event.detail.shouldSwap) return;
  const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  const version = fresh.querySelector("[data-version]")?.dataset.version;
  // Signed out meanwhile: the sign-in page came instead, and leads back here.
  if (!version) location.reload();
  event.detail.shouldSwap = Boolean(version) && version !== panel.dataset.version && !isBusy(panel);
});

document.addEventListener("htmx:afterSwap", () => {
  const panel = document.querySelector("[data-version]");
  const said = document.getElementById("said");
  if (panel && said) said.textContent = panel.querySelector("[data-sentence]").textContent.trim();
});
