// Warns before the session ends, and says which end it is: the one without clicks, which a button moves, or the last
// one. It asks the portal only when the warning is due, with a header that keeps no session alive.
const sessionEnd = document.getElementById("session-end");

function watchSession(place) {
  const said = place.querySelector('[role="alert"]');
  const bar = place.querySelector(".bar");
  const [stay, signIn] = [bar.querySelector("button"), bar.querySelector("a")];
  const ahead = Date.parse(document.body.dataset.now) - Date.now() || 0;
  const warn = Number(place.dataset.warn) * 1000;
  let endsAt = Date.parse(place.dataset.ends);
  let asksAt = endsAt - warn;
  let isAsking = false;
  let isOver = false;

  function show(state, isWarning) {
    const text = isWarning ? state.said : "";
    if (said.textContent !== text) said.textContent = text;
    bar.hidden = !isWarning;
    stay.hidden = !state.can_stay;
    signIn.hidden = !isOver;
    signIn.search = new URLSearchParams({ next: location.pathname + location.search });
  }

  async function ask(options) {
    isAsking = true;
    try {
      const answer = await fetch(place.dataset.url, { ...options, redirect: "error" });
      const state = await answer.json();
      const now = Date.now() + ahead;
      isOver = !state.ends_at;
      endsAt = isOver ? 0 : Date.parse(state.ends_at);
      const isWarning = endsAt - now <= warn;
      // Somebody can go on in another tab: while the warning is shown, ask now and then.
      asksAt = isOver ? Infinity : isWarning ? Math.min(now + 15000, Math.max(endsAt + 500, now + 1000)) : endsAt - warn;
      if (isWarning && !isOver) document.dispatchEvent(new Event("daypass:session-ends"));
      show(state, isWarning);
    } catch {
      asksAt = Date.now() + ahead + 15000;
    }
    isAsking = false;
  }

  setInterval(() => {
    if (!isAsking && Date.now() + ahead >= asksAt) ask({ headers: { "X-Background": "1" } });
  }, 500);
  stay.addEventListener("click", () => {
    const token = document.querySelector('input[name="csrfmiddlewaretoken"]').value;
    ask({ method: "POST", headers: { "X-CSRFToken": token } });
  });
}

if (sessionEnd) watchSession(sessionEnd);
