// `/` searches, `g` and a letter goes to a section, `?` lists the keys.
const FOLLOWING = 1500;
let going = 0;

const typing = (target) => {
  const element = target.shadowRoot?.activeElement ?? target;
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
};

// The list has what this page has: its search, and the elements that say their keys (aria-keyshortcuts).
function listKeys(dialog) {
  dialog.querySelector("[data-search-key]").hidden = !document.querySelector("[data-search]");
  for (const row of dialog.querySelectorAll("[data-of-page]")) row.remove();
  for (const element of document.querySelectorAll("[aria-keyshortcuts]")) {
    const [row, keys, words] = ["div", "dt", "dd"].map((name) => document.createElement(name));
    for (const key of element.getAttribute("aria-keyshortcuts").split(" ")[0].split("+")) {
      const cap = document.createElement("kbd");
      cap.textContent = key === "Control" ? "Ctrl" : key;
      keys.append(cap, " ");
    }
    words.textContent = element.innerText.trim();
    row.dataset.ofPage = "";
    row.append(keys, words);
    dialog.querySelector("dl").prepend(row);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "?") {
    const dialog = document.getElementById("shortcuts");
    if (dialog) listKeys(dialog);
    dialog?.showModal();
  } else if (event.key === "g") {
    going = Date.now();
  } else if (Date.now() - going < FOLLOWING) {
    going = 0;
    document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
  }
});
