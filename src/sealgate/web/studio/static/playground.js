// The playground: examples go into it, the reference shows what the field has, a link carries it all after the
// `#`, which browsers keep to themselves.
import "./findings.js";
import { toast } from "./toasts.js";

const form = document.getElementById("play");
const field = form.elements.field;
const NAMES = ["field", "template", "sample"];
const search = document.getElementById("f-find");
const share = document.querySelector("[data-share]");

function put(name, text) {
  const element = form.elements[name];
  const editor = element.closest("code-editor");
  if (editor?.view) editor.value = text;
  else {
    element.value = text;
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const entry of document.querySelectorAll("[data-entry]")) {
    const has = entry.dataset.fields.split(" ").includes(field.value);
    entry.hidden = !has || !words.every((word) => entry.dataset.entry.includes(word));
    count += entry.hidden ? 0 : 1;
  }
  const label = field.selectedOptions[0].textContent;
  document.querySelector("[data-reference-count]").textContent = `${count} in the field “${label}”`;
  document.querySelector("[data-reference-none]").hidden = count > 0;
}

function encode(text) {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function decode(text) {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}

async function open() {
  if (!location.hash.startsWith("#p=")) return;
  try {
    const shared = JSON.parse(decode(decodeURIComponent(location.hash.slice(3))));
    await customElements.whenDefined("code-editor");
    for (const name of NAMES) if (typeof shared[name] === "string") put(name, shared[name]);
    filter();
  } catch {
    toast("The link is cut off: ask for it once more.", "bad");
  }
}

document.querySelector("[data-reference-tools]").hidden = false;
search.addEventListener("input", filter);
field.addEventListener("change", filter);
document.querySelector("[data-reference]").addEventListener("click", (event) => {
  const link = event.target.closest("[data-try]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  put("template", link.dataset.try);
  form.scrollIntoView({ block: "nearest" });
});
share.hidden = false;
share.addEventListener("click", async () => {
  const content = Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value]));
  const link = `${location.origin}${location.pathname}#p=${encodeURIComponent(encode(JSON.stringify(content)))}`;
  history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link);
    toast("The link is copied. It holds the template and the sample; Studio stores neither.", "plain");
  } catch {
    toast("The link is in the address bar: copy it there.", "plain");
  }
});
filter();
open();
