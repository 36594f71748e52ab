// A stocktake: Enter goes on to the next number, and what is scanned is counted without waiting.

const next = (input) => {
  const all = [...document.querySelectorAll("[data-next]")];
  return all[all.indexOf(input) + 1];
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key !== "Enter" || !target.matches("[data-next]")) return;
  const after = next(target);
  if (!after) return; // the last one: Enter saves the page
  event.preventDefault();
  after.focus(); // which leaves the field, so its number is sent
  after.select();
});

// Codes wait in line while one is sent: a scanner is faster than the network.
const form = document.querySelector("[data-scan]");
const field = form?.elements.code;
const state = document.querySelector("[data-scan-state]");
const waiting = [];
let scans = 0;
let sending = false;

async function send() {
  if (sending) return;
  sending = true;
  while (waiting.length) {
    const { code, token } = waiting[0];
    const body = new FormData(form);
    body.set("code", code);
    body.set("form_token", token); // sent again after a lost answer it counts once
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" })
      .catch(() => null);
    if (!answer || (answer.status !== 200 && answer.status !== 422)) {
      state.textContent = form.dataset.unsaved;
      state.hidden = false;
      if (answer && answer.status !== 503) location.reload(); // signed out, or the stocktake is over
      setTimeout(() => { sending = false; send(); }, 2000);
      return;
    }
    waiting.shift();
    state.hidden = true;
    const log = document.querySelector("[data-scans]");
    log.insertAdjacentHTML("afterbegin", await answer.text());
    while (log.children.length > 12) log.lastElementChild.remove();
  }
  sending = false;
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = field.value.trim();
  field.value = "";
  field.focus();
  if (!code) return;
  const token = `${form.elements.form_token.value.slice(0, 40)}-${Date.now().toString(36)}-${scans++}`;
  waiting.push({ code, token });
  send();
});
addEventListener("beforeunload", (event) => waiting.length && event.preventDefault());
field?.focus();
