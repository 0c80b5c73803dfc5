// The ways to a first connector: files that are dropped or chosen, operations that are searched and ticked.
import "./findings.js";
import { toast } from "./toasts.js";

const MOST_BYTES = 6 * 1024 * 1024;

async function read(file, id) {
  if (file.size > MOST_BYTES) return toast(`${file.name} is too large: ${Math.round(file.size / 1048576)} MiB`, "bad");
  const field = document.getElementById(id);
  const target = field.closest("code-editor")?.view ? field.closest("code-editor") : field;
  target.value = await file.text();
  if (target === field) field.dispatchEvent(new Event("input", { bubbles: true }));
  toast(`${file.name} is read`, "plain");
}

for (const box of document.querySelectorAll("[data-drop]")) {
  box.hidden = false;
  box.querySelector("[data-file]").addEventListener("change", (event) => {
    if (event.target.files[0]) read(event.target.files[0], box.dataset.drop);
    event.target.value = ""; // so that the same file can be chosen again
    event.stopPropagation();
  });
  // The whole panel takes a file: who misses the box by a little would else leave the page.
  const panel = box.closest(".panel");
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    box.classList.toggle("over", event.type === "dragover");
  };
  panel.addEventListener("dragover", over);
  panel.addEventListener("dragleave", over);
  panel.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0], box.dataset.drop);
  }, true);
}

// A preview waits until one stops typing; when the form was sent meanwhile, it must not cover the answer.
const sent = new WeakSet();
document.addEventListener("input", (event) => event.target.form && sent.delete(event.target.form));
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.matches("form")) sent.add(elt);
  if (elt.dataset.previewOf && sent.has(document.getElementById(elt.dataset.previewOf))) event.preventDefault();
});

function shown(picks) {
  return [...picks.querySelectorAll("[data-pick]")].filter((pick) => !pick.hidden);
}

function refresh(picks) {
  const words = picks.querySelector("[data-picks-search]").value.toLowerCase().split(/\s+/);
  for (const pick of picks.querySelectorAll("[data-pick]")) {
    pick.hidden = !words.every((word) => pick.dataset.pick.includes(word));
  }
  for (const group of picks.querySelectorAll("[data-picks-group]")) {
    group.hidden = !group.querySelector("[data-pick]:not([hidden])");
  }
  const boxes = shown(picks).map((pick) => pick.querySelector("input"));
  const all = boxes.length > 0 && boxes.every((box) => box.checked);
  picks.querySelector("[data-picks-all]").textContent = all ? "Untick all that are shown" : "Tick all that are shown";
  const ticked = picks.querySelectorAll(":checked").length;
  picks.querySelector("[data-picks-count]").textContent = `${boxes.length} shown, ${ticked} picked`;
}

function prepare() {
  for (const picks of document.querySelectorAll("[data-picks]:not([data-ready])")) {
    picks.dataset.ready = "";
    picks.querySelector("[data-picks-tools]").hidden = false;
    picks.addEventListener("input", () => refresh(picks));
    picks.querySelector("[data-picks-search]").addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it is a filter, not the form's end
    });
    picks.querySelector("[data-picks-all]").addEventListener("click", () => {
      const boxes = shown(picks).map((pick) => pick.querySelector("input"));
      const all = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !all;
      refresh(picks);
    });
    refresh(picks);
  }
}

prepare();
document.addEventListener("htmx:afterSettle", prepare);
