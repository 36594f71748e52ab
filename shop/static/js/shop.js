// Everything works without this file. It makes it nicer: toasts, drawers, quantity buttons, the theme
// without a reload, lists that grow, and forms that cannot be sent twice. Partial updates are htmx's.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handler, capture = false) => document.addEventListener(type, handler, capture);
const words = document.body.dataset;

// ---- Toasts: text in a live region that was in the page from the start (feedback.js).

const toasts = $("#toasts");

function toast(text) {
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = text;
  toasts?.append(box);
}

// ---- Forms are sent once. The button is busy until the answer, or until Back brings the page again.

const sent = new Map(); // form → its busy button

function busy(form, button) {
  sent.set(form, button);
  button?.setAttribute("aria-busy", "true");
  // Only after the browser has read the button's value.
  setTimeout(() => button && sent.has(form) && (button.disabled = true));
}

function free(form) {
  const button = sent.get(form);
  sent.delete(form);
  if (!button) return;
  button.removeAttribute("aria-busy");
  button.disabled = false;
  if (document.activeElement === document.body) button.focus({ preventScroll: true });
}

on("submit", (event) => {
  const form = event.target;
  // What answers in a frame leaves this page as it is.
  if (form.method !== "post" || form.matches("[data-theme-form], [data-scan]") || event.submitter?.formTarget) return;
  if (sent.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  busy(form, event.submitter);
}, true);
addEventListener("pageshow", (event) => event.persisted && [...sent.keys()].forEach(free));
on("htmx:afterRequest", ({ detail }) => free(detail.elt));
on("htmx:validation:halted", ({ detail }) => free(detail.elt));

// ---- The minutes a prize is held, counted from the server's clock; said at five, at one, at the end.

let clock;

function countDown() {
  clearInterval(clock);
  const timer = $("[role=timer][data-until]");
  const said = $("[data-until-said]");
  if (!timer || !said) return;
  const end = Date.now() + (timer.dataset.until - timer.dataset.now) * 1000;
  let before = Infinity;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    timer.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    for (const [at, word] of [[300, "five"], [60, "one"], [0, "end"]]) {
      if (left <= at && before > at && before < Infinity) said.textContent = said.dataset[word];
    }
    before = left;
    if (left) return;
    clearInterval(clock);
    said.classList.remove("sr"); // the end is for all to read
  };
  tick();
  clock = setInterval(tick, 1000);
}

countDown();
on("htmx:afterSettle", countDown);

// A whole page instead of a fragment is not swapped in.
on("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status < 400 || !/^\s*<!doctype/i.test(detail.xhr.responseText)) return;
  detail.shouldSwap = false;
  detail.isError = true;
});
// The server refused in a way that has a page of its own: ask once more, plainly, and show that page.
// A part that looks again by itself waits for its next turn.
on("htmx:responseError", ({ detail: { elt, requestConfig } }) => {
  if (!requestConfig.triggeringEvent) return;
  if (!elt.matches("form")) return location.assign(requestConfig.path);
  const button = requestConfig.triggeringEvent?.submitter;
  if (button?.name) {
    const input = document.createElement("input");
    elt.append(Object.assign(input, { type: "hidden", name: button.name, value: button.value }));
  }
  elt.submit();
});
on("htmx:sendError", ({ detail }) => detail.requestConfig.triggeringEvent && toast(words.offline));

// The summary of what is wrong gets the focus, on a new page and after a swap.
const showProblems = (root) => $("[data-error-summary]", root)?.focus();
showProblems(document);
on("htmx:afterSettle", ({ detail }) => showProblems(detail.elt));

// ---- Dialogs: a link with data-dialog opens the dialog instead of going to its page. Back closes it.

function open(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  history.pushState({ dialog: dialog.id }, "");
}

function openBag() {
  open($("#bag"));
  htmx.trigger("#bag-body", "bag:fill");
}

const plainClick = (event) => !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button);

on("click", (event) => {
  if (event.target.matches("dialog[open]")) event.target.close(); // the backdrop
  const link = event.target.closest("a[data-dialog]");
  const dialog = link && document.getElementById(link.dataset.dialog);
  if (!dialog || !plainClick(event) || link.pathname === location.pathname) return;
  event.preventDefault();
  if (dialog.id === "bag") openBag();
  else open(dialog);
});
on("close", () => history.state?.dialog && history.back(), true);
addEventListener("popstate", () => $("dialog[open]")?.close());
// Sent by the server with HX-Trigger after a piece was added; phones keep to the toast.
on("bag:open", () => matchMedia("(min-width: 62rem)").matches && openBag());

// ---- Theme: at once, and kept by the same request that the form would make.

on("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]")) return;
  event.preventDefault();
  const button = event.submitter;
  const root = document.documentElement;
  if (button.value === "system") delete root.dataset.theme;
  else root.dataset.theme = button.value;
  const ground = getComputedStyle(document.body).backgroundColor;
  $$("meta[name=theme-color]").forEach((meta) => (meta.content = ground));
  if (!button.offsetParent) $$("button", form).find((other) => other.offsetParent)?.focus();
  const body = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (!answer || answer.status >= 400) toast(words.offline);
});

// ---- Small helpers.

on("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  event.preventDefault(); // in the bag it would send the form
  const input = $("input", button.closest("[data-quantity]"));
  const before = input.value;
  if (button.dataset.step > 0) input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});
// htmx sends along the button that has the focus; but the number has been counted here.
on("htmx:configRequest", ({ detail }) => detail.formData.delete("step"));

const waiting = new WeakMap();
on("change", ({ target }) => {
  if (target.matches("[data-check-all]")) {
    const table = target.closest("table");
    const boxes = table ? $$("tbody input[type=checkbox]", table) : [...target.form.elements];
    boxes.forEach((box) => box.type === "checkbox" && (box.checked = target.checked));
  }
  const form = target.form;
  if (!form?.matches("[data-autosubmit]")) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(), 250));
});

on("click", ({ target }) => target.closest("[data-print]") && print());
if ($("[data-print=now]")) addEventListener("load", () => print()); // pages that are there to be printed

if (!navigator.clipboard) $$("[data-copy]").forEach((button) => (button.hidden = true)); // needs https
on("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  toast(button.dataset.copied);
});

on("click", ({ target }) => {
  const input = target.dataset?.reveal && document.getElementById(target.dataset.reveal);
  if (!input) return;
  input.type = input.type === "password" ? "text" : "password";
  target.setAttribute("aria-pressed", input.type === "text");
});

// ---- Gallery: a thumbnail scrolls to its picture; the one in sight is marked.

const galleries = new WeakSet();

function watchGallery(view) {
  if (galleries.has(view)) return;
  galleries.add(view);
  const links = $$(".thumbs a", view.closest(".gal"));
  const mark = new IntersectionObserver((entries) => {
    const shown = entries.find((entry) => entry.isIntersecting)?.target;
    if (!shown) return;
    for (const link of links) {
      if (link.hash === `#${shown.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { root: view, threshold: 0.6 });
  [...view.children].forEach((picture) => mark.observe(picture));
  for (const link of links) {
    link.addEventListener("click", (event) => {
      const picture = document.getElementById(link.hash.slice(1));
      if (!picture || !plainClick(event)) return;
      event.preventDefault();
      view.scrollTo({ left: picture.offsetLeft - view.firstElementChild.offsetLeft });
    });
  }
}

$$(".gal .view").forEach(watchGallery);

// ---- The choice of a variant renews name, price and stock (htmx); pictures and address follow it.

// A choice that shows the same pictures leaves the strip where it was scrolled to.
on("htmx:oobBeforeSwap", ({ detail }) => {
  const first = detail.fragment.querySelector("#gallery")?.dataset.first;
  if (detail.target.id === "gallery" && first === detail.target.dataset.first) detail.shouldSwap = false;
});
on("htmx:afterSettle", () => {
  $$(".gal .view").forEach(watchGallery);
  const address = $("#buy[data-address]")?.dataset.address;
  if (address && chose) history.replaceState(history.state, "", address);
  chose = false;
});
let chose = false;
on("htmx:beforeSwap", ({ detail }) => (chose = detail.target.id === "buy" && detail.shouldSwap));

// ---- Lists that grow. Pages far from sight keep their height, not their nodes.

const pages = $("#pages");

function grow() {
  const kept = new Map(); // list → its nodes while they are out of the page
  const far = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && kept.has(target)) {
        target.replaceChildren(...kept.get(target));
        target.style.height = "";
        kept.delete(target);
      } else if (!isIntersecting && target.contains(document.activeElement)) {
        target.addEventListener("focusout", () => look(target), { once: true });
      } else if (!isIntersecting && !kept.has(target)) {
        target.style.height = `${target.getBoundingClientRect().height}px`;
        kept.set(target, [...target.children]);
        target.replaceChildren();
      }
    }
  }, { rootMargin: "250% 0px" });
  function look(list) {
    far.unobserve(list); // an observer speaks at once about what it is given anew
    far.observe(list);
  }
  // The address is that of the last page that reached the middle of the screen, for reload and Back.
  const seen = new IntersectionObserver(() => {
    const shown = [...pages.children].findLast((list) => list.getBoundingClientRect().top < innerHeight / 2);
    if (shown) history.replaceState(history.state, "", shown.dataset.url);
  }, { rootMargin: "-50% 0px" });
  const near = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) more(next());
  }, { rootMargin: "1400px 0px" });
  const next = () => $(".more a[rel=next]");
  let left = Math.min(Number(pages.dataset.auto), matchMedia("(max-width: 40rem)").matches ? 1 : 3);

  function watch(list, url) {
    list.dataset.url = url;
    far.observe(list);
    seen.observe(list);
  }

  function watchEnd() {
    near.disconnect();
    if (left > 0 && next()) near.observe($(".more"));
  }

  async function more(link, focus = false) {
    if (!link || link.hasAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    near.disconnect();
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const list = $("#pages ul", page);
      pages.append(list);
      $(".more").replaceWith($(".more", page));
      watch(list, link.href);
      htmx.process(list);
      if (focus) $("a", list).focus({ preventScroll: true });
      left -= 1;
      watchEnd();
    } catch {
      link.removeAttribute("aria-busy");
      link.textContent = words.again;
    }
  }

  $$("ul", pages).forEach((list) => watch(list, location.href));
  on("click", (event) => {
    const link = event.target.closest(".more a[rel=next]");
    if (!link || !plainClick(event)) return;
    event.preventDefault();
    more(link, event.detail === 0); // from the keyboard the focus goes to the first new piece
  });
  watchEnd();
}

if (pages) grow();

document.documentElement.dataset.scripts = "on"; // js/start.js looks whether all this has run
