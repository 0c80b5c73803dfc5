// Rows of a form that one adds and removes (macro forms.rows). Changes are told as `input` events.
let index = 1000;

const tell = (list) => list.dispatchEvent(new Event("input", { bubbles: true }));

function add(set) {
  const list = set.querySelector("[data-row-list]");
  const copy = set.querySelector(":scope > template").content.cloneNode(true);
  index += 1;
  for (const element of copy.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.value.includes("__index__")) attribute.value = attribute.value.replaceAll("__index__", index);
    }
  }
  list.append(copy);
  list.lastElementChild.querySelector("input, select, textarea").focus();
  tell(list);
}

function remove(row) {
  const list = row.parentElement;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("input") ?? list.closest("[data-rows]").querySelector("[data-add-row]")).focus();
  tell(list);
}

document.addEventListener("click", (event) => {
  const adds = event.target.closest("[data-add-row]");
  if (adds) add(adds.closest("[data-rows]"));
  const removes = event.target.closest("[data-remove-row]");
  if (removes) remove(removes.closest("[data-row]"));
});
