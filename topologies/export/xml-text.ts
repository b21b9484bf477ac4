/** Text within XML: what would be markup is written as references, and what XML 1.0 has no character for (section 2.2) as U+FFFD. */

const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Between tags. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>]/g, (character) => REFERENCES[character]!)
    .replaceAll('\r', '&#13;');
}

/** Within double quotes, where a parser makes a space of every white space that is not a reference. */
export function escapeXmlAttribute(text: string): string {
  return escapeXml(text)
    .replaceAll('"', '&quot;')
    .replace(/[\t\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
