// Where in a JSON text a path such as `connectors.0.headers.1.key` stands.
const BLANK = /\s*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const PLAIN = /[^\s,[\]{}:"]+/y;

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  next() {
    this.take(BLANK);
    return this.text[this.at];
  }

  /** Calls `enter(name)` before each member's value, which then reads the value and may say `true`: enough. */
  members(enter) {
    const isObject = this.text[this.at++] === "{";
    for (let index = 0; this.at < this.text.length; index += 1) {
      if ("]}".includes(this.next() ?? "]")) return void (this.at += 1);
      let name = String(index);
      if (isObject) {
        const word = this.take(STRING);
        if (!word || this.next() !== ":") return void (this.at = this.text.length);
        this.at += 1;
        name = JSON.parse(word);
      }
      this.next();
      if (enter(name)) return;
      if (this.next() === ",") this.at += 1;
    }
  }

  skip() {
    const first = this.next();
    if (first === "{" || first === "[") this.members(() => this.skip());
    else if (!this.take(first === '"' ? STRING : PLAIN)) this.at = this.text.length;
  }
}

/** The offset of the value at the path, or of the last value on the way to it that is there. */
export function placeOf(text, path) {
  const reader = new Reader(text);
  let place = 0;
  let rest = path;
  for (;;) {
    const first = reader.next();
    place = reader.at;
    if (!rest || (first !== "{" && first !== "[")) return place;
    let found = false;
    reader.members((name) => {
      if (rest === name || rest.startsWith(`${name}.`)) {
        rest = rest.slice(name.length + 1);
        return (found = true);
      }
      reader.skip();
      return false;
    });
    if (!found) return place;
  }
}
