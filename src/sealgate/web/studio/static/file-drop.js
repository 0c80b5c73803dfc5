// A file that is chosen or dropped on [data-file-drop="id"] becomes the text of that textarea.
async function read(box, file) {
  const field = document.getElementById(box.dataset.fileDrop);
  field.value = await file.text();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  box.querySelector("[data-file-name]").textContent = `${file.name}, ${file.size.toLocaleString("en")} bytes`;
}

for (const box of document.querySelectorAll("[data-file-drop]")) {
  box.hidden = false;
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.dataset.over = "";
  });
  box.addEventListener("dragleave", () => delete box.dataset.over);
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    delete box.dataset.over;
    if (event.dataTransfer.files.length) read(box, event.dataTransfer.files[0]);
  });
  box.querySelector("input").addEventListener("change", (event) => {
    if (event.target.files.length) read(box, event.target.files[0]);
  });
}
