import { setFlagsFromString } from 'node:v8';
import { restoreFastStrings } from './fast-strings';
import './redis';

/** Whether V8 has the methods of strings where it finds them without looking them up. */
function hasFastStrings(): boolean {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return globalThis.eval('%HasFastProperties(String.prototype)') === true;
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

describe('the methods of strings', () => {
  it('are slow once the Redis client was loaded, and fast again afterwards', () => {
    expect(hasFastStrings()).toBe(false);
    restoreFastStrings();
    expect(hasFastStrings()).toBe(true);
  });

  it('stay fast with another class that extends String', () => {
    restoreFastStrings();
    class Other extends String {}
    expect(new Other('a').charCodeAt(0)).toBe(97);
    expect(hasFastStrings()).toBe(true);
  });
});
