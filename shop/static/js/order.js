// Rows that staff drag into an order; the buttons beside each row do the same without a mouse.

const row = (target) => target.closest?.("[data-sortable] > *");
let dragged;

document.querySelectorAll("[data-sortable] > *").forEach((each) => (each.draggable = true));
addEventListener("dragstart", (event) => {
  dragged = row(event.target);
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
addEventListener("dragover", (event) => {
  const over = dragged && row(event.target);
  if (!over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over !== dragged) over[event.clientY < top + height / 2 ? "before" : "after"](dragged);
});
addEventListener("drop", (event) => dragged && event.preventDefault());
addEventListener("dragend", () => {
  dragged?.querySelector("input")?.dispatchEvent(new Event("input", { bubbles: true }));
  dragged = undefined;
});
