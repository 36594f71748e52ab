// Everything works without this file. It makes it nicer: toasts, drawers, quantity buttons, the theme
// without a reload, lists that grow, and forms that cannot be sent twice. Partial updates are htmx's.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handler, options) => document.addEventListener(type, handler, options);

// ---- Forms are sent once. The button is busy until the answer, or until Back brings the page again.

const busyForms = new Set();

function busy(form, button) {
  busyForms.add(form);
  form.dataset.sent = "";
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  setTimeout(() => (button.disabled = busyForms.has(form))); // after the browser has read its value
}

function free(form) {
  busyForms.delete(form);
  delete form.dataset.sent;
  const outside = form.id ? $$(`[form="${form.id}"][aria-busy]`) : [];
  for (const button of [...$$("[aria-busy]", form), ...outside]) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

on("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  form.removeAttribute("data-dirty");
  if (!form.hasAttribute("hx-post")) busy(form, event.submitter);
});
addEventListener("pageshow", (event) => event.persisted && busyForms.forEach(free));

on("htmx:beforeRequest", ({ target, detail }) => {
  const form = target.closest("form");
  if (form) busy(form, detail.requestConfig.triggeringEvent?.submitter);
});
on("htmx:afterRequest", ({ target }) => target.matches("form") && free(target));

// A whole page instead of a fragment is not swapped in.
on("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status < 400 || !/^\s*<!doctype/i.test(detail.xhr.responseText)) return;
  detail.shouldSwap = false;
  detail.isError = true;
});
// The server refused in a way that has a page of its own: send the form again, plainly, and show that page.
on("htmx:responseError", ({ target, detail }) => {
  if (target.matches("form")) {
    const trigger = detail.requestConfig.triggeringEvent?.submitter;
    free(target);
    target.removeAttribute("hx-post");
    htmx.process(target);
    if (trigger?.name) target.append(hidden(trigger.name, trigger.value));
    target.submit();
  } else if (detail.pathInfo) location.assign(detail.pathInfo.requestPath);
});
on("htmx:sendError", () => toast(document.body.dataset.offline));

function hidden(name, value) {
  const input = document.createElement("input");
  return Object.assign(input, { type: "hidden", name, value });
}

// ---- Toasts: text in a live region that was in the page from the start; 6 s, at most three.

const toasts = $("#toasts");

function toast(text) {
  if (!text || !toasts) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = text;
  toasts.append(box);
}

function fade(box) {
  const leave = (after) => setTimeout(() => box.remove(), after);
  let timer = leave(6000);
  for (const type of ["pointerenter", "focusin"]) box.addEventListener(type, () => clearTimeout(timer));
  for (const type of ["pointerleave", "focusout"]) box.addEventListener(type, () => (timer = leave(2000)));
}

if (toasts) {
  $$(".toast", toasts).forEach(fade);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".toast")) fade(node);
    $$(".toast", toasts).slice(0, -3).forEach((old) => old.remove());
  }).observe(toasts, { childList: true });
}

// ---- Dialogs: a link with data-dialog opens the dialog instead of going to the page. Back closes it.

function open(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  history.pushState({ dialog: dialog.id }, "");
}

on("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  const dialog = link && document.getElementById(link.dataset.dialog);
  if (event.target.matches("dialog[open]")) return event.target.close(); // the backdrop
  if (!dialog || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  if (dialog.id === "bag" && location.pathname === "/cart") return;
  event.preventDefault();
  open(dialog);
  if (dialog.id === "bag") htmx.trigger("#bag-body", "bag:fill");
});
on("close", () => history.state?.dialog && history.back(), true);
addEventListener("popstate", () => $("dialog[open]")?.close());
// The server opens the drawer with the header HX-Trigger: bag:open, on screens that have room for it.
on("bag:open", () => {
  if (!matchMedia("(min-width: 62rem)").matches) return;
  open($("#bag"));
  htmx.trigger("#bag-body", "bag:fill");
});

// ---- Theme: at once, and kept by the same request that the form would make.

on("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]")) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const theme = body.get("theme");
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const ground = getComputedStyle(document.body).backgroundColor;
  $$("meta[name=theme-color]").forEach((meta) => (meta.content = ground));
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (!answer || answer.status >= 400) toast(document.body.dataset.offline);
}, true);

// ---- Small helpers for forms.

on("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const input = $("input", button.closest("[data-quantity]"));
  const before = input.value;
  if (button.dataset.step > 0) input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});

const waiting = new WeakMap();
on("change", ({ target }) => {
  const form = target.form;
  if (target.matches("[data-check-all]")) {
    $$("tbody input[type=checkbox]", target.closest("table")).forEach((box) => (box.checked = target.checked));
  }
  if (!form?.matches("[data-autosubmit]")) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(), 250));
});

on("input", ({ target }) => {
  const note = target.form?.matches("[data-dirty]") && $("[data-dirty-note]", target.form);
  if (note) note.hidden = false;
});
addEventListener("beforeunload", (event) => {
  if ($("[data-dirty] [data-dirty-note]:not([hidden])")) event.preventDefault();
});

on("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = $("[data-copy-label]", button) ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  toast(button.dataset.copied);
  setTimeout(() => (label.textContent = before), 2000);
});

const showProblems = () => $("[data-error-summary]")?.focus();
showProblems();
on("htmx:afterSettle", showProblems);

// ---- Gallery: the thumbnail of the picture in sight is marked.

for (const view of $$(".gal .view")) {
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      $$(".thumbs a", view.closest(".gal")).forEach((link) => {
        if (link.hash === `#${target.id}`) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
    }
  }, { root: view, threshold: 0.6 });
  [...view.children].forEach((picture) => watch.observe(picture));
}
on("click", (event) => {
  const link = event.target.closest(".thumbs a");
  const picture = link && document.getElementById(link.hash.slice(1));
  if (!picture) return;
  event.preventDefault();
  picture.parentElement.scrollTo({ left: picture.offsetLeft - picture.parentElement.offsetLeft });
});

// ---- Lists that grow. Pages far from sight keep their height, not their nodes.

const pages = $("#pages");
if (pages) {
  const kept = new Map();
  const far = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && kept.has(target)) {
        target.replaceChildren(...kept.get(target));
        target.style.height = "";
        kept.delete(target);
      } else if (!isIntersecting && !kept.has(target) && !target.contains(document.activeElement)) {
        target.style.height = `${target.offsetHeight}px`;
        kept.set(target, [...target.children]);
        target.replaceChildren();
      }
    }
  }, { rootMargin: "250% 0px" });
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && target.dataset.url) history.replaceState(history.state, "", target.dataset.url);
    }
  }, { rootMargin: "-50% 0px" });
  const near = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) more($(".more a[rel=next]"));
  }, { rootMargin: "1400px 0px" });
  const phone = matchMedia("(max-width: 40rem)").matches;
  let left = Math.min(Number(pages.dataset.auto), phone ? 1 : 3);
  const watchEnd = () => {
    near.disconnect();
    if (left > 0 && $(".more a[rel=next]")) near.observe($(".more"));
  };

  async function more(link, focus = false) {
    if (!link || link.hasAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    near.disconnect();
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const list = $("#pages ul, ul.grid", page);
      list.dataset.url = link.href;
      pages.append(list);
      $(".more").replaceWith($(".more", page));
      [far, seen].forEach((watch) => watch.observe(list));
      htmx.process(list);
      if (focus) $("a", list).focus({ preventScroll: true });
      left -= 1;
      watchEnd();
    } catch {
      link.removeAttribute("aria-busy");
      link.textContent = document.body.dataset.again;
    }
  }

  $$("ul", pages).forEach((list) => {
    list.dataset.url = location.href;
    [far, seen].forEach((watch) => watch.observe(list));
  });
  on("click", (event) => {
    const link = event.target.closest(".more a[rel=next]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    more(link, event.detail === 0); // from the keyboard the focus goes to the first new piece
  });
  watchEnd();
}
