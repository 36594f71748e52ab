// The habits of staff pages: keys, a palette, ranges of ticks, a word before what was typed is lost.
// Everything works without this file. Keys stand at /admin/keys, from where dialogs are filled, too.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handler, capture = false) => document.addEventListener(type, handler, capture);
const words = document.body.dataset;
const isMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);
const isShown = (element) => element.checkVisibility();
const said = $("#said"); // in the page from the start, so that what changes in it is read out

// ---- What was typed and not sent. Forms of one button with nothing typed never ask.

const EDITORS = "main form[method=post]:is([data-dirty], :has([name$=version]), :has(textarea))";
let leaving; // the form that is being sent

function isChanged(control) {
  if (!control.name || control.disabled || control.type === "hidden") return false;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.type === "file") return control.files.length > 0;
  if (control.type === "select-one") {
    const first = [...control.options].findIndex((option) => option.defaultSelected);
    return control.selectedIndex !== Math.max(first, 0);
  }
  return "defaultValue" in control && control.value !== control.defaultValue;
}

// What came back with something wrong is not saved either.
const isUnsaved = (form) => form !== leaving && (!!$("[aria-invalid=true]", form) || [...form.elements].some(isChanged));

function showUnsaved(form) {
  const note = form && $("[data-dirty-note]", form);
  if (note) note.hidden = !isUnsaved(form);
}

on("input", ({ target }) => showUnsaved(target.form));
on("change", ({ target }) => showUnsaved(target.form));
on("reset", ({ target }) => setTimeout(() => showUnsaved(target)));
$$(EDITORS).forEach(showUnsaved);
on("submit", (event) => setTimeout(() => {
  const stays = event.defaultPrevented || event.submitter?.formTarget; // a preview beside it
  if (!stays) leaving = event.target;
}));
addEventListener("pageshow", (event) => event.persisted && (leaving = undefined));
addEventListener("beforeunload", (event) => $$(EDITORS).some(isUnsaved) && event.preventDefault());

// ---- Shift and a click tick all between two boxes of a list; how many are ticked is said.

const boxesOf = (box) => $$(`input[type=checkbox][name="${box.name}"]`, box.closest("tbody"));
let lastBox;

function sayTicked(box) {
  const number = boxesOf(box).filter((one) => one.checked).length;
  said.textContent = number === 1 ? words.ticked : words.tickedMany.replace("0", number);
}

on("mousedown", (event) => event.shiftKey && event.target.closest("tbody label, tbody [type=checkbox]") && event.preventDefault());
on("click", (event) => {
  const box = event.target;
  if (!box.matches?.("tbody input[type=checkbox]")) return;
  const all = boxesOf(box);
  const ends = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && ends[0] >= 0) {
    for (const one of all.slice(ends[0], ends[1] + 1)) {
      if (one.disabled || one.checked === box.checked) continue;
      one.checked = box.checked;
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  lastBox = box;
  sayTicked(box);
});

// ---- Dialogs that the page of keys fills when they are first opened.

let known; // the page of keys, once it was asked for
const keysPage = () =>
  (known ??= fetch("/admin/keys")
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
    .then((text) => new DOMParser().parseFromString(text, "text/html"))
    .catch(() => (known = undefined)));

async function showHelp() {
  const dialog = $("#keys");
  const body = $("[data-body]", dialog);
  if (!body.childElementCount) {
    const page = await keysPage();
    if (!page) return location.assign("/admin/keys");
    body.replaceChildren(document.importNode($("#shortcuts", page), true));
  }
  if (!$("dialog[open]")) dialog.showModal();
}

// ---- The palette: go to a desk, do what a page offers, or find what was typed.

const palette = $("#palette");
const typed = $("input", palette);
const list = $("[role=listbox]", palette);
let commands = [];
let active = 0;

const labelOf = (element) => (element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent).trim();

async function showPalette() {
  if (palette.open) return palette.close();
  if ($("dialog[open]")) return;
  typed.value = "";
  const here = $$("[data-key]").filter(isShown);
  palette.showModal();
  const page = await keysPage();
  const there = $$(page ? "#commands a" : ".side a[href]", page ?? document);
  commands = [
    ...here.map((element) => ({ name: labelOf(element), key: element.dataset.key, run: () => press(element) })),
    ...there.map((link) => ({ name: link.textContent.trim(), url: link.getAttribute("href"), key: link.dataset.keys })),
  ];
  fillPalette();
}

function found() {
  const wanted = typed.value.trim();
  const parts = wanted.toLowerCase().split(/\s+/);
  const fitting = commands.filter(({ name }) => parts.every((part) => name.toLowerCase().includes(part)));
  if (!wanted) return fitting;
  return [...fitting, { name: words.find.replace("…", wanted), url: `/admin/find?q=${encodeURIComponent(wanted)}` }];
}

function fillPalette() {
  const options = found().map((command, index) => {
    const option = document.createElement("li");
    Object.assign(option, { id: `command-${index}`, textContent: command.name });
    option.setAttribute("role", "option");
    if (command.key && "keys" in words) option.append(Object.assign(document.createElement("kbd"), { textContent: command.key }));
    option.addEventListener("click", () => run(command));
    return option;
  });
  list.replaceChildren(...options);
  mark(0);
}

function mark(index) {
  const options = [...list.children];
  active = (index + options.length) % (options.length || 1);
  options.forEach((option, place) => option.setAttribute("aria-selected", place === active));
  typed.setAttribute("aria-activedescendant", options[active]?.id ?? "");
  options[active]?.scrollIntoView({ block: "nearest" });
}

function run(command) {
  palette.close();
  if (command?.url) location.assign(command.url);
  else command?.run();
}

typed?.addEventListener("input", fillPalette);
typed?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(active + (event.key === "ArrowDown" ? 1 : -1));
  else if (event.key === "Enter") run(found()[active]);
  else return;
  event.preventDefault();
});

// ---- Keys. Single ones never in a field, never with another key held, never once they are off.

const isField = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=image])");

function press(element) {
  if (!element) return false;
  if (isField(element)) {
    element.focus();
    element.select?.();
  } else element.click();
  return true;
}

const offered = (key) => $$(`[data-key="${key}"]`).find(isShown);
const rows = () => $$("main table.tbl tbody tr").filter((row) => isShown(row) && $("a[href], [type=checkbox]", row));
let lastRow;
const rowHere = () => document.activeElement?.closest("main table.tbl tbody tr") ?? (lastRow?.isConnected ? lastRow : undefined);

function step(by) {
  const all = rows();
  const here = all.indexOf(rowHere());
  lastRow = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  if (!lastRow) return false;
  ($("a[href]", lastRow) ?? $("[type=checkbox]", lastRow)).focus();
  lastRow.scrollIntoView({ block: "nearest" });
  return true;
}

function tick() {
  const box = rowHere() && $("[type=checkbox]:not(:disabled)", rowHere());
  box?.click();
  return !!box;
}

function send() {
  const box = rowHere() && $("[type=checkbox]", rowHere());
  if (offered("f") && box && !boxesOf(box).some((one) => one.checked)) box.click();
  return press(offered("f"));
}

let going = 0; // until when a key means where to go: g was pressed

const SINGLE = {
  "/": () => press($("#find")),
  "?": () => (showHelp(), true),
  g: () => (going = Date.now() + 1500),
  n: () => press($$("main a[href$='/new'], .top a[href$='/new']").find(isShown)),
  j: () => step(1),
  k: () => step(-1),
  x: tick,
  f: send,
  r: () => press(offered("r")),
};

const buttonOf = (form) => $(".savebar button:not([type=button], [name])", form) ?? $("button:not([type=button], [name])", form) ?? $("button:not([type=button])", form);

function save(form) {
  if (form?.method !== "post") return false;
  form.requestSubmit(buttonOf(form));
  return true;
}

on("keydown", (event) => {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  if (isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) {
    const mine = target.closest("form");
    const done =
      (key === "k" && !event.shiftKey && (showPalette(), true)) ||
      (key === "Enter" && save(mine)) ||
      (key === "s" && !event.shiftKey && (save(mine?.matches(EDITORS) ? mine : null) || save($(EDITORS))));
    if (done) event.preventDefault();
    return;
  }
  if (event.metaKey || event.ctrlKey || !("keys" in words) || $("dialog[open]")) return;
  if (isField(target)) return key === "Escape" && target.blur(); // from where single keys act again
  if (key === "Enter" && target.matches("tbody [type=checkbox]")) {
    event.preventDefault(); // it would send the form around the list
    return press($("a[href]", target.closest("tr")));
  }
  const desk = going > Date.now() && $(`[data-go="${CSS.escape(key)}"]`);
  going = 0;
  if (event.repeat && key !== "j" && key !== "k") return; // one press is one deed
  if (desk ? press(desk) : Object.hasOwn(SINGLE, key) && SINGLE[key]()) event.preventDefault();
});

on("click", (event) => {
  const link = event.target.closest("a[data-keys-help]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  showHelp();
});
