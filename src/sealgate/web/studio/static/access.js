// The pages of `Access`: fields that depend on others, the filter of the connectors, what is shown once.

// <div data-when="name=value"> is there while the field of that name has the value.
function show() {
  for (const box of document.querySelectorAll("[data-when]")) {
    const [name, value] = box.dataset.when.split("=");
    box.hidden = new FormData(box.closest("form")).get(name) !== value;
  }
}
show();
document.addEventListener("change", show);

// <input data-filters="id"> leaves those items of a list that have its words, and those that are chosen.
document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset?.filters);
  if (!list) return;
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const item of list.children) {
    const text = item.textContent.toLowerCase();
    item.hidden = !item.querySelector(":checked") && !words.every((word) => text.includes(word));
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.dataset?.filters) event.preventDefault();
});

// Loading the page again would make another one: after this page the address is the list's.
const shown = document.querySelector("[data-leaves-for]");
if (shown) history.replaceState(null, "", shown.dataset.leavesFor);
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-shown-once]")) event.target.select();
});
