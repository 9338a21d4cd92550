const STOP_EVENT = Buffer.from('event: message_stop');
const STOP_DATA = Buffer.from('data: {"type":"message_stop"');
const STOP_NAME = Buffer.from('message_stop');
const NEW_LINE = 0x0a;
const EMPTY = Buffer.alloc(0);

/**
 * Lets the whole events of Anthropic's stream through but the last, `message_stop`, which says nothing by itself: the costs, known only then,
 * go with it.
 */
export function createStopTail() {
  let isStopped = false;
  return {
    /** Whole events; gives back what is to be sent of them, untouched. */
    push(bytes: Buffer): Buffer {
      if (isStopped) return EMPTY;
      if (!bytes.includes(STOP_NAME)) return bytes;
      const at = lineStart(bytes, STOP_EVENT) ?? lineStart(bytes, STOP_DATA);
      if (at === undefined) return bytes;
      isStopped = true;
      return bytes.subarray(0, at);
    },
    get isStopped() {
      return isStopped;
    },
  };
}

/** Where a line begins with these bytes. Within JSON no line begins: its line ends are escaped. */
function lineStart(bytes: Buffer, line: Buffer): number | undefined {
  for (let at = bytes.indexOf(line); at >= 0; at = bytes.indexOf(line, at + 1)) {
    if (at === 0 || bytes[at - 1] === NEW_LINE) return at;
  }
  return undefined;
}
