// Short notices in the corner. Good news goes away by itself; what went wrong stays until it is dismissed.
const SECONDS = 6;

const place = () => document.getElementById("toasts");

/** Show a notice; `tone` is good, bad or plain. */
export function toast(text, tone = "plain") {
  const box = document.createElement("div");
  box.className = `toast toast-${tone}`;
  const words = document.createElement("p");
  words.textContent = text;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "icon-button", textContent: "×" });
  button.dataset.dismiss = "";
  button.setAttribute("aria-label", "Dismiss");
  box.append(words, button);
  place().append(box);
}

function expire(box) {
  if (!box.matches?.(".toast-good, .toast-plain")) return;
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : box.remove());
  setTimeout(leave, SECONDS * 1000);
}

for (const box of place().children) expire(box);
new MutationObserver((changes) => {
  for (const change of changes) change.addedNodes.forEach(expire);
}).observe(place(), { childList: true });
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast")?.remove());
document.addEventListener("studio:toast", (event) => toast(event.detail.text, event.detail.tone));
