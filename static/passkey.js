// Joins the button of a page with allauth's passkey forms, and says when the browser has none or it was refused.
const place = document.currentScript.dataset;

document.addEventListener("DOMContentLoaded", () => {
  const forms = window.allauth.webauthn.forms;
  const ids = { credential: place.credential, data: "js_data" };
  ids[place.does] = "passkey";
  forms[`${place.does}Form`]({ ids });
});

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const said = document.getElementById("passkey-said");
  said.textContent = said.dataset.failed;
});
