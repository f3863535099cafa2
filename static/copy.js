// Copies the text of a copy box. Without scripts the box is text to select, and the button is not shown.
document.documentElement.classList.add("js");

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

async function copy(button) {
  // A secret is copied without being shown.
  const box = button.closest("[data-copybox]").querySelector("code:not([data-masked])");
  const said = button.querySelector("[data-said]");
  try {
    await navigator.clipboard.writeText(box.textContent);
    said.textContent = said.dataset.copied;
  } catch {
    box.closest("details")?.setAttribute("open", "");
    select(box);
    said.textContent = said.dataset.selected;
  }
  setTimeout(() => (said.textContent = said.dataset.said), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
