// Reads `.env.example`: settings stand as `#NAME=default` or `NAME=value`, with their description in the comment lines above.

/** All settings of the file in order: `{ name, value, comment }`. */
export function parseEnvExample(text) {
  const settings = [];
  let comment = [];
  for (const line of text.split('\n')) {
    const setting = /^#?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
    if (setting) {
      settings.push({ name: setting[1], value: setting[2], comment: comment.join(' ') });
    } else if (line.startsWith('# ')) {
      // A description that follows a setting opens a new one; settings right below one another share theirs.
      if (settings.length > 0 && settings.at(-1).comment === comment.join(' ')) comment = [];
      comment.push(line.slice(2).trim());
    } else {
      comment = [];
    }
  }
  return settings;
}
