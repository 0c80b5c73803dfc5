// `/` searches, `g` and a letter goes to a section, `?` lists the shortcuts.
const FOLLOWING = 1500;
let going = 0;

const typing = (target) => {
  const element = target.shadowRoot?.activeElement ?? target;
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
};

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
    document.getElementById("shortcuts")?.showModal();
  } else if (event.key === "g") {
    going = Date.now();
  } else if (Date.now() - going < FOLLOWING) {
    going = 0;
    document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
  }
});
