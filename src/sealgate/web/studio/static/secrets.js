// What the forms of secrets and keys say while one types. A value is looked at and never kept, sent or copied.

// -- the value: masked until it is asked for, and a word about what is easily overlooked ------------------
const field = (element) => element.closest("[data-value-field]");

function prepare() {
  for (const button of document.querySelectorAll("[data-unmask][hidden]")) {
    const value = field(button).querySelector("textarea");
    button.hidden = false;
    tell(button, value.classList.contains("masked"));
    note(value);
  }
  const wrong = document.querySelector("[data-secret-form] .invalid :is(input, textarea)");
  document.querySelector("#f-value")?.setAttribute("aria-invalid", String(Boolean(wrong?.closest("[data-value-field]"))));
  wrong?.focus();
  document.querySelectorAll("[data-key-form]").forEach(sizes);
}

function tell(button, masked) {
  button.textContent = masked ? "Show" : "Hide";
  button.setAttribute("aria-pressed", String(!masked));
}

function note(value) {
  const text = value.value.replace(/\n$/, "");
  const words = [];
  if (text !== value.value) words.push("The line end after the value is left out.");
  if (text && text !== text.trim()) words.push("There is a blank or a line end at its start or its end: is it a part of the value?");
  field(value).querySelector("[role=status]").textContent = words.join(" ");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unmask]");
  if (!button) return;
  const value = field(button).querySelector("textarea");
  tell(button, value.classList.toggle("masked"));
  value.focus();
});
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-value-field] textarea")) note(event.target);
});

// -- the size of a key: RSA has one to choose -------------------------------------------------------------
function sizes(form) {
  const rsa = /^[RP]S/.test(form.elements.algorithm.value);
  form.elements.bits.disabled = !rsa;
  form.elements.bits.closest(".field").hidden = !rsa;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-key-form]");
  if (form) sizes(form);
});

prepare();
document.addEventListener("htmx:afterSettle", prepare);
