// What tells people that something has happened, and keeps their place: toasts and the focus.

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handler) => document.addEventListener(type, handler, true);
const byId = (id) => id && document.getElementById(id);

// ---- Toasts: 6 s, at most three; in the top layer, above any scrim, and inside the open dialog, as
// what is outside is inert. They rise to the first place where nothing is read or pressed; if there
// is none they may cover text, but no heading, price or button.

const toasts = byId("toasts");
const PRESSED = "h1, h2, h3, .num, dd, .btn, .ib, .link, input, select, textarea, summary, .stick";

function fade(box) {
  const leave = (after) => setTimeout(() => box.remove(), after);
  let timer = leave(6000);
  for (const type of ["pointerenter", "focusin"]) box.addEventListener(type, () => clearTimeout(timer));
  for (const type of ["pointerleave", "focusout"]) box.addEventListener(type, () => (timer = leave(2000)));
}

function lift() {
  toasts.popover = "manual";
  const host = document.querySelector("dialog[open]") ?? document.body;
  if (toasts.parentElement !== host) host.append(toasts);
  else if (toasts.matches(":popover-open")) toasts.hidePopover();
  toasts.showPopover();
  settle();
}

function settle() {
  toasts.style.translate = "";
  if (!toasts.children.length) return;
  const { top, bottom, left, right } = toasts.getBoundingClientRect();
  const host = toasts.parentElement;
  for (const what of [`${PRESSED}, p, dt, a`, PRESSED]) {
    const taken = $$(what, host)
      .filter((part) => !toasts.contains(part))
      .map((part) => part.getBoundingClientRect())
      .filter((part) => part.width > 1 && part.right > left && part.left < right);
    for (let up = 0; up < top; up += 4) {
      if (taken.some((part) => part.bottom > top - up - 4 && part.top < bottom - up + 4)) continue;
      toasts.style.translate = `0 ${-up}px`;
      return;
    }
  }
}

if (toasts?.showPopover) {
  lift();
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".toast")) fade(node);
    $$(".toast", toasts).slice(0, -3).forEach((old) => old.remove());
    settle();
  }).observe(toasts, { childList: true });
  on("htmx:afterSettle", settle);
  // Those that came with the page are put in once more: only what is added is read out.
  setTimeout(() => toasts.append(...toasts.children), 100);
}

// ---- The focus goes back to what was pressed, or to what stands in its place: the next of a list,
// the heading of what it was part of.

let pressed;
const kind = (form) => form?.getAttribute("action")?.replace(/[0-9]+/g, "#");
const formsLike = (what) => $$("form").filter((form) => what && kind(form) === what && form.offsetParent);

function remember(node) {
  const form = node.closest("form");
  pressed = { node, what: kind(form), at: formsLike(kind(form)).indexOf(form), area: node.closest("[id]:not(button, form, main)")?.id };
}

function focus(node) {
  if (!node) return;
  if (/^H[1-3]$/.test(node.tagName)) node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

const still = (node) => (node?.isConnected && node.offsetParent ? node : byId(node?.id));

on("click", ({ target }) => target.closest("a, button") && remember(target.closest("a, button")));
on("submit", ({ submitter }) => submitter && remember(submitter));
on("htmx:afterSettle", ({ detail }) => {
  if (document.activeElement !== document.body || !pressed) return;
  const alike = formsLike(pressed.what);
  const next = alike[Math.min(Math.max(pressed.at, 0), alike.length - 1)];
  const heading = (root) => root?.querySelector("h1, h2, h3");
  focus(still(pressed.node) || next?.querySelector("button:not([aria-hidden])") || heading(byId(pressed.area)) || heading(detail.elt));
});

const openers = new WeakMap();
for (const dialog of $$("dialog")) {
  new MutationObserver(() => {
    if (dialog.open) openers.set(dialog, pressed?.node);
    if (toasts?.showPopover) lift();
  }).observe(dialog, { attributeFilter: ["open"] });
}
on("close", ({ target }) => {
  const at = document.activeElement;
  if (at !== document.body && !target.contains(at)) return; // the browser has found it
  focus(still(openers.get(target)) || document.querySelector(`a[data-dialog="${target.id}"]`));
});

// ---- What was unfolded stays so.

let unfolded = [];
on("htmx:beforeSwap", ({ detail }) => (unfolded = $$("details[data-keep-open][open]", detail.target).map((part) => part.id)));
on("htmx:afterSettle", () => unfolded.splice(0).forEach((id) => byId(id)?.setAttribute("open", "")));
