// Jest transform for files that are imported as text (Lua scripts, pages), as the bundler's `text` loader does it.
module.exports = { process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }) };
