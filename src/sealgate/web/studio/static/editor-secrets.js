// Secrets beside the fields that they are for: picked by name, or created in a dialog that forgets the value.
import { toast } from "./toasts.js";

let asked = null;

function show(root) {
  for (const picker of root.querySelectorAll(".secret-picker[hidden]")) picker.hidden = false;
}
show(document);
document.addEventListener("htmx:afterSettle", () => show(document));

/** Put the look-up at the cursor, or in the place of what is there when that is no template. */
function insert(field, name) {
  const lookup = `{{ get_secret('${name}') }}`;
  if (/^\s*(?:Bearer|Basic|Token)\s+$/i.test(field.value)) field.value += lookup;
  else field.value = lookup;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("change", ({ target }) => {
  if (!target.dataset?.picksFor || !target.value) return;
  insert(document.getElementById(target.dataset.picksFor), target.value);
  target.value = "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-new-secret]");
  if (!button) return;
  asked = button.dataset.newSecret;
  document.getElementById("new-secret").showModal();
});

document.addEventListener("htmx:afterSettle", () => {
  const made = document.querySelector("#new-secret-fields[data-secret-made]");
  if (!made) return;
  const name = made.dataset.secretMade;
  delete made.dataset.secretMade;
  document.getElementById("new-secret").close();
  for (const select of document.querySelectorAll("[data-picks-for]")) select.add(new Option(name, name));
  const field = document.getElementById(asked);
  if (field) insert(field, name);
  toast(`The secret ${name} was created`, "good");
});
document.getElementById("new-secret")?.addEventListener("close", ({ target }) => target.querySelector("form").reset());
