// Saves what somebody types into a form as a draft: two seconds after the last key, and when the session is about to
// end. Nothing is submitted, and it keeps no session alive (X-Background). Without scripts there is the button.
const PAUSE = 2000;

function keepDraft(button) {
  const form = button.form;
  const said = form.querySelector("[data-draft-said]");
  // As long as an earlier draft is offered, only the button replaces it.
  const waits = document.querySelector(`[data-offers-draft="${CSS.escape(button.dataset.savesDraft)}"]`);
  let timer = 0;
  let sending = null;
  let isDirty = false;
  let isOver = false;

  async function save(isAsked) {
    clearTimeout(timer);
    if (isOver || (!isAsked && !isDirty)) return;
    isDirty = false;
    sending?.abort();
    sending = new AbortController();
    const token = document.querySelector('input[name="csrfmiddlewaretoken"]').value;
    said.setAttribute("aria-live", isAsked ? "polite" : "off");
    try {
      const answer = await fetch(button.formAction, {
        method: "POST",
        body: new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")),
        headers: { "X-CSRFToken": token, "X-Background": "1" },
        redirect: "error",
        keepalive: true,
        signal: sending.signal,
      });
      const isText = answer.headers.get("Content-Type")?.startsWith("text/plain");
      said.textContent = isText ? await answer.text() : button.dataset.notSaved;
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = button.dataset.notSaved;
    }
  }

  form.addEventListener("input", () => {
    isDirty = true;
    clearTimeout(timer);
    if (waits) said.textContent = button.dataset.waits;
    else timer = setTimeout(save, PAUSE, false);
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    save(true);
  });
  // What is submitted is no draft any more: a late save would bring it back.
  form.addEventListener("submit", () => {
    isOver = true;
    clearTimeout(timer);
    sending?.abort();
  });
  const saveNow = () => waits || save(false);
  document.addEventListener("daypass:session-ends", saveNow);
  document.addEventListener("visibilitychange", () => document.hidden && saveNow());
}

document.querySelectorAll("[data-saves-draft]").forEach(keepDraft);
