// Typing a time or a length chooses the option that uses it; without scripts the form asks for it.
document.addEventListener("input", (event) => {
  const group = event.target.closest("[data-chooses]");
  if (!group || event.target.type === "radio" || event.target.name === "time_zone" || !event.target.value) return;
  const options = group.querySelectorAll('input[type="radio"]');
  if (options.length) options[options.length - 1].checked = true;
});
