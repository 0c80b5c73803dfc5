// The pages of `Access`: fields that depend on others, the search for connectors, what is shown once.

// <div data-when="name=value"> is there while the field of that name has the value.
function show() {
  for (const box of document.querySelectorAll("[data-when]")) {
    const [name, value] = box.dataset.when.split("=");
    box.hidden = new FormData(box.closest("form")).get(name) !== value;
  }
}
show();
document.addEventListener("change", show);

// What is chosen stays above what is found, and is not offered twice.
document.addEventListener("change", ({ target }) => {
  if (!target.checked || !target.closest("#picker-found")) return;
  document.getElementById("picker-chosen").append(target.closest("li"));
  target.focus();
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "picker-found") return;
  const chosen = new Set([...document.querySelectorAll("#picker-chosen input")].map((each) => each.value));
  for (const input of target.querySelectorAll("input")) if (chosen.has(input.value)) input.closest("li").remove();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && "picker" in (event.target.dataset ?? {})) event.preventDefault();
});

// Loading the page again would make another one: after this page the address is the list's.
const shown = document.querySelector("[data-leaves-for]");
if (shown) history.replaceState(null, "", shown.dataset.leavesFor);
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-shown-once]")) event.target.select();
});
