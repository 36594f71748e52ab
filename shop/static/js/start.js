// Runs before anything is drawn, so that nothing moves when the scripts come: until they fail to, the
// page shows what they need (.js) and hides what only pages without them need (.no-js). Where files
// are blocked, lost or not understood, the mark is taken back, or was never set.

{
  const root = document.documentElement;
  root.dataset.scripts = "coming";
  document.addEventListener("DOMContentLoaded", () => {
    if (root.dataset.scripts !== "on" || !("htmx" in window)) delete root.dataset.scripts;
  });
}
