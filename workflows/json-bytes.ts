/** How many bytes the JSON of a value takes in UTF-8, as Temporal counts it; a text's length counts less where it is not English. */
export function jsonBytes(value: object): number {
  const text = JSON.stringify(value);
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const isHalf = unit >= 0xd800 && unit <= 0xdfff; // two of them are one character of four bytes
    if (unit > 0x7f) bytes += unit > 0x7ff && !isHalf ? 2 : 1;
  }
  return bytes;
}
